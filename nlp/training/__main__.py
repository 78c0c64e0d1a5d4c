"""Making the model: python -m nlp.training COMMAND --help (needs the extra `train`)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from nlp.language import SHIPPED
from nlp.training.sentences import DATA, VOICES, FaultyLine, read_voice, read_voices

WEIGHTS = click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="model.safetensors of all-MiniLM-L6-v2, its tokenizer.json beside it.",
)
LETTERS = click.option(
    "--letters",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Letters without labels (JSON Lines of benchmarks/plain_letters.py): the student hears the teacher's opinion of them.",
)
ENTITIES = click.option(
    "--entities", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="UNER English EWT, dev part (IOB2)."
)
WORK = click.option("--work", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where weights are kept between steps.")


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
def check() -> None:
    """Count the sentences, and list near-doubles and how far two labellers agree."""
    from nlp.training.doubles import agreement, near_doubles, second_labels

    sentences = read_voices()
    counts = Counter(label for sentence in sentences for label in (sentence.labels or ["-"]))
    voices = Counter(sentence.voice for sentence in sentences)
    click.echo(f"{len(sentences)} sentences by {len(voices)} writers; {dict(counts.most_common())}")
    pairs = list(near_doubles(sentences))
    click.echo(f"{len(pairs)} pairs of near-doubles, {sum(a.voice != b.voice for a, b, _ in pairs)} of them by two writers")
    for first, second, likeness in pairs:
        if first.voice != second.voice:
            click.echo(f"  {likeness:.2f}  {first.voice}: {first.said.text}\n        {second.voice}: {second.said.text}")
    numbered = {f"{voice}:{n}": s for voice in voices for n, s in enumerate(read_voice(VOICES / f"{voice}.txt"), 1)}
    again = second_labels(DATA / "second-labels.txt")
    click.echo(f"{len(again)} sentences were labelled twice")
    for label, (a, b, both, kappa) in agreement([numbered[mark].labels for mark in again], again.values()).items():
        click.echo(f"  {label:<16} first {a:>4}  second {b:>4}  both {both:>4}  kappa {kappa:.2f}")


@main.command()
@WEIGHTS
@LETTERS
@ENTITIES
@WORK
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=SHIPPED, help="Where the artefact goes.")
@click.option("--version", required=True, help="What reports will call the model.")
@click.option("--teacher", is_flag=True, help="Teach six layers first, and let the small encoder learn from them: three times the work.")
def train(weights: Path, letters: Path | None, entities: Path | None, work: Path, out: Path, version: str, teacher: bool) -> None:
    """Make the artefact: the small encoder, int8, calibration, thresholds. A teacher that is kept in --work already is taken."""
    from nlp.training import recipe

    work.mkdir(parents=True, exist_ok=True)
    material = recipe.gather(weights, letters, entities)
    click.echo(
        f"{len(material.train)} sentences and {len(material.letters_train)} letters to learn from, {len(material.validation)} sentences to "
        f"choose by, {len(material.unlabelled)} letters without labels"
    )
    if teacher and not (work / "teacher.pt").exists():
        recipe.save(recipe.teacher(material, tell=click.echo), work / "teacher.pt")
    if teacher:
        taught = recipe.restore(work / "teacher.pt", recipe.TEACHER_LAYERS)
        small = recipe.finish(material, recipe.student(material, taught, tell=click.echo), tell=click.echo)
    else:
        small = recipe.alone(material, tell=click.echo)
    recipe.save(small, work / "student.pt")
    recipe.package(small, material, version, out)
    click.echo(f"Written to {out}")


@main.command()
@WEIGHTS
@ENTITIES
@WORK
@click.option("--entities-test", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="UNER English EWT, test part (IOB2).")
@click.option("--model", "artefact", type=click.Path(exists=True, file_okay=False, path_type=Path), default=SHIPPED)
def report(weights: Path, entities: Path | None, work: Path, entities_test: Path | None, artefact: Path) -> None:
    """Measure teacher, student and artefact on the test writers, and write report.md and its figure beside the artefact."""
    from nlp.training.report import write

    write(weights, work, artefact, entities_test)
    click.echo((artefact / "report.md").read_text("utf-8"))


@main.command()
@WEIGHTS
@WORK
def ablate(weights: Path, work: Path) -> None:
    """Train small encoders with something left out, and keep their figures for the report."""
    from nlp.training.ablations import run

    found = run(weights, tell=click.echo)
    (work / "ablations.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")


@main.command()
@WEIGHTS
@LETTERS
@click.option(
    "--sentences",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="Your labelled sentences.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where your artefact goes: point CLAUSEWISE_MODEL to it."
)
@click.option("--version", required=True, help="What reports will call your model.")
@click.option("--epochs", type=click.IntRange(1), default=12, show_default=True, help="How often everything is read.")
def finetune(weights: Path, letters: Path | None, sentences: tuple[Path, ...], out: Path, version: str, epochs: int) -> None:
    """Make an artefact of your own: our sentences and yours, yours counted twice, in the small encoder."""
    from nlp.training import recipe

    try:
        own = [sentence for path in sentences for sentence in read_voice(path)]
    except FaultyLine as error:
        raise click.ClickException(str(error)) from None
    material = recipe.gather(weights, letters)
    material.train.extend(own * 2)
    small = recipe.alone(material, replace(recipe.ALONE, epochs=epochs), tell=click.echo)
    recipe.package(small, material, version, out)
    click.echo(f"Written to {out}")


main()
