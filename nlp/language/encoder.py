"""The trained encoder as a spaCy component: sets `doc._.labels`, and adds entities "PERSON" with their parts in `span._.name`.

The artefact is a folder: `encoder.onnx`, `tokenizer.json`, and `model.json`, which holds the version, the labels, calibration and
thresholds, and the SHA-256 of the other two. It runs on onnxruntime, one thread a process. `nlp.training` makes it.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from spacy.language import Language
from spacy.tokens import Doc, Span
from tokenizers import Tokenizer

from nlp.draft import Role
from nlp.language import LABELS, Context, Label
from nlp.language.people import PersonName, parse_name, titles
from nlp.language.windows import Pieces, Window, Windows

FORMAT = 2  # of model.json; another one is another engine's
TAGS = ("O", "B-PERSON", "I-PERSON", "B-ADDRESS", "I-ADDRESS")
PERSON = (TAGS.index("B-PERSON"), TAGS.index("I-PERSON"))
N = len(LABELS)
STEEPEST = 30.0  # a figure beyond this weighs as this does, so that no sum runs over
EVERYBODY = ("sensitive",)  # labels that are read in quoted text too; the others judge the author's own words alone
# Whether words attack, criticise or demean is often a matter of whom they mean; that somebody is run down is easier to see. So they are
# judged together, and the likeliest of them is told.
FAULT = ("attack", "criticism", "disrespect")
NEARLY = 0.5
STAND_IN = ("Alex", "Taylor")  # given and family name, read in the place of every name that is known already
GAP = 2  # pieces between two marked stretches that are underlined as one
CARRIES = 0.5
NAMED = 0.85  # how sure the encoder must be of a name that the grammar does not know: who is named decides what is personal


class FaultyModel(ValueError):
    """A model that cannot be used; the message says which file and why."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a label's score becomes a certainty, and from which certainty on it is told: 1 / (1 + exp(-(slope·score + shift)))."""

    slope: float
    shift: float
    threshold: float


def certainties(scores: np.ndarray, judgements: Iterable[Judgement]) -> np.ndarray:
    """Scores (sentences × labels) as certainties, each label's by its own line."""
    slopes, shifts = np.array([(j.slope, j.shift) for j in judgements]).T
    return 1 / (1 + np.exp(-(scores * slopes + shifts).clip(-30.0, 30.0)))


@dataclass(frozen=True)
class Model:
    """A trained artefact, read and checked."""

    version: str
    digest: str  # SHA-256 of the encoder file, its first 12 hex digits
    judgements: dict[str, Judgement]
    together: float  # from which certainty on one of FAULT is told
    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession

    @property
    def name(self) -> str:
        """What a report says found the labels."""
        return f"{self.version}+{self.digest}"

    def read(self, window: Window) -> np.ndarray:
        """The encoder's figures for each piece of a window (pieces × outputs)."""
        return self.session.run(None, window.arrays())[0][0]

    def certainties(self, scores: np.ndarray) -> np.ndarray:
        """Calibrated certainties, 0 to 1, of scores (sentences × labels)."""
        return certainties(scores, [self.judgements[label] for label in LABELS])


def _verified(folder: Path, name: str, wanted: str) -> bytes:
    try:
        held = (folder / name).read_bytes()
    except OSError:
        raise FaultyModel(f"The model in {folder} has no readable {name}.") from None
    if hashlib.sha256(held).hexdigest() != wanted:
        raise FaultyModel(f"{name} of the model in {folder} is not the file that model.json speaks of.")
    return held


