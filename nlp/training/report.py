"""The evaluation report: figures on writers of whom nothing was learnt, written beside the artefact."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from nlp.draft import Role
from nlp.language import LABELS
from nlp.language.encoder import FAULT, load
from nlp.training import fairness, judge, recipe
from nlp.training.batches import Lesson, Teaching
from nlp.training.letters import universal_ner
from nlp.training.sentences import Sentence

WORST = 25


@dataclass(frozen=True)
class Measured:
    """One encoder's answers to the sentences and the letters of the test writers, judged by thresholds of its own."""

    name: str
    sentences: judge.Answers
    letters: judge.Answers
    judged: judge.Judged
    read: judge.Reader


def write(weights: Path, work: Path, artefact: Path, entities_test: Path | None = None) -> None:
    """Measure what is kept of a training, and the artefact, and write `report.md` and `reliability.svg`."""
    material = recipe.gather(weights)
    teaching = Teaching(material.windows)
    choosing = teaching.lessons(material.validation), teaching.letters(material.letters_validation)
    sentences, letters = teaching.lessons(material.test), teaching.letters(material.letters_test)

    def measure(name: str, read: judge.Reader, judged: judge.Judged | None = None) -> Measured:
        chosen = judged or judge.judgements(*(judge.answers(read, lessons) for lessons in choosing))
        return Measured(name, judge.answers(read, sentences), judge.answers(read, letters), chosen, read)

    shipped = load(artefact)
    kept = [("teacher, six layers", work / "teacher.pt", recipe.TEACHER_LAYERS), ("two layers", work / "student.pt", recipe.STUDENT_LAYERS)]
    all_of_them = [measure(name, judge.by_encoder(recipe.restore(path, layers))) for name, path, layers in kept if path.exists()]
    all_of_them.append(measure("shipped: these in eight bits", judge.by_model(shipped), (shipped.judgements, shipped.together)))
    last = all_of_them[-1]
    parts = [
        f"# How good the model is\n\nModel `{shipped.name}`, measured on writers of whom nothing was learnt: "
        f"{len(last.sentences.sentences)} single sentences, half of them hard harmless neighbours, and {len(last.letters.sentences)} "
        f"sentences of whole letters, by {', '.join(recipe.TEST)}. "
        f"Calibration and thresholds were chosen on {', '.join(recipe.VALIDATION)}. Made by `python -m nlp.training report`.",
        _side_by_side(all_of_them),
        _by_label("Single sentences", last.sentences, last.judged),
        _by_label("Sentences of whole letters", last.letters, last.judged),
        "![How certainty and truth agree](reliability.svg)",
        _confusion(last),
        _ablations(work / "ablations.json"),
        _by_writer(last),
        _fair(artefact),
        _names(last.read, material, entities_test),
        _worst(last),
    ]
    (artefact / "report.md").write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")
    _reliability(last, artefact / "reliability.svg")


def _table(head: list[str], rows: list[list[object]]) -> str:
    line = lambda cells: "| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells) + " |"
    return "\n".join([line(head), "|" + " --- |" * len(head), *map(line, rows)])


def _side_by_side(measured: list[Measured]) -> str:
    rows: list[list[object]] = []
    for one in measured:
        found = judge.figures(one.sentences, one.judged)
        low, high = judge.bootstrap(one.sentences, one.judged)
        mean: Callable[[str], float] = lambda what, found=found: float(np.mean([getattr(f, what) for f in found]))
        clean = ~one.letters.truth.any(1)
        false = float((judge.flagged(one.letters, one.judged).any(1) & clean).sum() / clean.sum())
        rows.append(
            [
                one.name,
                judge.mean_average_precision(one.sentences),
                mean("precision"),
                mean("recall"),
                mean("f1"),
                f"{low:.3f} to {high:.3f}",
                float(one.sentences.overlaps.mean()),
                judge.mean_average_precision(one.letters),
                false,
            ]
        )
    head = [
        "",
        "average precision",
        "precision",
        "recall",
        "F1",
        "F1, 95 %",
        "underlined",
        "average precision in letters",
        "harmless sentences of letters flagged",
    ]
    return (
        "## Side by side\n\nMeans over the ten labels. Average precision does not depend on thresholds; precision, "
        "recall and F1 are at each encoder's own. *Underlined* is how far the marked words agree with what the writer marked "
        "(intersection over union).\n\n" + _table(head, rows)
    )


def _by_label(title: str, found: judge.Answers, judged: judge.Judged) -> str:
    rows: list[list[object]] = [
        [f.label, f.support, judged[0][f.label].threshold, f.precision, f.recall, f.f1, f.average_precision, f.ece, f.false_on_clean]
        for f in judge.figures(found, judged)
    ]
    together = [
        "attack, criticism or disrespect",
        int(found.truth[:, [LABELS.index(x) for x in FAULT]].any(1).sum()),
        judged[1],
        *judge.run_down(found, judged),
    ]
    rows.append([*together, "", "", ""])
    head = ["label", "sentences", "threshold", "precision", "recall", "F1", "average precision", "ECE", "harmless flagged"]
    return f"## {title}\n\n" + _table(head, rows)


