"""Persons' names in a letter, by rules: entities "PERSON" of a spaCy Doc, each with its PersonName in `span._.name`.

A word is worth one letter (G a given name, T a title, K a street or a body, r a relation …; see `Lexicon.kind`), so a letter of
150 words becomes a string of 150 letters, and the grammar of names is one regular expression over that string. Every
quantifier in it is bounded, so reading is linear. A trained model may later stand behind the same component.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc, Span

DATA = Path(__file__).parent / "data"
MONTHS = frozenset({"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"})  # with a full stop
PARTICLES = frozenset(
    ("van", "der", "den", "de", "di", "da", "dos", "von", "bin", "binti", "ibn", "al", "el", "ap", "ab", "la", "le", "te")
)
MODAL = frozenset({"Will", "May"})  # at the head of a sentence these ask, they do not name
WRAPPED = 50  # a line this long may have been broken by a mail program, in the middle of a name


# The lists that give a word its letter, for words that begin with a capital and for others; the first that has the word decides.
CAPITALISED = {
    "titles": "T", "ranks": "L", "greeting": "h", "sign_off": "s", "young": "y", "kin": "r", "part": "P", "saint": "Z",
    "placelike": "Q", "place": "K", "ambiguous": "A", "never": "N", "adjective": "E", "given": "G", "the": "t", "function": "N",
}  # fmt: skip
LOWER = {
    "written_small": "m", "greeting": "h", "sign_off": "s", "called": "c", "young": "y", "kin": "r", "part": "R", "lives": "v",
    "the": "t", "particles": "p", "of": "o", "and": "&", "at": "a", "matter": "x", "function": "f", "place": "k", "ambiguous": "w",
    "given": "g",
}  # fmt: skip
MARKS = {mark: mark for mark in ",:()&."} | dict.fromkeys(("'s", "’s", "'", "’"), "'") | dict.fromkeys("!?…", ".")


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a name as they were written ("" where there is none). `certainty`, 0 to 1: that these words name a person."""

    title: str = ""
    given: str = ""
    family: str = ""
    certainty: float = 0.0


class Lexicon:
    """The word lists of `data/`, and the kind of every word by them."""

    def __init__(self) -> None:
        tables = tomllib.loads((DATA / "people.toml").read_text("utf-8"))
        self.gender: dict[str, str] = tables["titles"] | tables["ranks"]
        lists = {name: frozenset(words.split()) for name, words in tables["words"].items()}
        lists |= {"titles": frozenset(tables["titles"]), "ranks": frozenset(tables["ranks"])}
        lists |= {"given": frozenset((DATA / "given-names.txt").read_text("utf-8").split())}
        lists |= {"function": frozenset(STOP_WORDS), "of": {"of"}, "and": {"and"}, "written_small": {"mr", "mrs", "ms", "mx", "cllr"}}
        self._capitalised = self._first(lists, CAPITALISED)
        self._lower = self._first(lists, LOWER)

    @staticmethod
    def _first(lists: dict[str, frozenset[str]], order: dict[str, str]) -> dict[str, str]:
        return {word: kind for name, kind in reversed(order.items()) for word in lists[name]}

    def kind(self, word: str) -> str:
        """One letter for a word, by the case of its first letter.

        With a capital: T title, L rank, I initial, J initials in one word, i "A" (initial or article), G given name, Y given
        name all in capitals, A given name that is also a word, C other word, U other word in capitals, E adjective of a people,
        Q place or surname, K street or body, Z what stands before places, N never in a name, P part in a case.
        Without: m title, g given name, p particle, c "called", R part in a case, v "lives", o "of", & "and",
        a preposition of place, k street or body, x "case", f function word, w other word.
        Either: h greeting, s sign-off, y "young", r kin, t article, d number, a mark as itself, z anything else.
        """
        if mark := MARKS.get(word):
            return mark
        bare = word.rstrip(".")
        small = bare.lower()
        letters = re.sub("['’-]", "", small)
        if bare[:1].isdigit():
            return "d"
        if not bare[:1].isupper():
            return self._lower.get(bare) or ("w" if letters.isalpha() else "z")
        if len(bare) == 1:
            return "i" if word == "A" else "N" if word == "I" else "I"
        if word != bare and small in MONTHS:
            return "N"
        if found := self._capitalised.get(small):
            if bare.isupper():
                return {"G": "Y", "A": "N"}.get(found, found)
            return "C" if found == "G" and not bare[1:].islower() else found  # NiMo is a firm, Nimo a woman
        if letters.isalpha():
            return "U" if bare.isupper() else "C"
        return "J" if re.fullmatch(r"(?:[A-Z]\.){2,3}", word) else "d" if any(c.isdigit() for c in small) else "z"


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon()


