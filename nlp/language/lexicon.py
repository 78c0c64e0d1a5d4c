"""The first finder of sentence labels: word patterns of a short data file (`data/lexicon.toml`), each compiled to one regular expression.

It is modest and says so by its certainties. Whatever sets `doc._.labels` in its place changes no check.

A sentence is read as a row of words, spaCy's NORMs: "won't" is `will not`, "I’ll" is `i will`, a mark of punctuation is a word; a person's
name, however long, is the one word `NAME`. A pattern is a row of items parted by blanks:

- `word`, `this|that`, `so_be_it` (three words in a row), `{list}` (a list of the file); with `?` at its end where it may be missing;
- `..` up to four words and `...` up to fifteen, none of which denies ("not", "never", "no") or ends a clause (";", ":", "?");
- `!word`: what follows is not this;
- `<` and `>`: what stands between them is marked, where a group marks the match and not the sentence;
- `^` and `$`: the sentence's first and last word, punctuation aside.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from nlp.language import LABELS, Context, Label

DATA = Path(__file__).parent / "data" / "lexicon.toml"
EVERYBODY = ("sensitive",)  # labels that are read in quoted text too; the others judge the author's own words alone
ANY = r"(?!(?:not|never|no|nor|;|:|\?) )[^ ]+ "
GAPS = {"..": f"(?:{ANY}){{0,4}}?", "...": f"(?:{ANY}){{0,15}}?"}
OPTIONAL = re.compile(r"[^|]\?$")  # "for|?" ends in a question mark that is a word
NAME = "NAME"  # norms are in lower case, so this is nobody's
SHOUTED = re.compile(r"\b[A-Z][A-Z']{1,20}(?:[ ,]+[A-Z][A-Z']{1,20}){4}(?:[ ,]+[A-Z][A-Z']{1,20})*+\b")

PERSONAL = re.compile(r"\b(?:ME|MY|NEVER|WHY|STOP|ENOUGH)\b")


def compile_pattern(pattern: str, lists: dict[str, list[str]]) -> tuple[re.Pattern[str], tuple[frozenset[str], ...]]:
    """Turn a pattern of the lexicon into a regular expression over a row of words (a blank before and after each).

    Also gives, for each item that must be there, the words of which one must be in the sentence.
    Raises `KeyError` for a list that is not there, `ValueError` for a pattern of which no word must be there.
    """
    lead, written, needs = r"(?<= )", [], []
    for item in pattern.split():
        if item == "^":
            lead = r"^ (?:[^\w ]+ )*+"
        elif item == "$":
            written.append(r"(?=(?:[^\w ]+ )*+$)")
        elif item in "<>":
            written.append("(" if item == "<" else ")")
        elif item in GAPS:
            written.append(GAPS[item])
        else:
            sign = "!" if item[0] == "!" and len(item) > 1 else "?" if OPTIONAL.search(item) else ""
            bare = item.removeprefix("!") if sign == "!" else item.removesuffix(sign)
            words = [w for part in bare.split("|") for w in (lists[part[1:-1]] if part[0] == "{" else [part.replace("_", " ")])]
            choice = "(?:" + "|".join(map(re.escape, words)) + ") "
            written.append({"!": f"(?!{choice})", "?": f"(?:{choice})?", "": choice}[sign])
            if not sign:
                needs.append(frozenset(w.split()[0] for w in words))
    if not needs:
        raise ValueError(f"{DATA.name}: {pattern!r} has no word that must be there")
    body = "".join(written)
    return re.compile(lead + (body if "<" in pattern else f"({body})")), tuple(needs)


@dataclass(frozen=True, slots=True)
class _Group:
    """Patterns that say the same thing. `somebody`: they count only where the sentence speaks of a person."""

    label: str
    certainty: float
    whole: bool  # the label marks the sentence, not just the matched words
    somebody: bool
    unless: tuple[re.Pattern[str], ...]  # what is a reason to leave the sentence alone


@dataclass(frozen=True, slots=True)
class _Rule:
    group: _Group
    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]


class LexiconLabels:
    """spaCy component: sets `doc._.labels` from the patterns of the lexicon."""

    def __init__(self, data: dict[str, Any]) -> None:
        data = dict(data)
        lists = data.pop("lists")
        self.people = frozenset((*lists["one"], *lists["family"], NAME))
        self.rules: dict[str, list[_Rule]] = {}  # by the words of each pattern's most telling item
        for label, groups in data.items():
            if label not in LABELS:
                raise ValueError(f"{DATA.name}: no such label: {label}")
            for group in groups:
                unless = tuple(compile_pattern(written, lists)[0] for written in group.get("unless", ()))
                whole, somebody = group.get("span", "sentence") == "sentence", group.get("of") == "somebody"
                made = _Group(label, group["certainty"], whole, somebody, unless)
                for written in group["patterns"]:
                    rule = _Rule(made, *compile_pattern(written, lists))
                    for word in min(rule.needs, key=len):
                        self.rules.setdefault(word, []).append(rule)

    def __call__(self, doc: Doc) -> Doc:
        context: Context = doc._.context
        names = {i: entity.start for entity in doc.ents if entity.label_ == "PERSON" for i in range(entity.start, entity.end)}
        own = sorted(context.own)  # a hostile thread may have as many zones as sentences
        found: dict[tuple[str, int, int], Label] = {}
        for sentence in doc.sents:
            zone = bisect_right(own, sentence.start_char, key=itemgetter(0)) - 1
            mine = zone >= 0 and sentence.start_char < own[zone][1]
            for label in self._read(sentence, mine, names):
                key = (label.name, label.start, label.end)
                if key not in found or found[key].certainty < label.certainty:
                    found[key] = label
        doc._.labels = tuple(sorted(found.values(), key=lambda label: (label.start, label.end)))
        return doc

    def _read(self, sentence: Span, mine: bool, names: dict[int, int]) -> Iterator[Label]:
        words, places, at = [], [], {}
        length = 1
        for token in sentence:
            if token.is_space or names.get(token.i, token.i) != token.i:
                continue  # white space, and what follows the first word of a name
            word = NAME if token.i in names else token.norm_.replace(" ", "_")
            at[length] = len(words)  # where in the row the word begins
            words.append(word)
            places.append(token.i)
            length += len(word) + 1
        said = set(words)
        likely = {
            id(rule): rule
            for word in said
            for rule in self.rules.get(word, ())
            if (mine or rule.group.label in EVERYBODY) and all(not said.isdisjoint(need) for need in rule.needs)
        }
        if likely:
            row = f" {' '.join(words)} "
            excused: dict[int, bool] = {}
            for rule in likely.values():
                group = rule.group
                if group.somebody and said.isdisjoint(self.people):
                    continue
                for match in rule.pattern.finditer(row):
                    if id(group) not in excused:
                        excused[id(group)] = any(reason.search(row) for reason in group.unless)
                    if excused[id(group)]:
                        break
                    if group.whole:
                        yield _label(group, sentence)
                        break
                    first, last = at[match.start(1)], at.get(match.end(1), len(words)) - 1
                    stop = places[last] + 1
                    while stop < sentence.end and names.get(stop) == places[last]:
                        stop += 1  # to the last word of a name
                    yield _label(group, sentence.doc[places[first] : stop])
        if mine and (shouted := _shouting(sentence)):
            yield shouted


def _label(group: _Group, span: Span) -> Label:
    said = span.text
    lead, tail = len(said) - len(said.lstrip()), len(said) - len(said.rstrip())
    return Label(group.label, span.start_char + lead, span.end_char - tail, group.certainty)


def _shouting(sentence: Span) -> Label | None:
    """Five words or more in a row in capitals that speak to somebody or end in an exclamation mark; others are a heading or a notice."""
    said = sentence.text
    run = SHOUTED.search(said)
    if not run or not (PERSONAL.search(run.group()) or said[run.end() :].lstrip().startswith("!")):
        return None
    return Label("disrespect", sentence.start_char + run.start(), sentence.start_char + run.end(), 0.6)


@Language.factory("lexicon_labels", assigns=["doc._.labels"], requires=["doc.sents", "doc.ents"])
def make_lexicon_labels(nlp: Language, name: str) -> LexiconLabels:
    return LexiconLabels(tomllib.loads(DATA.read_text(encoding="utf-8")))
