"""Names of people in Britain, to put in the place of the names in a sentence: whoever it speaks of, it says the same."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.language.encoder import STAND_IN
from nlp.training.sentences import DATA, Marked, Sentence, Span

NAMES = DATA / "names.toml"
STANDING_IN = 0.3


@dataclass(frozen=True, slots=True)
class Origin:
    """Given and family names that go together."""

    given: tuple[str, ...]
    family: tuple[str, ...]


@cache
def origins(path: Path = NAMES) -> dict[str, Origin]:
    """The names by origin."""
    tables = tomllib.loads(path.read_text("utf-8"))
    return {origin: Origin(tuple(table["given"].split()), tuple(table["family"].split())) for origin, table in tables.items()}


@cache
def _given() -> frozenset[str]:
    return frozenset(name.casefold() for origin in origins().values() for name in origin.given)


def edited(text: Marked, edits: list[tuple[int, int, str]]) -> Marked:
    """The text with stretches replaced (in order, none overlapping), its marks moved along."""
    out: list[str] = []
    at = 0
    for start, end, new in edits:
        out += (text.text[at:start], new)
        at = end
    out.append(text.text[at:])

    def moved(place: int, closing: bool) -> int:
        shift = 0
        for start, end, new in edits:
            if start >= place:
                break
            if end <= place:
                shift += len(new) - (end - start)
            else:  # inside a replaced stretch: to its end or its start
                return start + shift + (len(new) if closing else 0)
        return place + shift

    span = lambda s: (moved(s[0], False), moved(s[1], True))
    return Marked("".join(out), text.span and span(text.span), tuple(map(span, text.names)), tuple(map(span, text.addresses)))


class Renamer:
    """Gives the people of one sentence other names, the same person the same one wherever they are named."""

    def __init__(self, chance: random.Random, origin: Origin | None = None) -> None:
        self.chance, self.origin = chance, origin
        self._new: dict[str, str] = {}

    @classmethod
    def drawn(cls, chance: random.Random) -> Renamer:
        """One that gives names of any origin, or now and then the stand-in's, as known names are read at work."""
        return cls(chance, Origin(*((name,) for name in STAND_IN)) if chance.random() < STANDING_IN else None)

    def __call__(self, text: Marked) -> Marked:
        edits: list[tuple[int, int, str]] = []
        for start, end in text.names:
            origin = self.origin or self.chance.choice(list(origins().values()))
            edits += self._words(text.text, (start, end), origin)
        return edited(text, edits)

    def _words(self, text: str, where: Span, origin: Origin) -> list[tuple[int, int, str]]:
        start, end = where
        words = text[start:end].split(" ")
        found = []
        for number, word in enumerate(words):
            bare = word.removesuffix("'s").removesuffix("’s")
            if len(bare.strip(".")) > 1:
                alone = len(words) == 1
                given = bare.casefold() in _given() if alone else number == 0
                key = bare.casefold()
                new = self._new.setdefault(key, self.chance.choice(origin.given if given else origin.family))
                new = new.lower() if bare.islower() else new.upper() if bare.isupper() else new
                found.append((start, start + len(bare), new))
            start += len(word) + 1
        return found


def renamed(sentence: Sentence, rename: Renamer) -> tuple[Marked | None, Marked]:
    """What stood before and what is said, with other names."""
    return sentence.before and rename(sentence.before), rename(sentence.said)