@lru_cache(maxsize=1)
def titles() -> frozenset[str]:
    """Words that stand before names, in lower case without a full stop ("mrs", "cllr")."""
    return frozenset(lexicon().gender)


# The grammar. JOIN makes double barrels; FAMILY may have particles ("van der Berg", "al-Hassan").
JOIN = "(?:-[GACUYQKEZ]){0,2}"
FAMILY = f"(?:p-?){{0,3}}[GACUY]{JOIN}"
INITIALS = "(?:i?I{1,3}|J)"
TITLE = r"(?:[TLm]\.?&?){0,3}"
LAST = "(?:(?<=[GAI])[QEZ])?"  # a surname that may be a place: after a given name only
NO_PLACE = "(?!'?-?[KQ])"
LONE = "(?<![tiUKZQd-])(?:(?<!C)|(?<=[n.]C))"  # a name alone: no piece of a longer run of capitals, and no "the Victoria"

READINGS: tuple[tuple[str, float, str], ...] = (
    # what is no person: places, bodies, what bears a saint's name
    ("place", 0, f"Z'?(?:[GACUQE]'?-?){{1,3}}[KQ]?|(?:[LGACUEQIZ]'?-?){{1,6}}K|[GA]{JOIN}'?[CU]'?Q|t(?>(?:[GACU]'?){{1,3}})(?!')[^xv]"),
    ("titled", 0.95, rf"{TITLE}[Tm]\.?(?:{INITIALS})?(?:[GACUYQKEZ]{JOIN}|{FAMILY})(?:I{{0,2}}{FAMILY}){{0,2}}{LAST}"),
    ("ranked", 0.85, rf"{TITLE}L\.?(?>(?:{INITIALS})?{FAMILY}(?:I{{0,2}}{FAMILY}){{0,2}}{LAST}){NO_PLACE}"),
    ("small", 0.7, r"(?<![td])(?:m\.?&?){1,2}(?:g(?:w(?=[,.n)o':&v]))?|w)"),
    ("full", 0.9, rf"(?>[GY]{JOIN}(?:I{{0,2}}|J)(?:{FAMILY}){{1,3}}){NO_PLACE}"),
    ("hill", 0.6, rf"(?<![dati])G{JOIN}I{{0,2}}G?[QEZ](?![KQC])"),
    ("word", 0.7, rf"(?<!t)(?>A{JOIN}I{{0,2}}(?:{FAMILY}){{1,2}}){NO_PLACE}"),
    ("capitals", 0.7, rf"(?<=[n:(.,])[UY]{JOIN},[GY]{JOIN}(?!{FAMILY})"),
    ("kin", 0.8, rf"(?:[rR]c|r)[,:]?(?P<kin_>(?>[GAC]{JOIN}I{{0,2}}(?:{FAMILY}){{0,2}}){NO_PLACE}|g)"),
    ("young", 0.7, rf"y(?P<young_>[GAg]{JOIN}){NO_PLACE}"),
    ("part", 0.75, rf"(?:R[,:]?|P:)(?P<part_>(?>[GACU]{JOIN}I{{0,2}}(?:{FAMILY}){{1,2}}){NO_PLACE})"),
    ("greeted", 0.6, rf"h(?P<greeted_>(?>[GAC]{JOIN}(?:{FAMILY}){{0,2}})(?=[,nz.])|g(?=[,nz.]))"),
    ("signed", 0.6, rf"s[,.]?n(?P<signed_>(?>[GAC]{JOIN}I{{0,2}}(?:{FAMILY}){{0,2}})(?=n))"),
    ("initials", 0.65, rf"(?<![GACUQKNEPIid-])(?>(?:(?<!n)I|i?I{{2,3}}|iI|J){FAMILY}(?:{FAMILY}){{0,2}}){NO_PLACE}"),
    ("initialled", 0.6, rf"(?<=n)(?>I{FAMILY})(?=[wv])"),
    ("lives", 0.7, r"(?P<lives_>[CA]-?[CGAU]{1,2}(?:-[CGAU])?)(?=,?oN?d|,?[wf]{0,2}v|,d,|\(d\))"),
    ("foreign", 0.7, rf"(?<![dat])C(?:p-|pp){FAMILY}{NO_PLACE}"),
    ("line", 0.5, rf"(?<=n)A(?=[,.]?n)|A(?=&G)|(?<=G&)A{NO_PLACE}"),
    ("alone", 0.6, f"{LONE}G(?:-[GAC])?(?!'?[KQ])"),
)  # fmt: skip
BEGINS = "(?=[TLIiJGYACUZPmRryhst])"  # no reading begins with another letter: most words are passed over at once
GRAMMAR = re.compile(BEGINS + "(?:" + "|".join(f"(?P<{name}>{pattern})" for name, _, pattern in READINGS) + ")")
CERTAINTY = {name: certainty for name, certainty, _ in READINGS}
AGAIN = re.compile("(?<![GACUQKZ-])[CA](?![GACUQKN-])")


