"""How well single sentences are labelled: by the encoder that comes with Clausewise, and by what spaCy offers to those who have them.

That is a small CNN, which learns from the same sentences from scratch. It is given a few more than the encoder: what somebody said in
nearly the same words as a writer of the test is kept from the encoder, and is not looked for here.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline.textcat_multilabel import multi_label_cnn_config
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Config

from nlp import training
from nlp.language import LABELS, SHIPPED
from nlp.language.encoder import load
from nlp.language.encoder import scores as encoder_scores
from nlp.language.windows import Windows
from nlp.training.sentences import Sentence, read_voices

RECIPE = Path(training.__file__).with_name("recipe.py")
EPOCHS = 8
BATCH = 32
DROPOUT = 0.1
SEED = 1894


# ---- the sentences ----


def sentences() -> tuple[list[Sentence], list[Sentence]]:
    """What may be learnt from, and what the writers of the test said."""
    validation, test = _writers("VALIDATION"), _writers("TEST")
    found = read_voices()
    return [s for s in found if s.voice not in validation + test], [s for s in found if s.voice in test]


def _writers(which: str) -> tuple[str, ...]:
    """The writers that the recipe holds back. It is read and not imported, since it needs torch."""
    for statement in ast.parse(RECIPE.read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and any(isinstance(name, ast.Name) and name.id == which for name in statement.targets):
            return ast.literal_eval(statement.value)
    raise LookupError(f"{RECIPE} holds back no writers as {which}")


# ---- spaCy's CNN ----


def taught(caches: Path, learnt: Sequence[Sentence], tell: Callable[[str], None]) -> Path:
    """The folder of a CNN that has learnt from these sentences: made once, and anew where they, spaCy or this file change."""
    made_for = hashlib.sha256(Path(__file__).read_bytes() + spacy.__version__.encode())
    for sentence in learnt:
        made_for.update(repr((sentence.said.text, sorted(sentence.labels))).encode())
    folder = caches / f"cnn-{made_for.hexdigest()[:12]}"
    complete = folder / "complete"
    if not complete.exists():
        tell(f"teaching spaCy's CNN {len(learnt):,} sentences, once, for {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        teach(learnt).to_disk(folder)
        complete.touch()
    return folder


def teach(learnt: Sequence[Sentence], epochs: int = EPOCHS) -> Language:
    """A blank pipeline and the CNN, with the settings that spaCy gives it, after some epochs of single sentences."""
    fix_random_seed(SEED)
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat_multilabel", config=Config().from_str(multi_label_cnn_config))
    examples = [
        Example.from_dict(nlp.make_doc(sentence.said.text), {"cats": {label: float(label in sentence.labels) for label in LABELS}})
        for sentence in learnt
    ]
    optimizer = nlp.initialize(lambda: examples)
    chance = Random(SEED)
    for _ in range(epochs):
        chance.shuffle(examples)
        for batch in minibatch(examples, BATCH):
            nlp.update(batch, drop=DROPOUT, sgd=optimizer)
    return nlp


# ---- how well ----


def by_cnn(folder: Path, asked: Sequence[Sentence]) -> np.ndarray:
    """The CNN's scores (sentences × labels)."""
    docs = spacy.load(folder).pipe(sentence.said.text for sentence in asked)
    return np.array([[doc.cats[label] for label in LABELS] for doc in docs])


def by_encoder(asked: Sequence[Sentence], folder: Path = SHIPPED) -> np.ndarray:
    """The encoder's scores (sentences × labels), each sentence in a window of its own. Raises `nlp.language.encoder.FaultyModel`."""
    model = load(folder)
    windows = Windows(model.tokenizer)
    scores = []
    for sentence in asked:
        window = windows.opened(sentence.writer, sentence.readers)
        before, said = windows.pieces([sentence.before.text if sentence.before else "", sentence.said.text])
        for part in before:
            window.add(part, windows.separator, None)
        for part in said:
            window.add(part, windows.separator, 0)
        figures = model.read(window)
        scores.append(encoder_scores(figures, window.sentences).max(0))  # a line that holds several sentences
    return np.array(scores)


def mean_average_precision(scores: np.ndarray, asked: Sequence[Sentence]) -> float:
    """The mean over labels of the area under precision and recall: how well they are told apart, whatever the thresholds."""
    truth = np.array([[label in sentence.labels for label in LABELS] for sentence in asked])
    return float(np.mean([_average_precision(scores[:, n], truth[:, n]) for n in range(len(LABELS))]))


def _average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(-scores)
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # no threshold parts sentences that score alike
    hits = np.cumsum(truth[order])[ends]
    return float((np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / hits[-1])


def size_of_cnn(folder: Path) -> int:
    """Bytes on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def size_of_encoder(folder: Path = SHIPPED) -> int:
    """Bytes on disk, without the report that lies beside it."""
    return sum((folder / name).stat().st_size for name in ("encoder.onnx", "tokenizer.json", "model.json"))
