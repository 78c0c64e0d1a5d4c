"""Letters out of files, read one after the other or on all cores: what `clausewise lint` does between its arguments and its output.

A file is a Draft of the contract (JSON), Drafts a line (JSON lines), or a message. Its content says which; its name only where the
content leaves it open. Whatever is wrong with one letter is that letter's answer, and every letter has an answer, in order.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, tee
from pathlib import Path
from typing import Literal

from app import wire
from app.engine import Engine
from app.errors import Problem, ProblemDetails, Unreadable, validated
from app.pool import Pool
from app.settings import Settings
from app.wire import Unit
from nlp.draft import Draft, Report, Role

FEW = 200  # letters that are read sooner here than other processes are started
BINARY = (bytes.fromhex("d0cf11e0a1b11ae1"), bytes.fromhex("789f3e22"))  # OLE (.msg) and TNEF (winmail.dat)
ENCODINGS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# How a message begins (RFC 5322, 2.2; an mbox line before it is forgiven); never {, so no JSON.
HEADER = re.compile(rb"(From |[!-9;-z]{1,200}[ \t]*:)")

Form = Literal["draft", "drafts", "message"]


@dataclass(frozen=True, slots=True)
class Source:
    """A letter that was not opened yet. `line` counts from 1 in JSON lines, 0 where the file is the letter."""

    file: str
    line: int
    form: Literal["draft", "message"]
    data: bytes
    unopened: str = ""  # why there is no data

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one letter: `draft` (its roles as it gave them), `report` and `seconds`; or only `problem`."""

    source: Source
    draft: Draft | None = None
    report: Report | None = None
    offsets: Unit = "unicode"
    seconds: float = 0.0
    problem: ProblemDetails | None = None


def opened(files: Iterable[str]) -> Iterator[Source]:
    """The letters of these files, "-" for standard input. A file that cannot be opened is a letter that cannot be read."""
    for file in files:
        try:
            data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except IsADirectoryError:
            yield Source(file, 0, "message", b"", "This is a folder. Name the letters in it, as in folder/*.eml.")
        except OSError as error:
            yield Source(file, 0, "message", b"", f"This file cannot be opened: {(error.strerror or 'it is not readable').lower()}.")
        else:
            yield from sources(file, data)


def sources(file: str, data: bytes) -> Iterator[Source]:
    """The letters that a file holds. `file` is its name, "-" for standard input."""
    data = _utf8(data)
    match form(file, data):
        case "drafts":
            for number, line in enumerate(io.BytesIO(data), 1):
                if line.strip():
                    yield Source(file, number, "draft", line)
        case one:
            yield Source(file, 0, one, data)


def form(file: str, data: bytes) -> Form:
    """What a file holds, by its content; by its name where the content leaves that open."""
    if data.startswith(BINARY):
        return "message"
    first = data[:1000].lstrip()
    header = HEADER.match(first)
    if first.startswith(b"{") and _is_object(data.lstrip()):
        return "draft"
    if any(map(_is_object, islice(io.BytesIO(data), 100))) and (file.endswith(".jsonl") or not header):
        return "drafts"
    if header:
        return "message"
    return "drafts" if file.endswith(".jsonl") else "draft" if first.startswith(b"{") or file.endswith(".json") else "message"


def _is_object(text: bytes) -> bool:
    try:
        return text.startswith(b"{") and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _utf8(data: bytes) -> bytes:
    """JSON as Windows tools write it, without its byte order mark and in UTF-8."""
    for mark, encoding in ENCODINGS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode()
    return data


def read(given: Iterable[Source], settings: Settings, role: Role | None = None) -> Iterator[Answer]:
    """An answer for each source, in order; many are read on all cores. `role` is the sender's where nothing else tells it.

    Raises what `Engine.start` raises.
    """
    given, again = tee(given)
    with closing(Pool(Engine.start(settings), settings.workers, FEW)) as pool:
        for source, found in zip(given, pool.answers(partial(_read, role), again), strict=True):
            yield Answer(source, problem=found.details()) if isinstance(found, Problem) else Answer(source, *found)


def _read(role: Role | None, engine: Engine, source: Source) -> tuple[Draft, Report, Unit, float]:
    """A letter's draft, its report, the unit of its offsets, and how many seconds it took."""
    draft, offsets = _draft(engine, source)
    if role and draft.sender.role is Role.UNKNOWN:
        draft = replace(draft, sender=replace(draft.sender, role=role))
    read = engine.lint(draft)
    return draft, read.report, offsets, read.seconds


def _draft(engine: Engine, source: Source) -> tuple[Draft, Unit]:
    if source.unopened:
        raise Unreadable(source.unopened)
    if source.form == "message":
        return engine.open(source.data).draft, "unicode"
    given = validated(wire.Draft, _parsed(source.data))
    return given.draft(), given.offsets


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise Unreadable(f"This is no JSON: it breaks off or goes wrong at {where}character {error.colno}.") from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"This is no UTF-8 text: it goes wrong at byte {error.start + 1}.") from None
    except (ValueError, RecursionError):  # a number with thousands of digits, thousands of brackets
        raise Unreadable("This JSON is nested too deeply, or holds a number that is too long.") from None