def read(words: list[str], kinds: str, certainty: float) -> PersonName:
    """The parts of one name; `kinds` holds a letter for each of `words`."""
    titles = re.match(r"(?:[TLm]\.?&?)*", kinds).end()
    units: list[str] = []
    joined = False
    for word, kind in zip(words[titles:], kinds[titles:], strict=True):
        if kind == "-" or (joined and units[-1].endswith("-")):
            units[-1] += word
        elif joined:
            units[-1] += f" {word}"
        else:
            units.append(word)
        joined = kind in "-p"
    title = " ".join(words[:titles]).replace(" .", ".")
    if "," in units:  # KHAN, Aisha
        comma = units.index(",")
        return PersonName(title, " ".join(units[comma + 1 :]), " ".join(units[:comma]), certainty)
    if len(units) == 1 and (not titles or kinds[titles - 1 : titles + 1] == "LG"):
        return PersonName(title, units[0], "", certainty)
    return PersonName(title, " ".join(units[:-1]), "".join(units[-1:]), certainty)


@Language.factory("people", assigns=["doc.ents", "span._.name"])
class People:
    """Adds an entity "PERSON" for every name to `doc.ents`; what is there already stays, and a name that overlaps it is left out."""

    def __init__(self, nlp: Language, name: str = "people") -> None:
        self.lexicon = lexicon()

    def __call__(self, doc: Doc) -> Doc:
        words, at, kinds = self._kinds(doc)
        found = [(*span, read(words[slice(*span)], kinds[slice(*span)], certainty)) for span, certainty in self._matches(kinds)]
        found += self._again(words, kinds, found)
        spans = []
        for start, end, name in sorted(found, key=lambda f: f[0]):
            span = Span(doc, at[start], at[end - 1] + 1, label="PERSON")
            if not any(token.ent_type for token in span):
                span._.name = name
                spans.append(span)
        doc.set_ents(spans, default="unmodified")
        return doc

    def _kinds(self, doc: Doc) -> tuple[list[str], list[int], str]:
        """The words that count, the token each of them is, and a letter for each; a line break of the mail program's is left out."""
        known: dict[str, str] = {}
        words, at, kinds = ["\n"], [0], ["n"]
        line = 0  # where this line began
        glued = False
        for token in doc:
            text = token.text
            kind = known.get(text)
            if kind is None:
                kind = known[text] = (" " if text.strip(" \xa0") == "" else "n") if text.isspace() else self.lexicon.kind(text)
            if kind == "n":
                wrapped = text.count("\n") == 1 and token.idx - line >= WRAPPED
                line = token.idx + len(text)
                if wrapped:
                    continue
            elif kind == " ":
                continue
            elif text == "-":
                kind = "-" if glued and not token.whitespace_ else "z"
            elif text in MODAL and kinds[-1] in ".n":
                kind = "N"
            glued = not token.whitespace_
            words.append(text)
            at.append(token.i)
            kinds.append(kind)
        words.append("\n")
        at.append(len(doc))
        kinds.append("n")
        return words, at, "".join(kinds)

    @staticmethod
    def _matches(kinds: str) -> Iterator[tuple[tuple[int, int], float]]:
        for match in GRAMMAR.finditer(kinds):
            reading = match.lastgroup
            if reading != "place":
                yield match.span(f"{reading}_" if f"{reading}_" in GRAMMAR.groupindex else reading), CERTAINTY[reading]

    @staticmethod
    def _again(words: list[str], kinds: str, found: list[tuple[int, int, PersonName]]) -> Iterator[tuple[int, int, PersonName]]:
        """Bare names of people who were named in full elsewhere in the letter."""
        given = {name.given for *_, name in found if name.certainty >= 0.7 and name.given}
        family = {name.family for *_, name in found if name.certainty >= 0.7 and name.family}
        taken = bytearray(len(kinds))
        for start, end, _ in found:
            taken[start:end] = b"\1" * (end - start)
        for match in AGAIN.finditer(kinds) if given or family else ():
            at = match.start()
            word = words[at]
            if not taken[at] and (word in family or (word in given and not (kinds[at] == "A" and kinds[at - 1] in ".n"))):
                yield at, at + 1, PersonName("", "", word, 0.6) if word in family else PersonName("", word, "", 0.6)


