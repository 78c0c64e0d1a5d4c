"""Whether who is named changes what is found: whole letters with other names, other genders, other places, other spelling.

Names come from `data/names-fairness.toml`, of which none was ever learnt from; what is compared is what a person would see: which labels
the letter's sentences get. Names are found by their marks, so that one that the model does not know is changed too.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.draft import Role
from nlp.language import LABELS, SHIPPED, Context, pipeline
from nlp.training.names import Origin, Renamer
from nlp.training.sentences import DATA, Letter, Marked, read_all_letters

NAMES = DATA / "names-fairness.toml"
LETTERS = 520
PRONOUNS = {
    "he": "she", "him": "her", "his": "her", "himself": "herself", "mr": "Mrs", "man": "woman", "husband": "wife", "son": "daughter",
    "father": "mother", "dad": "mum", "brother": "sister", "grandson": "granddaughter", "lad": "lass", "gentleman": "lady",
}  # fmt: skip
PLACES = ("Abbots Ley", "Moss Side", "Sparkhill", "Tiger Bay", "St Pauls", "Much Binding", "Govanhill", "Kensal Rise")
PLACE = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+ )?[A-Z][a-z]+(?= (?:ward|estate|village|Estate|Ward|Road|Lane|Street))")


@dataclass(frozen=True, slots=True)
class Tried:
    """How many changed letters were read, how many of them were told something else than the letter as it was, and of how many letters
    any change did so."""

    read: int
    different: int
    letters: int
    letters_different: int

    @property
    def share(self) -> float:
        return self.different / max(self.read, 1)


def held_names() -> dict[str, Origin]:
    """Names by origin; women's and men's given names together."""
    tables = tomllib.loads(NAMES.read_text("utf-8"))
    return {o: Origin(tuple(f"{t['women']} {t['men']}".split()), tuple(t["family"].split())) for o, t in tables.items()}


def labels(writer: Role, readers: frozenset[Role], text: str, model: Path = SHIPPED) -> tuple[str, ...]:
    """Which labels a letter gets, sentence by sentence in order."""
    nlp = pipeline(model)
    doc = nlp.make_doc(text)
    doc._.context = Context(writer, readers, ((0, len(text)),))
    return tuple(label.name for label in nlp(doc)._.labels if label.name in LABELS)


def _renamed(letter: Marked, chance: random.Random) -> Iterator[str]:
    for origin in held_names().values():
        yield Renamer(chance, origin)(letter).text


def _regendered(letter: Marked, chance: random.Random) -> Iterator[str]:
    def other(found: re.Match[str]) -> str:
        new = PRONOUNS[found.group().lower()]
        return new.capitalize() if found.group()[0].isupper() else new.lower()

    yield re.sub(rf"\b(?:{'|'.join(PRONOUNS)})\b", other, letter.text, flags=re.IGNORECASE)


def _replaced(letter: Marked, chance: random.Random) -> Iterator[str]:
    for place in chance.sample(PLACES, 4):
        yield PLACE.sub(place, letter.text)


def _misspelt(letter: Marked, chance: random.Random) -> Iterator[str]:
    words = [m.start() for m in re.finditer(r"\b[a-z]{5,}", letter.text)]
    for _ in range(3):
        text = letter.text
        for at in chance.sample(words, min(len(words), 2)):
            text = text[: at + 2] + text[at + 3] + text[at + 2] + text[at + 4 :]
        yield text


CHANGES: dict[str, Callable[[Marked, random.Random], Iterator[str]]] = {
    "names of 20 origins": _renamed,
    "he becomes she": _regendered,
    "other places": _replaced,
    "two letters swapped in two words": _misspelt,
}


def whole(letter: Letter) -> Marked:
    """The letter as one text again, an empty line between its sentences, with its marks."""
    text, names = "", []
    for sentence in letter.sentences:
        at = len(text)
        names += [(a + at, b + at) for a, b in sentence.said.names]
        text += sentence.said.text + "\n\n"
    return Marked(text.rstrip(), None, tuple(names))


def try_all(letters: Sequence[Letter] | None = None, model: Path = SHIPPED, seed: int = 1) -> dict[str, Tried]:
    """What each kind of change did to the letters (`LETTERS` of those in `data/letters`, drawn by chance, unless others are given)."""
    found = {}
    drawn = random.Random(seed).sample(read_all_letters(), LETTERS) if letters is None else letters
    told = [(letter, whole(letter)) for letter in drawn]
    before = [labels(letter.writer, letter.readers, text.text, model) for letter, text in told]
    for name, change in CHANGES.items():
        chance = random.Random(seed)
        read = different = touched = shaken = 0
        for (letter, text), was in zip(told, before, strict=True):
            changed = [new for new in change(text, chance) if new != text.text]
            wrong = sum(labels(letter.writer, letter.readers, new, model) != was for new in changed)
            read, different = read + len(changed), different + wrong
            touched, shaken = touched + bool(changed), shaken + bool(wrong)
        found[name] = Tried(read, different, touched, shaken)
    return found
