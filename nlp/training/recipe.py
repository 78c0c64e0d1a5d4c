"""From the published weights to the shipped artefact: teacher, student, int8, calibration."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from nlp.language import LABELS
from nlp.language.encoder import FORMAT, Judgement, load
from nlp.language.windows import Windows
from nlp.training import export, judge
from nlp.training.batches import Lesson, Teaching
from nlp.training.doubles import near_doubles
from nlp.training.learn import Lessons, Schedule, teach
from nlp.training.letters import letters, named, universal_ner, unlabelled
from nlp.training.network import Encoder, first_layers, pretrained
from nlp.training.sentences import Letter, Marked, Sentence, read_all_letters, read_voices

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# thresholds and calibration are chosen on these writers
VALIDATION = ("03-firth", "14-grandee", "39-plain-county", "L3-homecounties", "L9-midlands", "62-officemail")
# the report's figures are theirs
TEST = (
    "08-clerk",
    "10-pitvillage",
    "12-caseofficer",
    "20-fells",
    "28-retail",
    "34-plain-scots",
    "L5-northlondon",
    "L6-parish",
    "51-kilnside",
    "60-tradingfloor",
)
TEACHER_LAYERS, STUDENT_LAYERS = 6, 2
TEACHER = Schedule(epochs=3)
STUDENT = Schedule(epochs=6, encoder_rate=3e-4)
EDITIONS = 2
UNLABELLED = 600  # letters that the student hears of in an epoch
FINISH = Schedule(epochs=4, encoder_rate=2e-4, head_rate=5e-4, seed=2)
ALONE = Schedule(epochs=12, encoder_rate=3e-4)
CALIBRATION_WINDOWS = 200

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """Everything that training reads. `unlabelled` and `entities` come from outside the project and may be empty."""

    train: list[Sentence]
    validation: list[Sentence]
    test: list[Sentence]
    letters_train: list[Letter]
    letters_validation: list[Letter]
    letters_test: list[Letter]
    named: list[Marked]
    entities: list[Marked]
    unlabelled: list[list[str]]
    windows: Windows
    weights: Path


class WrongWeights(ValueError):
    """The weights are not those that the figures of the report were measured with."""


def tokenizer(weights: Path) -> Tokenizer:
    """The vocabulary that lies beside the weights, without its padding and truncation."""
    found = Tokenizer.from_file(str(weights.with_name("tokenizer.json")))
    found.no_padding()
    found.no_truncation()
    return found


def gather(weights: Path, letters_in: Path | None = None, entities_in: Path | None = None) -> Material:
    """Read the data. `weights`: the safetensors file of all-MiniLM-L6-v2. Raises `WrongWeights`, `FaultyLine`, `OSError`."""
    if hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise WrongWeights(f"{weights} is not the file that these recipes were written for")
    sentences, whole = read_voices(), read_all_letters()
    held = (*VALIDATION, *TEST)
    # what a writer who is judged happened to say in nearly the same words is not learnt from
    alike = {id(s) for pair in near_doubles(sentences) for s in pair[:2] if any(other.voice in held for other in pair[:2])}
    return Material(
        [s for s in sentences if s.voice not in held and id(s) not in alike],
        [s for s in sentences if s.voice in VALIDATION],
        [s for s in sentences if s.voice in TEST],
        [letter for letter in whole if letter.voice not in held],
        [letter for letter in whole if letter.voice in VALIDATION],
        [letter for letter in whole if letter.voice in TEST],
        named(),
        universal_ner(entities_in) if entities_in else [],
        letters(letters_in) if letters_in else [],
        Windows(tokenizer(weights)),
        weights,
    )


def teacher(material: Material, schedule: Schedule = TEACHER, tell: Tell = print) -> Encoder:
    """The six-layer encoder."""
    return teach(pretrained(material.weights, TEACHER_LAYERS), _lessons(material), schedule, tell=tell)


def student(material: Material, taught: Encoder, schedule: Schedule = STUDENT, tell: Tell = print) -> Encoder:
    """A small encoder that begins as the teacher's first layers and learns from its answers too.

    The teacher answers a few editions of the lessons (other names, other spelling), which the student reads in turn.
    """
    known, answers = _lessons(material), judge.by_encoder(taught)
    editions: list[list[Lesson]] = []
    turn = itertools.count()

    def lessons(chance: random.Random) -> list[Lesson]:
        number = next(turn) % EDITIONS
        if number == len(editions):
            edition = known(chance)
            for lesson, answer in zip(edition, answers([lesson.window for lesson in edition]), strict=True):
                lesson.answer = answer.astype(np.float16)
            editions.append(edition)
        return editions[number]

    return teach(first_layers(taught, STUDENT_LAYERS), lessons, schedule, tell=tell)


def finish(material: Material, small: Encoder, schedule: Schedule = FINISH, tell: Tell = print) -> Encoder:
    """The student once more over what people labelled, without its teacher, who may be hesitant where they were certain."""
    return teach(small, _lessons(material), schedule, tell=tell)


def alone(material: Material, schedule: Schedule = ALONE, tell: Tell = print) -> Encoder:
    """A small encoder without a teacher."""
    return teach(pretrained(material.weights, STUDENT_LAYERS), _lessons(material), schedule, tell=tell)


def _lessons(material: Material) -> Lessons:
    """All that an epoch reads: labelled sentences and letters, marked names, and some letters that nobody labelled."""
    teaching = Teaching(material.windows)

    def lessons(chance: random.Random) -> list[Lesson]:
        made = teaching.lessons(material.train, chance) + teaching.letters(material.letters_train, chance)
        made += teaching.tagged(material.named + material.entities, chance)
        drawn = chance.sample(material.unlabelled, min(len(material.unlabelled), UNLABELLED))
        return made + unlabelled(material.windows, drawn, chance)

    return lessons


def package(encoder: Encoder, material: Material, version: str, folder: Path) -> None:
    """Write the artefact: quantised encoder, vocabulary, and model.json with calibration and thresholds of the validation writers."""
    folder.mkdir(parents=True, exist_ok=True)
    exact = folder / "exact.onnx"
    export.to_onnx(encoder, exact)
    teaching = Teaching(material.windows)
    chance = random.Random(1)
    shown = [lesson.window for lesson in teaching.lessons(material.train, chance) + teaching.letters(material.letters_train, chance)]
    export.to_int8(exact, folder / "encoder.onnx", chance.sample(shown, min(len(shown), CALIBRATION_WINDOWS)))
    exact.unlink()
    material.windows.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _describe(folder, version, ({label: Judgement(1.0, 0.0, 0.5) for label in LABELS}, 0.5))  # to be read at all
    read = judge.by_model(load(folder))
    sentences, letters = teaching.lessons(material.validation), teaching.letters(material.letters_validation)
    _describe(folder, version, judge.judgements(judge.answers(read, sentences), judge.answers(read, letters)))


def _describe(folder: Path, version: str, judged: judge.Judged) -> None:
    digest = lambda name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
    told = {
        "format": FORMAT,
        "version": version,
        "labels": list(LABELS),
        "judgements": {label: {k: round(v, 4) for k, v in asdict(judgement).items()} for label, judgement in judged[0].items()},
        "together": round(judged[1], 4),
        "sha256": {name: digest(name) for name in ("encoder.onnx", "tokenizer.json")},
    }
    (folder / "model.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def save(encoder: Encoder, path: Path) -> None:
    """Keep weights between steps."""
    torch.save(encoder.state_dict(), path)


def restore(path: Path, layers: int) -> Encoder:
    """Weights that were kept."""
    encoder = Encoder(layers)
    encoder.load_state_dict(torch.load(path, weights_only=True))
    return encoder.eval()
