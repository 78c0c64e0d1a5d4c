"""The trained encoder at work: what it needs, what it tells, and that nothing but the words of a letter decides."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nlp.draft import Role
from nlp.language import LABELS, SHIPPED, Context, Label, model_name, pipeline
from nlp.language.encoder import FAULT, FaultyModel, Judgement, Memory, load, people_tagged, scores, told, underlined
from nlp.language.windows import Windows

MEMBER_TO_OFFICER = (Role.MEMBER, frozenset({Role.OFFICER}))


def labels(text: str, writer: Role = Role.MEMBER, readers: frozenset[Role] = frozenset({Role.OFFICER}), own: bool = True) -> list[Label]:
    nlp = pipeline()
    doc = nlp.make_doc(text)
    doc._.context = Context(writer, readers, ((0, len(text)),) if own else ())
    return list(nlp(doc)._.labels)


def names(text: str, **given: object) -> set[str]:
    return {label.name for label in labels(text, **given)}  # type: ignore[arg-type]


FOUND = [
    ("over-familiar", "Morning gorgeous, did you sleep well after all that wine? xx"),
    ("attack", "Your enforcement officers are bone idle liars."),
    ("criticism", "Gwen Pritchard did not read the file before she answered."),
    ("obligation", "The council will reimburse you for the tyre."),
    ("instruction", "I am instructing you to close the footbridge today."),
    ("pressure", "Change that recommendation to approval before it is printed, or your budget will suffer for it."),
    ("party-political", "Vote Labour on Thursday and help us deliver these leaflets."),
    ("sensitive", "Mrs Gwen Pritchard has dementia and is behind with her rent."),
    ("as-council", "On behalf of Dunmoor Town Council I write to refuse your application."),
]


@pytest.mark.parametrize(("label", "text"), FOUND, ids=[label for label, _ in FOUND])
def test_plain_breaches_are_found(label: str, text: str):
    assert label in names(text) or (label in FAULT and not names(text).isdisjoint(FAULT))


def test_an_ordinary_letter_has_no_labels():
    body = (
        "Dear Ruth,\n\nThank you for the note about the crossing in Mill Lane. The residents of the terrace are glad that the survey "
        "is done, and they would like to know when the paint will be renewed. Could you tell me whether the contractor has a date, and "
        "who will put the notices up? The school is closed until Tuesday, so that week would suit everybody.\n\nKind regards,\nCarol"
    )
    assert labels(body) == []


def test_only_sensitive_facts_are_read_in_what_others_wrote():
    text = "Your officers are bone idle liars. Mrs Gwen Pritchard has dementia."
    assert names(text, own=False) <= {"sensitive"}


def test_labels_lie_in_the_text_and_end_with_words():
    text = "Dear Ruth,\n\nThe council will reimburse you for the tyre.\n\nCarol"
    for label in labels(text):
        assert 0 <= label.start < label.end <= len(text)
        assert label.name in LABELS and 0 < label.certainty <= 1
        assert not (text[label.start - 1 : label.start + 1].isalnum() and label.start)


def test_a_letter_reads_alike_whatever_was_read_before():
    text = "Dear Ruth,\n\nThe council will reimburse you for the tyre. Your officers are bone idle liars.\n\nCarol"
    first = labels(text)
    for other in ("Good day.", "x " * 500, text + " Vote Labour on Thursday."):
        labels(other)
    assert labels(text) == first


@pytest.mark.parametrize("unit", ["A'", "STOP IT NOW AND ", "! ", "\u200b", "🙂", "he is , and , "])
def test_a_promise_behind_a_hostile_text_is_found(unit: str):
    text = unit * (20_000 // len(unit)) + "\n\nThe council will reimburse you for the tyre."
    found = [label for label in labels(text) if label.start >= text.rindex("The council")]
    assert "obligation" in {label.name for label in found}


def test_who_is_named_changes_nothing_where_the_name_is_known():
    letter = "Dear {},\n\nThe council will reimburse Mrs {} for the tyre. Mr {} has dementia.\n\nCarol"
    shapes = {
        tuple((label.name, round(label.certainty, 6)) for label in labels(letter.format(*people)))
        for people in (("Ruth", "Platt", "Khan"), ("Priya", "Okoro", "Nowak"), ("Mohammed", "Pritchard", "Singh"))
    }
    assert len(shapes) == 1 and shapes != {()}


# the artefact


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def test_the_shipped_artefact_is_small_and_says_what_it_is():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 25_000_000
    assert model_name() == load(SHIPPED).name
    assert load(SHIPPED).digest in model_name()


def test_another_folder_is_read_where_one_is_named(artefact: Path):
    described = json.loads((artefact / "model.json").read_text("utf-8"))
    (artefact / "model.json").write_text(json.dumps({**described, "version": "our-own-3"}), "utf-8")
    assert model_name(artefact).startswith("our-own-3+")


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json"])
def test_a_file_that_was_changed_is_refused(artefact: Path, name: str):
    (artefact / name).write_bytes((artefact / name).read_bytes() + b" ")
    with pytest.raises(FaultyModel, match=name):
        load(artefact)


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "model.json"])
def test_a_file_that_is_missing_is_named(artefact: Path, name: str):
    (artefact / name).unlink()
    with pytest.raises(FaultyModel, match=name):
        load(artefact)


@pytest.mark.parametrize(
    "change", [{"format": 99}, {"labels": ["rudeness"], "judgements": {"rudeness": {"slope": 1, "shift": 0, "threshold": 0.5}}}]
)
def test_an_artefact_for_another_engine_is_refused(artefact: Path, change: dict):
    described = json.loads((artefact / "model.json").read_text("utf-8"))
    (artefact / "model.json").write_text(json.dumps({**described, **change}), "utf-8")
    with pytest.raises(FaultyModel, match="another version"):
        load(artefact)


@pytest.mark.parametrize("described", ["", "[]", "{}", '{"format": 2}'])
def test_a_description_that_cannot_be_used_is_refused(artefact: Path, described: str):
    (artefact / "model.json").write_text(described, "utf-8")
    with pytest.raises(FaultyModel, match=r"model\.json"):
        load(artefact)


# its parts


def test_repeated_windows_are_computed_once_and_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    model = load(SHIPPED)
    windows = Windows(model.tokenizer)
    said = windows.pieces(["Good day.", "Thank you for the plan.", "See you at the surgery."])
    read: list[int] = []
    memory = Memory(model, most=2)
    monkeypatch.setattr(type(model), "read", lambda self, window: read.append(len(window.ids)) or np.zeros((len(window.ids), 25)))
    cut = [next(windows.cut(*MEMBER_TO_OFFICER, [(0, pieces)])) for pieces in said]
    for window in (cut[0], cut[0], cut[1], cut[0]):
        memory.read(window)
    assert len(read) == 2
    memory.read(cut[2])
    memory.read(cut[1])  # the oldest was forgotten for the third
    assert len(read) == 4


def test_what_runs_somebody_down_is_judged_together():
    judged = {label: Judgement(1.0, 0.0, 0.8) for label in LABELS}
    sure = dict.fromkeys(LABELS, 0.01) | {"attack": 0.5, "disrespect": 0.6}
    found = told(sure, judged, 0.75)
    assert set(found) == {"attack", "disrespect"}  # whom the words mean will decide
    assert found["disrespect"] == found["attack"] == pytest.approx(1 - 0.5 * 0.4 * 0.99)
    assert set(told(sure | {"attack": 0.2}, judged, 0.6)) == {"disrespect"}
    assert told(sure, judged, 0.9) == {}
    assert told(sure | {"pressure": 0.9}, judged, 0.9) == {"pressure": 0.9}


def test_the_likeliest_run_is_underlined():
    assert underlined(np.array([-3, 2, 3, -1, 2, -4, -4, -4, 1.0])) == (1, 5)
    assert underlined(np.array([-3, -2, -3.0])) == (0, 3)


def test_tags_are_read_as_names():
    tags = np.zeros((6, 5))
    for place, tag in enumerate([0, 1, 2, 0, 2, 1]):
        tags[place, tag] = 9.0
    assert [found[:3] for found in people_tagged(tags, [(0, 0, 4), (1, 4, 6)])] == [(0, 1, 3), (1, 0, 1), (1, 1, 2)]
    assert list(people_tagged(tags[:1], [(0, 0, 1)])) == []


def test_a_telling_word_counts_for_more_than_words_that_carry_nothing():
    n = len(LABELS)
    figures = np.zeros((7, 2 * n + 5))
    figures[:, 0] = [-4, -4, 4, 0, -4, -4, 0]  # two sentences of three and two pieces, a separator after each
    figures[2, n] = 9.0
    mean = scores(figures, [(0, 0, 3), (1, 4, 6)])
    assert mean.shape == (2, n)
    assert mean[0, 0] == pytest.approx(4, abs=0.01) and mean[1, 0] == pytest.approx(-4)
    assert mean[0, 1] == 0


def test_figures_beyond_all_bounds_weigh_as_much_as_large_ones():
    figures = np.full((3, 2 * len(LABELS) + 5), 1e6)
    assert np.isfinite(scores(figures, [(0, 0, 2)])).all()
