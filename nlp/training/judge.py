"""How good a model is: figures by label, calibration, thresholds, spans, names."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from nlp.language import LABELS
from nlp.language.encoder import FAULT, Judgement, Model, N, certainties, people_tagged, scores, told, underlined
from nlp.language.windows import Window
from nlp.training.batches import Lesson, batches
from nlp.training.network import Encoder
from nlp.training.sentences import Marked, Sentence

Reader = Callable[[Sequence[Window]], list[np.ndarray]]
BINS = 10
PRECISION, FALSE = 0.85, 0.005  # what a threshold promises: how many of its warnings are right, how many ordinary sentences get one
LOWEST, HIGHEST = 0.5, 0.95  # of thresholds
# An order that also presses, a fault that is found rudely: which of these is told is a matter of taste, that one of them is told is not.
NEIGHBOURS = (FAULT, ("instruction", "pressure"))
Judged = tuple[dict[str, Judgement], float]


def by_encoder(encoder: Encoder) -> Reader:
    """Read windows with an encoder in training."""

    @torch.no_grad()
    def read(windows: Sequence[Window]) -> list[np.ndarray]:
        encoder.eval()
        lessons = [Lesson(window, [], [0] * len(window.ids)) for window in windows]
        found: dict[int, np.ndarray] = {}
        for batch in batches(lessons):
            output = encoder(batch.ids, batch.written, batch.segments, batch.mask).numpy()
            for row, lesson in enumerate(batch.lessons):
                found[id(lesson)] = output[row, : len(lesson.window.ids)]
        return [found[id(lesson)] for lesson in lessons]

    return read


def by_model(model: Model) -> Reader:
    """Read windows with a shipped artefact."""
    return lambda windows: [model.read(window) for window in windows]


@dataclass
class Answers:
    """What a model says of labelled sentences: scores (sentences × labels) before calibration, the truth, and spans."""

    sentences: list[Sentence]
    scores: np.ndarray
    truth: np.ndarray
    overlaps: np.ndarray  # how well what it underlines agrees with what people marked (intersection over union), of labelled sentences

    def __add__(self, other: Answers) -> Answers:
        together = (np.concatenate((getattr(self, part), getattr(other, part))) for part in ("scores", "truth", "overlaps"))
        return Answers(self.sentences + other.sentences, *together)


def answers(read: Reader, lessons: list[Lesson]) -> Answers:
    """Ask a model about every sentence of these lessons."""
    sentences, rows, overlaps = [], [], []
    for lesson, figures in zip(lessons, read([lesson.window for lesson in lessons]), strict=True):
        asked = [target for target in lesson.targets if target.source is not None]
        if asked:
            rows.append(scores(figures, [(0, target.start, target.end) for target in asked]))
        for target in asked:
            own = figures[target.start : target.end]
            sentences.append(target.source)
            if target.carries and target.labels:
                first, last = underlined(own[:, N + target.labels[0]])
                first, last = first + target.start, last + target.start
                a, b = target.carries
                overlaps.append(max(min(last, b) - max(first, a), 0) / (max(last, b) - min(first, a)))
    truth = np.array([[label in sentence.labels for label in LABELS] for sentence in sentences], dtype=bool)
    return Answers(sentences, np.concatenate(rows), truth, np.array(overlaps))


def calibrated(found: Answers) -> dict[str, tuple[float, float]]:
    """Slope and shift for each label, so that a certainty of 0.8 is right eight times in ten (Platt 1999)."""
    fitted = {}
    for number, label in enumerate(LABELS):
        line = LogisticRegression(C=10.0).fit(found.scores[:, number : number + 1], found.truth[:, number])
        fitted[label] = (float(line.coef_[0, 0]), float(line.intercept_[0]))
    return fitted


def threshold(sure: np.ndarray, true: np.ndarray, ordinary: np.ndarray) -> float:
    """The lowest certainty from which on `PRECISION` of the warnings are right, and at most `FALSE` of the ordinary sentences get one."""
    order = np.argsort(-sure)
    right = np.cumsum(true[order]) / np.arange(1, len(order) + 1)
    false = np.cumsum((ordinary & ~true)[order]) / max(int(ordinary.sum()), 1)
    good = np.flatnonzero((right >= PRECISION) & (false <= FALSE))
    return float(np.clip(sure[order[good[-1]]] if len(good) else HIGHEST, LOWEST, HIGHEST))


def judgements(sentences: Answers, letters: Answers) -> Judged:
    """Calibration and thresholds by label, and the threshold of those that are judged together, from validation sentences and letters.

    The single sentences are half breaches and half what is nearest to them; what is ordinary is told by the harmless sentences of letters.
    """
    found = sentences + letters
    ordinary = np.concatenate((np.zeros(len(sentences.sentences), bool), ~letters.truth.any(1)))
    lines = calibrated(found)
    sure = certainties(found.scores, (Judgement(*lines[label], 0.5) for label in LABELS))
    any_of = lambda labels: found.truth[:, [LABELS.index(label) for label in labels]].any(1)
    right = {label: any_of(next((near for near in NEIGHBOURS if label in near), (label,))) for label in LABELS}
    judged = {label: Judgement(*lines[label], threshold(sure[:, n], right[label], ordinary)) for n, label in enumerate(LABELS)}
    fault = sure[:, [LABELS.index(label) for label in FAULT]]
    return judged, threshold(1 - np.prod(1 - fault, axis=1), any_of(FAULT), ordinary)


@dataclass(frozen=True)
class Figures:
    """How one label fares. `false_on_clean`: share of sentences without any label that are warned of."""

    label: str
    support: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    ece: float
    false_on_clean: float


def figures(found: Answers, judged: Judged) -> list[Figures]:
    """Figures by label, in the order of `LABELS`."""
    sure, warned = sure_of(found, judged), flagged(found, judged)
    clean = ~found.truth.any(1)
    rows = []
    for number, label in enumerate(LABELS):
        true, said = found.truth[:, number], warned[:, number]
        precision, recall, f1 = rates(said, true)
        ap = float(average_precision_score(true, sure[:, number])) if true.any() else 0.0
        rows.append(
            Figures(
                label,
                int(true.sum()),
                precision,
                recall,
                f1,
                ap,
                ece(sure[:, number], true),
                float((said & clean).sum() / max(clean.sum(), 1)),
            )
        )
    return rows


def rates(said: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    hits = int((said & true).sum())
    precision, recall = hits / max(int(said.sum()), 1), hits / max(int(true.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def run_down(found: Answers, judged: Judged) -> tuple[float, float, float]:
    """Precision, recall and F1 of the labels that are judged together, whichever of them was told."""
    fault = [LABELS.index(label) for label in FAULT]
    return rates(flagged(found, judged)[:, fault].any(1), found.truth[:, fault].any(1))


def mean_average_precision(found: Answers) -> float:
    """The mean over labels of the area under precision and recall: how well they are told apart, whatever the thresholds."""
    return float(np.mean([average_precision_score(found.truth[:, n], found.scores[:, n]) for n in range(N)]))


def sure_of(found: Answers, judged: Judged) -> np.ndarray:
    """Calibrated certainties (sentences × labels)."""
    return certainties(found.scores, (judged[0][label] for label in LABELS))


def flagged(found: Answers, judged: Judged) -> np.ndarray:
    """Which labels each sentence is warned of (sentences × labels)."""
    rows = [told(dict(zip(LABELS, map(float, row), strict=True)), *judged) for row in sure_of(found, judged)]
    return np.array([[label in row for label in LABELS] for row in rows], dtype=bool)


def ece(sure: np.ndarray, true: np.ndarray) -> float:
    """Expected calibration error over ten bins (Guo et al. 2017)."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[places == b].mean() - true[places == b].mean()) * (places == b).mean() for b in range(BINS) if (places == b).any()]
    return float(sum(gaps))