if not Span.has_extension("name"):
    Span.set_extension("name", default=None)


def _folded(text: str) -> str:
    """Letters only, in lower case, without accents: "O’Neill-Smith" and "O'Neill Smith" are one."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ø", "o").replace("đ", "d"))
    return "".join(c for c in plain if c.isalpha())


def same_person(a: PersonName, b: PersonName) -> bool:
    """Whether two names may well be one person's. Cautious: nothing that differs, and something that agrees.

    Nicknames are not known ("Sam" is not "Samuel"), nor the gender of a given name ("Mrs Okoro" may be "Samuel Okoro").
    """
    genders = lexicon().gender
    of_a, of_b = ({g for t in n.title.lower().split() if (g := genders.get(t.strip(".")))} for n in (a, b))
    if of_a and of_b and not of_a & of_b:
        return False
    family_a, family_b = _folded(a.family), _folded(b.family)
    if family_a and family_b and family_a != family_b:
        return False
    given_a, given_b = ([p for w in re.split(r"[\s.]+", n.given) if (p := _folded(w))] for n in (a, b))
    if not given_a or not given_b:
        return bool(family_a and family_b)
    together = all(x == y or (1 in (len(x), len(y)) and x[0] == y[0]) for x, y in zip(given_a, given_b, strict=False))
    return together and (bool(family_a and family_b) or (given_a[0] == given_b[0] and len(given_a[0]) > 1))


def parse_name(display: str) -> PersonName:
    """The name in a display name of a mail header or a directory ("KHAN, Aisha (Housing)", "aisha.khan@…"); best effort.

    Certainty 0 and no parts where it names no person ("Planning Enquiries", "").
    """
    words = lexicon()
    text = " ".join(re.sub(r"(?<=\S)\s*<.*", "", display[:200]).split()).strip("'\"<> ")
    aside = " ".join(re.findall(r"[(\[]([^()\[\]]*)[)\]]", text))
    text = re.sub(r"[(\[][^()\[\]]*[)\]]?", " ", text).strip()
    address = "@" in text or (" " not in text and re.search(r"\w[._]\w\w", text) is not None)
    if address:
        text = re.sub(r"[._+\d]+", " ", text.partition("@")[0]).strip()
    text = re.split(r"\s[-–—|/:]\s|;", text)[0]
    titled = lambda word: word.lower().strip(".") in words.gender or word in ("&", "and")  # Mr & Mrs Platt
    before, _, after = (part.split() for part in text.replace("-,", ",").partition(","))
    surname_first = bool(after) and (text.partition(",")[0].isupper() or len([w for w in before if not titled(w)]) == 1)
    if surname_first and not titled(" ".join(before)):
        order = [w for w in (*after, *before) if titled(w)] + [w for w in (*after, *before) if not titled(w)]
        family_words = len([w for w in before if not titled(w)])
    else:
        order, family_words = before, 1
    titles = [w for i, w in enumerate(order) if titled(w) and all(map(titled, order[:i]))]
    names = [_cased(w) if w in (w.lower(), w.upper()) else w for w in order[len(titles) :]]
    titles += [w for w in aside.split() if titled(w)]
    kinds = "".join(map(words.kind, names))
    if not names or len(names) > 5 or any(kind in "NKfzd" for kind in kinds[:-1]) or (not titles and kinds[-1] in "NKfzd"):
        return PersonName()
    while family_words < len(names) - 1 and names[-family_words - 1].lower() in PARTICLES:
        family_words += 1
    alone = len(names) == 1 and not titles
    if alone and address and kinds not in "GA":  # info@…, planning@…
        return PersonName()
    given, family = (names, []) if alone else (names[:-family_words], names[-family_words:])
    known = any(kind in "GA" for kind in kinds[: len(given)])
    certainty = 0.5 if alone or (address and not known) else 0.95 if known else 0.85 if titles else 0.7
    return PersonName(" ".join(titles), " ".join(given), " ".join(family), certainty)


def _cased(word: str) -> str:
    """A word of a name that was written in one case only: "O'NEILL-SMITH" as "O'Neill-Smith", "mcdonald" as "Mcdonald"."""
    return word.lower() if word.lower() in PARTICLES else re.sub(r"[^\W\d_]+", lambda m: m[0].capitalize(), word)
