"""The labelled sentences and letters of `data/`. `data/README.md` tells how they were written.

`data/voices/`: one file a writer, one line a sentence, four fields parted by " | ":

    labels | writer > readers | sentence before | sentence

`-` stands for no label and for no sentence before. In the text, [square brackets] mark what carries the label, {curly braces} a
person's name, and ~tildes~ a street address.

`data/letters/`: one file a writer, whole letters between "=== writer > readers" and "===", with a subject line; [[label: words]] marks what
carries a label, and all else in the letter is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import spacy
from spacy.language import Language

from nlp.draft import Role
from nlp.language import LABELS
from nlp.language import sentences as _sentences  # noqa: F401  (registers the component)
from nlp.language.tokens import LetterTokenizer
from nlp.reading import GAP

DATA = Path(__file__).parent / "data"
VOICES = DATA / "voices"
LETTERS = DATA / "letters"
MARKS = re.compile(r"[\[\]{}~]")
LETTER = re.compile(r"^=== (?P<roles>[^\n]+)\nSubject:[ ]?(?P<subject>[^\n]*)\n(?P<body>.*?)^===$", re.MULTILINE | re.DOTALL)
LABELLED = re.compile(r"\[\[(?P<labels>[a-z, -]+): *(?P<words>[^\[\]]*)\]\]")

Span = tuple[int, int]


class FaultyLine(ValueError):
    """A line that does not say what it should; the message names file, line and fault, never the text."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without its marks, and what they marked (offsets in code points)."""

    text: str
    span: Span | None = None  # what carries the label
    names: tuple[Span, ...] = ()
    addresses: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence with what stood before it and who writes to whom."""

    voice: str
    writer: Role
    readers: frozenset[Role]
    before: Marked | None
    said: Marked
    labels: frozenset[str]

    @property
    def key(self) -> str:
        """The words alone, for finding doubles."""
        return " ".join(re.findall(r"\w+", self.said.text.lower()))


def marked(written: str) -> Marked:
    """Take the marks out of a text and note what they marked. Raises `ValueError` for marks that do not pair."""
    out: list[str] = []
    length = at = 0
    opened: dict[str, int] = {}
    spans: dict[str, list[Span]] = {"]": [], "}": [], "~": []}
    for mark in MARKS.finditer(written):
        out.append(written[at : mark.start()])
        length += mark.start() - at
        at = mark.end()
        sign = mark.group()
        closing = {"[": "]", "{": "}"}.get(sign)
        if closing or (sign == "~" and "~" not in opened):
            if (closing or "~") in opened:
                raise ValueError("marks of one kind inside each other")
            opened[closing or "~"] = length
        elif sign not in opened:
            raise ValueError("a mark that closes nothing")
        else:
            spans[sign].append((opened.pop(sign), length))
    if opened or len(spans["]"]) > 1:
        raise ValueError("marks that do not pair")
    out.append(written[at:])
    return Marked("".join(out), spans["]"][0] if spans["]"] else None, tuple(spans["}"]), tuple(spans["~"]))


def read_line(line: str, voice: str, number: int = 0) -> Sentence:
    """Read one line. Raises `FaultyLine`."""
    try:
        labels, roles, before, said = (part.strip() for part in line.rstrip("\n").split(" | "))
        writer, readers = roles.split(">")
        found = Sentence(
            voice,
            Role(writer.strip()),
            frozenset(Role(reader.strip()) for reader in readers.split(",")),
            None if before == "-" else marked(before),
            marked(said),
            frozenset() if labels == "-" else frozenset(label.strip() for label in labels.split(",")),
        )
        if found.labels - set(LABELS):
            raise ValueError("an unknown label")
        if bool(found.labels) != (found.said.span is not None):
            raise ValueError("a label without a marked span, or a span without a label")
    except ValueError as error:
        raise FaultyLine(f"{voice}, line {number}: {error}") from None
    return found


def read_voice(path: Path) -> Iterator[Sentence]:
    """The sentences of one file, named after its writer. Raises `FaultyLine`, `OSError`."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            yield read_line(line, path.stem, number)


def read_voices(folder: Path = VOICES) -> list[Sentence]:
    """Every sentence of a folder, writer by writer; of sentences in the same words the first."""
    seen: dict[tuple[str, frozenset[Role]], Sentence] = {}
    for path in sorted(folder.glob("*.txt")):
        for sentence in read_voice(path):
            seen.setdefault((sentence.key, sentence.readers | {sentence.writer}), sentence)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter: its sentences in order (the subject first), each with its labels and with no other sentence before it."""

    voice: str
    writer: Role
    readers: frozenset[Role]
    sentences: tuple[Sentence, ...]


@cache
def parting() -> Language:
    """What parts a letter into sentences, as at work."""
    nlp = spacy.blank("en")
    nlp.tokenizer = LetterTokenizer(nlp.tokenizer)
    nlp.add_pipe("letter_sentences")
    return nlp


def read_letters(path: Path) -> Iterator[Letter]:
    """The letters of one file, named after its writer. Raises `FaultyLine`, `OSError`."""
    voice = path.stem
    for number, found in enumerate(LETTER.finditer(path.read_text("utf-8")), 1):
        try:
            yield _letter(voice, found["roles"], found["subject"].strip() + GAP + found["body"].strip())
        except ValueError as error:
            raise FaultyLine(f"{voice}, letter {number}: {error}") from None


def _letter(voice: str, roles: str, written: str) -> Letter:
    writer, readers = roles.split(">")
    by, to = Role(writer.strip()), frozenset(Role(reader.strip()) for reader in readers.split(","))
    labelled: list[tuple[int, int, frozenset[str]]] = []
    plain = ""
    at = 0
    for mark in LABELLED.finditer(written):
        plain += written[at : mark.start()]
        start = len(marked(plain).text)
        plain += mark["words"]
        labels = frozenset(label.strip() for label in mark["labels"].split(","))
        if labels - set(LABELS):
            raise ValueError("an unknown label")
        labelled.append((start, len(marked(plain).text), labels))
        at = mark.end()
    whole = marked(plain + written[at:])
    made = []
    for sentence in parting()(whole.text).sents:
        text = sentence.text.rstrip()
        start, end = sentence.start_char, sentence.start_char + len(text)
        here = [(a, b, labels) for a, b, labels in labelled if a < end and b > start]
        carried = _within([(a, b) for a, b, _ in here], start, end)
        names, addresses = _within(whole.names, start, end), _within(whole.addresses, start, end)
        said = Marked(text, (carried[0][0], carried[-1][1]) if carried else None, names, addresses)
        if text:
            made.append(Sentence(voice, by, to, None, said, frozenset(label for *_, labels in here for label in labels)))
    return Letter(voice, by, to, tuple(made))


def _within(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """The spans as far as they lie between two places, counted from the first."""
    return tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)


def read_all_letters(folder: Path = LETTERS) -> list[Letter]:
    """Every letter of a folder, writer by writer. Raises `FaultyLine`, `OSError`."""
    return [letter for path in sorted(folder.glob("*.txt")) for letter in read_letters(path)]
