"""What each part of the recipe is worth: small encoders without a teacher, with something left out, judged on the test writers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from nlp.training import judge, recipe
from nlp.training.batches import Teaching
from nlp.training.learn import Schedule, teach
from nlp.training.network import pretrained
from nlp.training.sentences import Sentence

QUICK = Schedule(epochs=5, encoder_rate=3e-4)


def run(weights: Path, tell: Callable[[str], None] = print) -> dict[str, dict[str, float]]:
    """Name of the trial -> number of sentences learnt from, mean average precision over labels, spans' agreement; on the test writers."""
    material = recipe.gather(weights)
    voices = sorted({sentence.voice for sentence in material.train})
    by = lambda share: [s for s in material.train if s.voice in voices[: max(round(len(voices) * share), 1)]]
    trials: dict[str, tuple[list[Sentence], dict[str, bool]]] = {
        "all sentences": (material.train, {}),
        "half of the writers": (by(0.5), {}),
        "a quarter of the writers": (by(0.25), {}),
        "without the sentence before": (material.train, {"context": False}),
        "without who writes to whom": (material.train, {"roles": False}),
    }
    found = {}
    for name, (sentences, left_out) in trials.items():
        teaching = Teaching(material.windows, **left_out)
        small = pretrained(weights, recipe.STUDENT_LAYERS)
        teach(small, lambda chance, t=teaching, s=sentences: t.lessons(s, chance), QUICK, tell=tell)
        said = judge.answers(judge.by_encoder(small), teaching.lessons(material.test))
        found[name] = {
            "sentences": len(sentences),
            "average precision": judge.mean_average_precision(said),
            "spans": float(np.mean(said.overlaps)),
        }
        tell(f"{name}: {found[name]}")
    return found