@cache
def load(folder: Path) -> Model:
    """Read the artefact in a folder, once for the process.

    Raises `FaultyModel` where something is missing, damaged or made for another engine.
    """
    try:
        told: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
        version, hashes = str(told["version"]), dict(told["sha256"])
        made, labels = told["format"], tuple(told["labels"])
        judgements = {label: Judgement(**told["judgements"][label]) for label in labels}
        together = float(told["together"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FaultyModel(f"The model in {folder} has no usable model.json ({type(error).__name__}).") from None
    if made != FORMAT or labels != LABELS:
        raise FaultyModel(f"The model in {folder} was made for another version of Clausewise.")
    tokenizer = Tokenizer.from_str(_verified(folder, "tokenizer.json", hashes["tokenizer.json"]).decode())
    encoder = _verified(folder, "encoder.onnx", hashes["encoder.onnx"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a letter is small: many processes, one thread each
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(encoder, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise FaultyModel(f"encoder.onnx of the model in {folder} cannot be run ({type(error).__name__}).") from None
    return Model(version, hashes["encoder.onnx"][:12], judgements, together, tokenizer, session)


class Memory:
    """The encoder's figures for windows that were read lately, by a hash of the window."""

    def __init__(self, model: Model, most: int) -> None:
        self.model, self.most = model, most
        self._held: OrderedDict[bytes, np.ndarray] = OrderedDict()

    def read(self, window: Window) -> np.ndarray:
        key = hashlib.blake2b(np.array([window.ids, window.written, window.segments], dtype=np.int32).tobytes(), digest_size=16).digest()
        if (figures := self._held.pop(key, None)) is None:
            figures = self.model.read(window)
        self._held[key] = figures
        while len(self._held) > self.most:
            try:
                self._held.popitem(last=False)
            except KeyError:  # another thread was quicker
                break
        return figures


@dataclass(slots=True)
class _Said:
    """A sentence of the Doc: where it begins, its words, whether the author wrote it."""

    start: int
    text: str
    mine: bool


class EncoderLabels:
    """spaCy component: labels and persons from one pass of the encoder."""

    def __init__(self, model: Model, remembered: int) -> None:
        self.model, self.memory, self.windows = model, Memory(model, remembered), Windows(model.tokenizer)

    def __call__(self, doc: Doc) -> Doc:
        context: Context = doc._.context
        own = sorted(context.own)  # a hostile thread may have as many zones as sentences
        said: list[_Said] = []
        for sentence in doc.sents:
            zone = bisect_right(own, sentence.start_char, key=itemgetter(0)) - 1
            mine = zone >= 0 and sentence.start_char < own[zone][1]
            said.append(_Said(sentence.start_char, sentence.text, mine))
        pieces = self._pieces(doc, said)
        labels: list[Label] = []
        people: list[tuple[int, int, float]] = []
        for mine, numbers in _stretches(said):
            writer, readers = (context.writer, context.readers) if mine else (Role.UNKNOWN, ())
            for window in self.windows.cut(writer, readers, ((n, pieces[n]) for n in numbers)):
                figures = self.memory.read(window)
                parts = [_part(pieces[number], window.ids[begin:end]) for number, begin, end in window.sentences]
                for place, found in self._told(figures, window, mine):
                    number, begin, end = window.sentences[place]
                    labels += self._labels(said[number], parts[place], figures[begin:end], found)
                for place, first, last, certainty in people_tagged(figures[:, 2 * N :], window.sentences):
                    start, spans = said[window.sentences[place][0]].start, parts[place].spans
                    people.append((start + spans[first][0], start + spans[last - 1][1], certainty))
        doc._.labels = tuple(sorted(labels, key=lambda label: (label.start, label.end)))
        _set_people(doc, people)
        return doc

    def _pieces(self, doc: Doc, said: list[_Said]) -> list[list[Pieces]]:
        """The sentences' pieces, read with every name that is known already in the stand-in's place: who is named changes nothing."""
        starts = [sentence.start for sentence in said]
        replaced: dict[int, list[tuple[int, int, str]]] = {}
        for person in doc.ents:
            if person.label_ == "PERSON":
                at = max(bisect_right(starts, person.start_char) - 1, 0)
                replaced.setdefault(at, []).extend(_stand_in(person, starts[at]))
        texts = [_replace(sentence.text, replaced[n]) if n in replaced else sentence.text for n, sentence in enumerate(said)]
        pieces = self.windows.pieces(texts)
        for n, edits in replaced.items():
            pieces[n] = [Pieces(part.ids, part.written, tuple(_moved_back(span, edits) for span in part.spans)) for part in pieces[n]]
        return pieces

    def _told(self, figures: np.ndarray, window: Window, mine: bool) -> Iterator[tuple[int, dict[str, float]]]:
        """What is told of the sentences of a window: (which of them, labels with their certainty)."""
        for place, row in enumerate(self.model.certainties(scores(figures, window.sentences)).tolist()):
            found = told(dict(zip(LABELS, row, strict=True)), self.model.judgements, self.model.together)
            if kept := {name: certainty for name, certainty in found.items() if mine or name in EVERYBODY}:
                yield place, kept

    @staticmethod
    def _labels(said: _Said, part: Pieces, figures: np.ndarray, found: Mapping[str, float]) -> Iterator[Label]:
        """The labels of one sentence, each with the words that carry it."""
        for name, certainty in found.items():
            first, last = underlined(figures[:, N + LABELS.index(name)])
            start, end = _to_words(said.text, part.spans[first][0], part.spans[last - 1][1])
            yield Label(name, said.start + start, said.start + end, certainty)


def scores(figures: np.ndarray, sentences: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """The labels' scores of a window's sentences (sentences × labels), before calibration: the mean of what a sentence's pieces add,
    each weighing as it carries the label, so that one telling word is not lost among many that say nothing."""
    bounds = [place for _, begin, end in sentences for place in (begin, end)]  # a separator stands behind every sentence
    weights = np.exp(figures[:, N : 2 * N].clip(-STEEPEST, STEEPEST))
    summed = np.add.reduceat(np.concatenate((weights * figures[:, :N], weights), axis=1), bounds)[::2]
    return summed[:, :N] / summed[:, N:]


def at_fault(sure: Mapping[str, float]) -> float:
    """How certain it is that somebody is run down, one way or another."""
    return 1 - math.prod(1 - sure[name] for name in FAULT)


def told(sure: Mapping[str, float], judgements: Mapping[str, Judgement], together: float) -> dict[str, float]:
    """The labels that are told of a sentence, with their certainty, from the certainties of all.

    Where somebody is run down, every way that is nearly as likely as the likeliest is told: whom the words mean, which the checks work out,
    decides between them.
    """
    found = {name: certainty for name, certainty in sure.items() if certainty >= judgements[name].threshold}
    whole = at_fault(sure)
    if whole >= together or not found.keys().isdisjoint(FAULT):
        likeliest = max(sure[name] for name in FAULT)
        found |= {name: max(whole, sure[name]) for name in FAULT if sure[name] >= NEARLY * likeliest}
    return found


def _stand_in(person: Span, sentence: int) -> list[tuple[int, int, str]]:
    """What to read in the place of a name, its titles left as they are: (start, end, words), counted from the sentence's start."""
    words = [
        token
        for token in person
        if token.lower_.rstrip(".") not in titles() and token.text not in (".", ",", "&") and token.lower_ != "and"
    ]
    if not words:
        return []
    given, family = STAND_IN
    new = f"{given} {family}" if len(words) > 1 else family if words[0].i > person.start else given
    start, end = words[0].idx - sentence, words[-1].idx + len(words[-1]) - sentence
    return [(start, end, new.lower() if words[0].text.islower() else new)]


def _replace(text: str, edits: list[tuple[int, int, str]]) -> str:
    out, at = [], 0
    for start, end, new in edits:
        out += (text[at:start], new)
        at = end
    return "".join((*out, text[at:]))


def _moved_back(span: tuple[int, int], edits: list[tuple[int, int, str]]) -> tuple[int, int]:
    """A span of the replaced text as a span of the sentence; one in a stand-in is the whole name's."""
    shift = 0  # what the replaced text is longer by, so far
    start, end = span
    for a, b, new in edits:
        if end <= a + shift:
            break
        if start < a + shift + len(new):
            return a, b
        shift += len(new) - (b - a)
    return start - shift, end - shift


def _stretches(said: list[_Said]) -> Iterator[tuple[bool, list[int]]]:
    """Numbers of sentences that follow each other and are the author's, or are not."""
    numbers: list[int] = []
    for number, sentence in enumerate(said):
        if numbers and said[numbers[-1]].mine != sentence.mine:
            yield said[numbers[0]].mine, numbers
            numbers = []
        numbers.append(number)
    if numbers:
        yield said[numbers[0]].mine, numbers


def _part(parts: list[Pieces], ids: list[int]) -> Pieces:
    """Which part of a sentence a stretch of a window is."""
    return next(part for part in parts if list(part.ids) == ids) if len(parts) > 1 else parts[0]


def underlined(carries: np.ndarray) -> tuple[int, int]:
    """The pieces of a sentence that carry a label (first, one past the last): the likeliest run; all where none stands out."""
    likely = 1 / (1 + np.exp(-carries))
    runs: list[list[int]] = []
    for place in map(int, np.flatnonzero(likely >= CARRIES)):
        if runs and place - runs[-1][1] <= GAP:
            runs[-1][1] = place + 1
        else:
            runs.append([place, place + 1])
    first, last = max(runs, key=lambda run: likely[run[0] : run[1]].sum(), default=(0, len(carries)))
    return first, last


def people_tagged(figures: np.ndarray, sentences: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, float]]:
    """Names by the tags' figures of a window (pieces × tags): (which sentence, its first piece, one past the last, certainty)."""
    best = figures.argmax(1)
    if not np.isin(best, PERSON).any():  # most windows name nobody whom the grammar did not know
        return
    shares = np.exp(figures - figures.max(1, keepdims=True))
    sure = (shares / shares.sum(1, keepdims=True)).max(1)
    for place, (_, begin, end) in enumerate(sentences):
        begun = -1
        for at in range(begin, end + 1):
            tag = TAGS[best[at]] if at < end else "O"
            if begun >= 0 and tag != "I-PERSON":
                if (certainty := float(sure[begun:at].mean())) >= NAMED:
                    yield place, begun - begin, at - begin, certainty
                begun = -1
            if tag == "B-PERSON" or (tag == "I-PERSON" and begun < 0):
                begun = at


def _to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text to the ends of its words."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _set_people(doc: Doc, people: Iterable[tuple[int, int, float]]) -> None:
    """Entities with their titles ("Mrs Jean Platt") and parts; what is an entity already stays."""
    spans: list[Span] = []
    taken = 0
    for start, end, certainty in people:
        span = doc.char_span(start, end, label="PERSON", alignment_mode="expand")
        if span is None or span.start < taken or any(token.ent_type for token in span):
            continue
        first = span.start
        while first > taken and (doc[first - 1].lower_.rstrip(".") in titles() or (doc[first - 1].text == "." and first > taken + 1)):
            if doc[first - 1].text == "." and doc[first - 2].lower_ not in titles():
                break
            first -= 1
        last = span.end - 1 if doc[span.end - 1].lower_ in ("'s", "’s") and span.end - 1 > span.start else span.end
        span = Span(doc, first, last, label="PERSON")
        name = parse_name(span.text)
        span._.name = PersonName(name.title, name.given, name.family, round(certainty, 2))
        spans.append(span)
        taken = last
    doc.set_ents(spans, default="unmodified")


@Language.factory("encoder", assigns=["doc._.labels", "doc.ents", "span._.name"], requires=["doc.sents"])
def make_encoder(nlp: Language, name: str, model: str, remembered: int) -> EncoderLabels:
    return EncoderLabels(load(Path(model)), remembered)
