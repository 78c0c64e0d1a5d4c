"""The first finder of sentence labels: word patterns of a short data file (`data/lexicon.toml`), run by spaCy's Matcher.

It is modest and says so by its certainties. Whatever sets `doc._.labels` in its place changes no check.

A pattern is a row of tokens: `word`, `this|that`, `{list}` (a list of the file), `..` (up to four tokens of any kind; `...` up to fifteen), each with `?`
where it may be missing. Words are compared by spaCy's NORM, so "won't" is `will not` and "I’ll" is `i will`. `^` at the start ties a
pattern to the beginning of its sentence, `$` at the end to its last word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span

from nlp.language import LABELS, Context, Label

DATA = Path(__file__).parent / "data" / "lexicon.toml"
EVERYBODY = ("sensitive",)  # labels that are read in quoted text too; the others judge the author's own words alone
GAPS = {"..": 4, "...": 15}
ANY = {"OP": "?", "IS_SPACE": False}


@dataclass(frozen=True, slots=True)
class _Rule:
    """One pattern of the lexicon. `needs`: for each token that must be there, the words that it may be."""

    group: int
    label: str
    certainty: float
    whole: bool  # the label marks the sentence, not just the matched words
    start: bool
    end: bool
    excuses: bool  # what it matches is a reason to leave its group alone
    somebody: bool  # only where the sentence speaks of a person
    matcher: Matcher
    needs: tuple[frozenset[str], ...]


def compile_pattern(pattern: str, lists: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Turn a row of the lexicon into token patterns for spaCy's Matcher. Raises `KeyError` for a list that is not there."""
    tokens: list[dict[str, Any]] = []
    for item in pattern.split():
        optional = item.endswith("?") and len(item) > 1
        item = item.rstrip("?") if optional else item
        if item in GAPS:
            tokens += [dict(ANY) for _ in range(GAPS[item])]
            continue
        words: list[str] = []
        for word in item.split("|"):
            words += lists[word[1:-1]] if word.startswith("{") else [word]
        tokens.append({"NORM": {"IN": words}, **({"OP": "?"} if optional else {})})
    return tokens


class LexiconLabels:
    """spaCy component: sets `doc._.labels` from the patterns of the lexicon."""

    def __init__(self, nlp: Language) -> None:
        data = tomllib.loads(DATA.read_text(encoding="utf-8"))
        lists = data.pop("lists")
        groups = [(label, group) for label, groups in data.items() for group in groups]
        self.people = frozenset(lists["person"] + lists["family"])
        self.rules: dict[str, list[_Rule]] = {}  # by the words of each pattern's most telling token
        for number, (label, group) in enumerate(groups):
            if label not in LABELS:
                raise ValueError(f"{DATA.name}: no such label: {label}")
            for written in group["patterns"]:
                self._add(nlp, number, label, group, written, lists, excuses=False)
            for written in group.get("unless", ()):
                self._add(nlp, number, label, group, written, lists, excuses=True)

    def _add(self, nlp: Language, number: int, label: str, group: dict[str, Any], written: str, lists: dict[str, list[str]], *, excuses: bool) -> None:
        tokens = compile_pattern(written.strip("^$ "), lists)
        matcher = Matcher(nlp.vocab)
        matcher.add(label, [tokens], greedy="LONGEST")
        needs = tuple(frozenset(token["NORM"]["IN"]) for token in tokens if "OP" not in token)
        if not needs:
            raise ValueError(f"{DATA.name}: {written!r} has no word that must be there")
        whole = group.get("span", "sentence") == "sentence"
        somebody = group.get("of") == "somebody" and not excuses
        start, end = written.startswith("^"), written.endswith("$")
        rule = _Rule(number, label, group["certainty"], whole, start, end, excuses, somebody, matcher, needs)
        for word in min(needs, key=len):
            self.rules.setdefault(word, []).append(rule)

    def __call__(self, doc: Doc) -> Doc:
        context: Context = doc._.context
        found: dict[tuple[str, int, int], Label] = {}
        for sentence in doc.sents:
            mine = any(start <= sentence.start_char < end for start, end in context.own)
            for label in self._read(sentence, mine):
                key = (label.name, label.start, label.end)
                if key not in found or found[key].certainty < label.certainty:
                    found[key] = label
        doc._.labels = tuple(sorted(found.values(), key=lambda label: (label.start, label.end)))
        return doc

    def _read(self, sentence: Span, mine: bool) -> Iterator[Label]:
        norms = {token.norm_ for token in sentence}
        rules = {id(rule): rule for word in norms for rule in self.rules.get(word, ()) if mine or rule.label in EVERYBODY}
        likely = [rule for rule in rules.values() if all(not norms.isdisjoint(words) for words in rule.needs)]
        if any(rule.somebody for rule in likely) and norms.isdisjoint(self.people) and not any(e.label_ == "PERSON" for e in sentence.ents):
            likely = [rule for rule in likely if not rule.somebody]
        wanted = {rule.group for rule in likely if not rule.excuses}
        excused = {rule.group for rule in likely if rule.excuses and rule.group in wanted and rule.matcher(sentence)}
        words = [t.i - sentence.start for t in sentence if not t.is_space and not t.is_punct] if wanted - excused else []
        for rule in likely:
            if rule.excuses or rule.group in excused:
                continue
            for _, start, end in rule.matcher(sentence):
                if words and ((rule.start and start > words[0]) or (rule.end and end <= words[-1])):
                    continue
                span = sentence if rule.whole else sentence[start:end]
                said = span.text
                lead, tail = len(said) - len(said.lstrip()), len(said) - len(said.rstrip())
                yield Label(rule.label, span.start_char + lead, span.end_char - tail, rule.certainty)
        if mine and (shouted := _shouting(sentence)):
            yield shouted


def _shouting(sentence: Span) -> Label | None:
    """Four words or more in a row in capitals, with an exclamation or none: shouting, in a letter (a heading stands alone on its line)."""
    run = re.search(r"(?:\b[A-Z][A-Z']+\b[ ,]+){4,}\b[A-Z][A-Z']+\b", sentence.text)
    if not run or "\n" in sentence.text[: run.start()] or run.start() == 0 and run.end() >= len(sentence.text.rstrip(" .:\n")):
        return None
    return Label("disrespect", sentence.start_char + run.start(), sentence.start_char + run.end(), 0.6)


@Language.factory("lexicon_labels", assigns=["doc._.labels"], requires=["doc.sents"])
def make_lexicon_labels(nlp: Language, name: str) -> LexiconLabels:
    return LexiconLabels(nlp)
