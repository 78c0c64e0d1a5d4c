"""What is wrong with the data: doubles, near-doubles, and how well two labellers agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import cohen_kappa_score
from sklearn.neighbors import NearestNeighbors

from nlp.language import LABELS
from nlp.training.sentences import Sentence

NEAR = 0.8  # cosine of character 3- to 5-grams from which two sentences are near-doubles


def near_doubles(sentences: list[Sentence], near: float = NEAR) -> Iterator[tuple[Sentence, Sentence, float]]:
    """Pairs of sentences that say nearly the same words, the closest first."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True).fit_transform(s.key for s in sentences)
    distances, places = NearestNeighbors(n_neighbors=4, metric="cosine").fit(vectors).kneighbors(vectors)
    pairs = {
        (min(i, int(j)), max(i, int(j))): 1 - float(d)
        for i, (row, near_by) in enumerate(zip(distances, places, strict=True))
        for d, j in zip(row, near_by, strict=True)
        if i != j and 1 - d >= near
    }
    for (i, j), likeness in sorted(pairs.items(), key=lambda pair: -pair[1]):
        yield sentences[i], sentences[j], likeness


def agreement(first: Iterable[frozenset[str]], second: Iterable[frozenset[str]]) -> dict[str, tuple[int, int, int, float]]:
    """For each label: how often the first labeller gave it, the second, both, and Cohen's kappa (1960)."""
    pairs = list(zip(first, second, strict=True))
    found = {}
    for label in (*LABELS, "-"):
        has = lambda labels, label=label: label in labels if label != "-" else not labels
        a, b = np.array([has(x) for x, _ in pairs]), np.array([has(y) for _, y in pairs])
        found[label] = (int(a.sum()), int(b.sum()), int((a & b).sum()), float(cohen_kappa_score(a, b)))
    return found


def second_labels(path: Path) -> dict[str, frozenset[str]]:
    """The labels of a blind second labelling, by the sentence's mark "voice:number"."""
    lines = (line.split(" | ") for line in path.read_text("utf-8").splitlines() if line.strip())
    return {
        mark.strip(): frozenset() if labels.strip() == "-" else frozenset(x.strip() for x in labels.split(",")) for mark, labels in lines
    }
