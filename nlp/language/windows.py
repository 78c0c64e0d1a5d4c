"""How a letter is cut up for the encoder, in training and at work alike.

A *window* is what the encoder reads in one go: who writes to whom, then some sentences of the letter in their order, a separator after
each. So every sentence is read beside its neighbours and is computed once. A window of a letter looks like this (pieces of words):

    [CLS] member to officer , press [SEP] dear tom , [SEP] i want it on my desk by noon . [SEP]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Encoding, Tokenizer

from nlp.draft import Role

FULL = 96  # a window that has as many pieces of words is closed
LONGEST = 160  # pieces of words of one sentence; what is longer is read in parts
CONTEXT = 48  # a sentence up to this long is read again, unjudged, at the head of the window after its own
PLAIN, CAPITAL, CAPITALS, MIXED = range(4)  # how a piece is written, as the vocabulary has no capitals


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sentence, or a part of a long one: ids of its pieces of words, how each is written, and where each stands in the sentence."""

    ids: tuple[int, ...]
    written: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Window:
    """What the encoder reads in one go. `sentences`: (the caller's number of a sentence, first piece, one past the last piece)."""

    ids: list[int]
    written: list[int]
    segments: list[int]  # 1 for who writes to whom, 0 for the letter
    sentences: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, pieces: Pieces, separator: int, number: int | None) -> None:
        """Append a sentence; without a number it is context only."""
        start = len(self.ids)
        self.ids += (*pieces.ids, separator)
        self.written += (*pieces.written, PLAIN)
        self.segments += [0] * (len(pieces.ids) + 1)
        if number is not None:
            self.sentences.append((number, start, len(self.ids) - 1))

    def arrays(self) -> dict[str, np.ndarray]:
        """The encoder's input, a batch of one."""
        return {name: np.array([getattr(self, name)], dtype=np.int64) for name in ("ids", "written", "segments")}


class Windows:
    """Makes windows with one vocabulary."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.begin, self.separator = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        self._openings: dict[str, list[int]] = {}

    def pieces(self, sentences: Sequence[str]) -> list[list[Pieces]]:
        """Each sentence as the parts that it is read in (nearly always one; none where nothing stands there)."""
        encoded = [self.tokenizer.encode(sentence, add_special_tokens=False) for sentence in sentences]  # a batch costs threads
        return [list(_parts(sentence, found)) for sentence, found in zip(sentences, encoded, strict=True)]

    def opened(self, writer: Role, readers: Iterable[Role]) -> Window:
        """A window with nothing in it but who writes to whom."""
        said = f"{writer.value} to {', '.join(sorted({r.value for r in readers})) or Role.UNKNOWN.value}"
        if said not in self._openings:
            ids = self.tokenizer.encode(said, add_special_tokens=False).ids
            self._openings[said] = [self.begin, *ids, self.separator]
        ids = self._openings[said]
        return Window(list(ids), [PLAIN] * len(ids), [1] * len(ids))

    def cut(self, writer: Role, readers: Iterable[Role], sentences: Iterable[tuple[int, list[Pieces]]]) -> Iterator[Window]:
        """Windows that hold these numbered sentences, in their order. One starts with the last sentence of the one before, as context."""
        readers = tuple(readers)
        window, last = self.opened(writer, readers), None
        empty = len(window.ids)
        for number, parts in sentences:
            for part in parts:
                if len(window.ids) > empty and len(window.ids) + len(part.ids) > FULL + CONTEXT:
                    yield window
                    window = self.opened(writer, readers)
                    if last is not None and len(last.ids) <= CONTEXT:
                        window.add(last, self.separator, None)
                window.add(part, self.separator, number)
                last = part
                if len(window.ids) >= FULL:
                    yield window
                    window = self.opened(writer, readers)
                    if len(last.ids) <= CONTEXT:
                        window.add(last, self.separator, None)
        if window.sentences:
            yield window


def _parts(sentence: str, encoding: Encoding) -> Iterator[Pieces]:
    for at in range(0, len(encoding.ids), LONGEST):
        spans = tuple(encoding.offsets[at : at + LONGEST])
        yield Pieces(tuple(encoding.ids[at : at + LONGEST]), tuple(_written(sentence[start:end]) for start, end in spans), spans)


def _written(piece: str) -> int:
    if piece.islower() or not piece[:1].isalpha():
        return PLAIN
    if piece.isupper():
        return CAPITALS if len(piece) > 1 else CAPITAL
    return CAPITAL if piece[:1].isupper() and piece[1:].islower() else MIXED