def confusion(found: Answers, judged: Judged) -> Counter[tuple[str, str]]:
    """(label that holds, label that was told instead), where the true one was not told; "-" for none."""
    warned = flagged(found, judged)
    mixed: Counter[tuple[str, str]] = Counter()
    for row, sentence in enumerate(found.sentences):
        said = {LABELS[n] for n in np.flatnonzero(warned[row])}
        for label in sorted(sentence.labels - said) or ([] if sentence.labels else ["-"]):
            for other in sorted(said - sentence.labels) or ["-"]:
                if (label, other) != ("-", "-"):
                    mixed[label, other] += 1
    return mixed


def names(
    read: Reader, lessons: list[Lesson], texts: Iterable[Marked], spans: Iterable[Sequence[tuple[int, int]]]
) -> tuple[float, float, float]:
    """Precision, recall and F1 of persons' names, exact spans. `spans`: where the pieces of each text stand."""
    right = found_names = wanted = 0
    for text, where, found in zip(texts, spans, read([lesson.window for lesson in lessons]), strict=True):
        begin = len(found) - 1 - len(where)
        tagged = people_tagged(found[:, 2 * N :], [(0, begin, len(found) - 1)])
        mine = {(where[a][0], where[b - 1][1]) for _, a, b, _ in tagged}
        right += len(mine & set(text.names))
        found_names += len(mine)
        wanted += len(text.names)
    precision, recall = right / max(found_names, 1), right / max(wanted, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def bootstrap(found: Answers, judged: Judged, rounds: int = 500, seed: int = 1) -> tuple[float, float]:
    """95 % interval of the mean F1 over labels, sentences drawn again."""
    warned, chance = flagged(found, judged), random.Random(seed)
    drawn = []
    for _ in range(rounds):
        rows = [chance.randrange(len(warned)) for _ in range(len(warned))]
        t, y = warned[rows], found.truth[rows]
        hits = (t & y).sum(0)
        drawn.append(float(np.mean(2 * hits / np.maximum(t.sum(0) + y.sum(0), 1))))
    return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))
