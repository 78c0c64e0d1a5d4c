"""Sentences as windows with what the encoder should say of each piece, and windows as batches."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from nlp.draft import Role
from nlp.language import LABELS
from nlp.language.encoder import TAGS
from nlp.language.windows import FULL, Pieces, Window, Windows
from nlp.training.names import Renamer, edited, renamed
from nlp.training.sentences import Letter, Marked, Sentence, Span

UNKNOWN = -100  # a tag that nobody knows; torch's word for "leave this out"
PIECES = 768  # of a batch, padding counted
RENAMED = 0.8  # how often people get other names


@dataclass(slots=True)
class Target:
    """What should be said of one sentence of a window: its pieces, its labels, and the pieces that carry them."""

    start: int
    end: int
    labels: tuple[int, ...]
    carries: tuple[int, int] | None
    source: Sentence | None = None


@dataclass(slots=True)
class Lesson:
    """A window with its targets. `tags`: one for each piece. `answer`: what a teacher says of it (pieces × outputs)."""

    window: Window
    targets: list[Target] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    answer: np.ndarray | None = None

    def add(self, text: Marked, parts: Sequence[Pieces], separator: int, source: Sentence | None, known: bool = True) -> None:
        """Append a text; with its `source` it is judged, without it is context (or, where its tags are `known`, names alone)."""
        for part in parts:
            start = len(self.window.ids)
            self.window.add(part, separator, None if source is None else 0)
            self.tags += (UNKNOWN,) * (start - len(self.tags))
            self.tags += _tags(part.spans, text) if known else (UNKNOWN,) * len(part.ids)
            self.tags.append(UNKNOWN)
            if source is not None:
                labels = tuple(LABELS.index(label) for label in sorted(source.labels))
                carries = text.span and _covered(part.spans, text.span)
                self.targets.append(
                    Target(start, start + len(part.ids), labels, carries and (start + carries[0], start + carries[1]), source)
                )


def _covered(spans: Sequence[Span], where: Span) -> Span | None:
    inside = [i for i, (start, end) in enumerate(spans) if start < where[1] and end > where[0]]
    return (inside[0], inside[-1] + 1) if inside else None


def _tags(spans: Sequence[Span], text: Marked) -> list[int]:
    tags = [0] * len(spans)
    for kind, places in (("PERSON", text.names), ("ADDRESS", text.addresses)):
        for place in places:
            if covered := _covered(spans, place):
                tags[covered[0]] = TAGS.index(f"B-{kind}")
                tags[covered[0] + 1 : covered[1]] = [TAGS.index(f"I-{kind}")] * (covered[1] - covered[0] - 1)
    return tags


def worn(text: Marked, chance: random.Random, mood: float | None = None) -> Marked:
    """The text as hurried people write it: now and then in lower case, without marks, with letters swapped; `mood` (0 to 1) says which."""
    kind = chance.random() if mood is None else mood
    if kind < 0.12:
        lower = text.text.lower()
        return Marked(lower, text.span, text.names, text.addresses) if len(lower) == len(text.text) else text
    if kind < 0.22:
        return edited(text, [(m.start(), m.end(), "") for m in re.finditer(r"[.,](?=\s|$)|(?<=\w)['’](?=\w)", text.text)])
    if kind < 0.32:
        words = [m.start() for m in re.finditer(r"\b[a-z]{5,}", text.text)]
        edits = []
        for at in sorted(chance.sample(words, min(len(words), 2))):
            swap = at + chance.randrange(1, 4)
            edits.append((swap, swap + 2, text.text[swap + 1] + text.text[swap]))
        return edited(text, edits)
    return text


class Teaching:
    """Makes lessons from labelled sentences. `context`, `roles`, `names`: whether these are given or left out (for ablations)."""

    def __init__(self, windows: Windows, *, context: bool = True, roles: bool = True, names: bool = True) -> None:
        self.windows, self.context, self.roles, self.names = windows, context, roles, names

    def lessons(self, sentences: Iterable[Sentence], chance: random.Random | None = None) -> list[Lesson]:
        """Windows of sentences of one writer to the same readers. With `chance`, in new order, names and spelling each time."""
        groups: dict[object, list[Sentence]] = defaultdict(list)
        for sentence in sentences:
            groups[sentence.voice, sentence.writer, sentence.readers].append(sentence)
        made: list[Lesson] = []
        for (_, writer, readers), group in groups.items():  # type: ignore[misc]
            if chance:
                chance.shuffle(group)
            forgotten = not self.roles or (chance is not None and chance.random() < 0.08)
            lesson, room = None, 0
            for sentence, before, said in self._read(group, chance):
                if lesson is None or len(lesson.window.ids) >= room:
                    lesson = Lesson(self.windows.opened(Role.UNKNOWN, ()) if forgotten else self.windows.opened(writer, readers))
                    made.append(lesson)
                    room = chance.choice((1, 40, 70, FULL)) if chance else 1
                if before is not None and self.context:
                    lesson.add(before[0], before[1], self.windows.separator, None, self.names)
                lesson.add(said[0], said[1], self.windows.separator, sentence, self.names)
        return made

    def _read(
        self, group: list[Sentence], chance: random.Random | None
    ) -> Iterator[tuple[Sentence, tuple[Marked, list[Pieces]] | None, tuple[Marked, list[Pieces]]]]:
        texts: list[tuple[Marked | None, Marked]] = []
        for sentence in group:
            before, said = sentence.before, sentence.said
            if chance and chance.random() < RENAMED:
                before, said = renamed(sentence, Renamer.drawn(chance))
            if chance:
                said = worn(said, chance)
                before = None if before is None or chance.random() < 0.1 else before
            texts.append((before, said))
        pieces = iter(self.windows.pieces([text.text for pair in texts for text in pair if text is not None]))
        for sentence, (before, said) in zip(group, texts, strict=True):
            first = (before, next(pieces)) if before is not None else None
            yield sentence, first, (said, next(pieces))

    def letters(self, letters: Iterable[Letter], chance: random.Random | None = None) -> list[Lesson]:
        """Whole letters in windows, cut as at work. With `chance`, with other names and other spelling each time."""
        made: list[Lesson] = []
        for letter in letters:
            texts = [sentence.said for sentence in letter.sentences]
            if chance:
                rename = Renamer.drawn(chance) if chance.random() < RENAMED else None
                mood = chance.random()
                texts = [worn(rename(text) if rename else text, chance, mood) for text in texts]
            pieces = self.windows.pieces([text.text for text in texts])
            forgotten = not self.roles or (chance is not None and chance.random() < 0.08)
            roles = (Role.UNKNOWN, frozenset[Role]()) if forgotten else (letter.writer, letter.readers)
            for window in self.windows.cut(*roles, enumerate(pieces)):
                lesson = Lesson(window, tags=[UNKNOWN] * len(window.ids))
                for number, start, end in window.sentences:
                    (part,) = pieces[number] if len(pieces[number]) == 1 else (None,)
                    source, text = letter.sentences[number], texts[number]
                    if part is None:
                        continue  # longer than any sentence that is worth learning from
                    labels = tuple(LABELS.index(label) for label in sorted(source.labels))
                    carries = text.span and _covered(part.spans, text.span)
                    lesson.targets.append(Target(start, end, labels, carries and (start + carries[0], start + carries[1]), source))
                    if self.names:
                        lesson.tags[start:end] = _tags(part.spans, text)
                made.append(lesson)
        return made

    def tagged(self, texts: Iterable[Marked], chance: random.Random | None = None) -> list[Lesson]:
        """Windows of single texts whose names and addresses alone are known."""
        changed = [worn(Renamer(chance)(text) if chance.random() < RENAMED else text, chance) if chance else text for text in texts]
        made = []
        for text, parts in zip(changed, self.windows.pieces([text.text for text in changed]), strict=True):
            lesson = Lesson(self.windows.opened(Role.UNKNOWN, ()))
            lesson.add(text, parts, self.windows.separator, None)
            made.append(lesson)
        return made


@dataclass(slots=True)
class Batch:
    """Lessons side by side, padded. `rows`: each sentence, with the number of the lesson that it stands in."""

    ids: torch.Tensor
    written: torch.Tensor
    segments: torch.Tensor
    mask: torch.Tensor
    tags: torch.Tensor
    rows: list[tuple[int, Target]]
    lessons: list[Lesson]
    answers: torch.Tensor | None


def batches(lessons: list[Lesson], chance: random.Random | None = None, pieces: int = PIECES) -> list[Batch]:
    """Lessons of like length together; with `chance` the batches in random order."""
    order = sorted(lessons, key=lambda lesson: (len(lesson.window.ids), chance.random() if chance else 0))
    made, held = [], []
    for lesson in order:
        if held and (len(held) + 1) * len(lesson.window.ids) > pieces:
            made.append(_batch(held))
            held = []
        held.append(lesson)
    if held:
        made.append(_batch(held))
    if chance:
        chance.shuffle(made)
    return made


def _batch(lessons: list[Lesson]) -> Batch:
    length = max(len(lesson.window.ids) for lesson in lessons)
    taught = all(lesson.answer is not None for lesson in lessons)
    padded: Callable[[list[int], int], list[int]] = lambda row, fill: row + [fill] * (length - len(row))
    tensor = lambda rows, fill=0: torch.tensor([padded(list(row), fill) for row in rows])
    return Batch(
        tensor(lesson.window.ids for lesson in lessons),
        tensor(lesson.window.written for lesson in lessons),
        tensor(lesson.window.segments for lesson in lessons),
        tensor([1] * len(lesson.window.ids) for lesson in lessons),
        tensor((lesson.tags for lesson in lessons), UNKNOWN),
        [(number, target) for number, lesson in enumerate(lessons) for target in lesson.targets],
        lessons,
        pad_sequence([torch.from_numpy(lesson.answer).float() for lesson in lessons], batch_first=True) if taught else None,
    )
