"""What `clausewise lint` prints: for people, or for other programs. Each printer is given the answers one by one, and closed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any, Protocol

import click

from app import wire
from app.letters import Answer
from app.output import sarif, text
from app.output.text import Style
from nlp.checks import checks

__all__ = ["PRINTERS", "Style"]


class Printer(Protocol):
    def __init__(self, style: Style) -> None: ...
    def add(self, answer: Answer) -> None: ...
    def close(self) -> None: ...


class Text:
    """For people: every letter that has warnings as it is read, and a closing line."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._severities: Counter[str] = Counter()
        self._letters = 0

    def add(self, answer: Answer) -> None:
        if answer.draft is None or answer.report is None:
            return
        self._letters += 1
        self._severities.update(finding.severity for finding in answer.report.findings)
        if told := text.letter(answer.source.name, answer.draft, answer.report, self._style):
            click.echo(told, color=self._style.colour)

    def close(self) -> None:
        if self._letters:
            click.echo(text.summary(self._severities, self._letters))


class JsonLines:
    """A Report a line, in the order of the letters; for a letter that cannot be read, the problem (RFC 9457) in its place."""

    def __init__(self, style: Style) -> None:
        pass

    def add(self, answer: Answer) -> None:
        _write(_json(answer))

    def close(self) -> None:
        pass


class Json:
    """The Report; for several letters, a list of them with the file (and its line) that each is about."""

    def __init__(self, style: Style) -> None:
        self._answers: list[Answer] = []

    def add(self, answer: Answer) -> None:
        self._answers.append(answer)

    def close(self) -> None:
        told = [json.loads(_json(answer)) for answer in self._answers]
        several = [_place(answer) | report for answer, report in zip(self._answers, told, strict=True)]
        _write(json.dumps(told[0] if len(told) == 1 else several, ensure_ascii=False, indent=2))


class Sarif:
    """SARIF 2.1.0, one run."""

    def __init__(self, style: Style) -> None:
        self._log = sarif.Log(wire.version(), checks())

    def add(self, answer: Answer) -> None:
        source = answer.source
        if answer.problem:
            self._log.fail(source.file, source.line, answer.problem.detail or answer.problem.title)
        elif answer.draft and answer.report:
            self._log.add(source.file, source.line, answer.draft, answer.report)

    def close(self) -> None:
        _write(json.dumps(self._log.document(), ensure_ascii=False, indent=2))


PRINTERS: dict[str, type[Printer]] = {"text": Text, "json": Json, "jsonl": JsonLines, "sarif": Sarif}


def _json(answer: Answer) -> str:
    if answer.draft is None or answer.report is None:
        assert answer.problem
        return answer.problem.model_dump_json(exclude_defaults=True)
    return wire.report(answer.report, answer.draft, answer.offsets, answer.seconds * 1000).model_dump_json()


def _place(answer: Answer) -> dict[str, Any]:
    return {"file": answer.source.file} | ({"line": answer.source.line} if answer.source.line else {})


def _write(line: str) -> None:
    """JSON is UTF-8 (RFC 8259, 8.1), whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()