def _confusion(measured: Measured) -> str:
    mixed = judge.confusion(measured.sentences, measured.judged)
    rows: list[list[object]] = [[true, told, count] for (true, told), count in mixed.most_common(20)]
    return "## What is taken for what\n\nSingle sentences; “-” is harmless, or nothing told.\n\n" + _table(
        ["is", "was told", "times"], rows
    )


def _ablations(path: Path) -> str:
    if not path.exists():
        return ""
    rows: list[list[object]] = [
        [name, found["sentences"], found["average precision"], found["spans"]]
        for name, found in json.loads(path.read_text("utf-8")).items()
    ]
    head = ["learnt from", "sentences", "average precision", "underlined"]
    text = "## What each part is worth\n\nTwo layers, five epochs, no teacher, single sentences only; the same test sentences.\n\n"
    return text + _table(head, rows)


def _by_writer(measured: Measured) -> str:
    rows: list[list[object]] = []
    for found in (measured.sentences, measured.letters):
        told = judge.flagged(found, measured.judged)
        voices = np.array([sentence.voice for sentence in found.sentences])
        clean = ~found.truth.any(1)
        for voice in sorted(set(voices)):
            mine = voices == voice
            hits = (told & found.truth)[mine].any(1).sum() / max((mine & ~clean).sum(), 1)
            rows.append([voice, int(mine.sum()), float(hits), float((told.any(1) & clean & mine).sum() / (clean & mine).sum())])
    head = ["writer", "sentences", "breaches of which a label was told rightly", "harmless sentences flagged"]
    text = "## By writer\n\n08-clerk writes second-language English, 10-pitvillage dictates with a Durham accent, 20-fells is Cumbrian.\n\n"
    return text + _table(head, rows)


def _fair(artefact: Path) -> str:
    rows: list[list[object]] = [
        [name, tried.letters, tried.read, f"{100 * tried.share:.1f} %", f"{100 * tried.letters_different / max(tried.letters, 1):.1f} %"]
        for name, tried in fairness.try_all(model=artefact).items()
    ]
    head = ["what was changed", "letters", "changed letters read", "told something else", "letters where any change did so"]
    text = "## Does it matter who is named?\n\nLetters of `data/letters` drawn by chance, with names of which none was learnt from.\n\n"
    return text + _table(head, rows)


def _names(read: judge.Reader, material: recipe.Material, path: Path | None) -> str:
    if path is None:
        return ""
    texts = universal_ner(path)
    parts = material.windows.pieces([text.text for text in texts])
    kept = [(text, part[0]) for text, part in zip(texts, parts, strict=True) if len(part) == 1]
    lessons = []
    for _, part in kept:
        lesson = Lesson(material.windows.opened(Role.UNKNOWN, ()))
        lesson.window.add(part, material.windows.separator, None)
        lessons.append(lesson)
    precision, recall, f1 = judge.names(read, lessons, [text for text, _ in kept], [part.spans for _, part in kept])
    return f"## Names of persons\n\nUNER English EWT, test part, exact spans: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}."


def _worst(measured: Measured) -> str:
    sure = judge.sure_of(measured.sentences, measured.judged)
    told = judge.flagged(measured.sentences, measured.judged)
    wrong: list[tuple[float, str, str, Sentence]] = []
    for row, sentence in enumerate(measured.sentences.sentences):
        for number, label in enumerate(LABELS):
            if told[row, number] and label not in sentence.labels:
                wrong.append((float(sure[row, number]), f"told {label}", ", ".join(sorted(sentence.labels)) or "-", sentence))
            elif not told[row].any() and label in sentence.labels:
                wrong.append((1 - float(sure[row, number]), "told nothing", label, sentence))
    wrong.sort(key=lambda w: -w[0])
    false = [w for w in wrong if w[1] != "told nothing"][:WORST]
    missed = [w for w in wrong if w[1] == "told nothing"][:WORST]
    rows: list[list[object]] = [
        [f"{w[0]:.2f}", w[1], w[2], f"{w[3].writer.value} to {', '.join(sorted(w[3].readers))}", w[3].said.text] for w in (*false, *missed)
    ]
    return "## The worst errors\n\n" + _table(["by", "", "is", "who to whom", "sentence"], rows)


def _reliability(measured: Measured, path: Path) -> None:
    sure = judge.sure_of(measured.sentences, measured.judged)
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    axes = figure.subplots(2, 5, sharex=True, sharey=True)
    for number, (label, ax) in enumerate(zip(LABELS, axes.flat, strict=True)):
        places = np.minimum((sure[:, number] * 5).astype(int), 4)
        points = [
            (sure[places == b, number].mean(), measured.sentences.truth[places == b, number].mean())
            for b in range(5)
            if (places == b).any()
        ]
        ax.plot([0, 1], [0, 1], color="0.6", linewidth=1)
        ax.plot(*zip(*points, strict=True), marker="o", color="#1f4e79")
        ax.set_title(label, fontsize=9)
    figure.supxlabel("certainty told")
    figure.supylabel("share that was right")
    figure.savefig(path, metadata={"Date": None})
