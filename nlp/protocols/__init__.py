"""The protocols: what each council's clauses say, and what each check means under them.

One TOML file a council. The five that we ship stand beside this module; a council's own file may lie anywhere. Clauses are in our own
words with the document's references; `[checks.NAME]` says which clauses stand behind a check, with the options that the check declares.
A check without a table does not exist in that protocol.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from nlp.draft import Clause, Severity

HERE = Path(__file__).parent
SEVERITY_OF: dict[str, Severity] = {"must": "error", "should": "warning", "guidance": "info"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a protocol file: 1-based line (0 where it belongs to no line) and what to do about it."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class ProtocolError(ValueError):
    """A protocol file that cannot be used. `faults` lists all that is wrong with it, in the order of lines."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.path, self.faults = path, sorted(faults, key=lambda f: f.line)
        super().__init__(f"{path}: " + "; ".join(map(str, self.faults)))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Clause(_Strict):
    ref: Text
    heading: Text
    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=600)]
    strength: Literal["must", "should", "guidance"]


class _Aspect(_Strict):
    clauses: list[Text] = Field(default=[], description="clauses that stand behind this aspect; empty: the check's own")
    severity: Severity | None = None


class _Rules(_Strict):
    clauses: list[Text] = Field(min_length=1)
    severity: Severity | None = None
    aspects: dict[str, _Aspect] = {}
    options: dict[str, Any] = {}


class _File(_Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    council: Literal["parish", "town", "district", "borough", "county", "unitary"]
    clauses: list[_Clause] = Field(min_length=1)
    checks: dict[str, _Rules]


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that a check offers to protocols: its default (which also fixes the type) and what it does."""

    default: bool | str | tuple[str, ...]
    help: str
    choices: tuple[str, ...] = ()

    def fault(self, value: object) -> str | None:
        """Why `value` may not stand here, or None."""
        if isinstance(self.default, bool):
            return None if isinstance(value, bool) else "must be true or false"
        values = value if isinstance(self.default, tuple) else [value]
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            return "must be a list of words" if isinstance(self.default, tuple) else "must be a word"
        unknown = [v for v in values if self.choices and v not in self.choices]
        return f"may be {', '.join(self.choices)}, not {', '.join(unknown)}" if unknown else None


@dataclass(frozen=True, slots=True)
class Rules:
    """One check under one protocol."""

    clauses: Mapping[str, tuple[Clause, ...]]  # by aspect
    severities: Mapping[str, Severity]  # by aspect
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Protocol:
    """A council's protocol as the engine uses it."""

    id: str
    title: str
    council: str
    clauses: tuple[Clause, ...]
    rules: Mapping[str, Rules] = field(default_factory=dict)


def lines_of(source: str) -> dict[tuple[str | int, ...], int]:
    """Where each table and key of a TOML text stands: path (keys, and indices in arrays of tables) -> 1-based line."""
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[str, int] = {}
    table: tuple[str | int, ...] = ()
    inside = ""  # the quotes of a multi-line string that is still open
    for number, line in enumerate(source.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if head := re.match(r"\s*\[\[\s*([^\]]+?)\s*\]\]", line):
            name = head[1]
            table = (*_keys(name), counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
            found.setdefault(table[:-1], number)
            found[table] = number
        elif head := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = _keys(head[1])
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
        elif pair := re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=(.*)""", line):
            keys = _keys(pair[1])
            for depth in range(1, len(keys) + 1):
                found.setdefault((*table, *keys[:depth]), number)
            opened = re.match(r"""\s*(\"{3}|'{3})""", pair[2])
            if opened and pair[2].count(opened[1]) == 1:
                inside = opened[1]
    return found


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(key.strip().strip("\"'") for key in re.findall(r"""\"[^\"]*\"|'[^']*'|[\w-]+""", dotted))


def load(path: Path) -> Protocol:
    """Read a protocol file.

    Raises `ProtocolError` with every fault and its line, and `OSError` where the file cannot be opened.
    """
    from nlp.checks import checks  # here, since checks declare their options with the types above

    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(path, [Fault(0, f"this is no UTF-8 text (byte {error.start})")]) from None
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise ProtocolError(path, [Fault(int(at[1]) if at else 0, f"this is no TOML: {error}")]) from None
    where = lines_of(source)
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        raise ProtocolError(path, [Fault(_line(where, e["loc"]), _plainly(e)) for e in error.errors()]) from None
    faults = list(_faults(file, where, checks()))
    if faults:
        raise ProtocolError(path, faults)
    clauses = {c.ref: Clause(file.id, c.ref, c.heading, c.summary, c.strength) for c in file.clauses}
    return Protocol(
        id=file.id,
        title=file.title,
        council=file.council,
        clauses=tuple(clauses.values()),
        rules={name: _rules(rules, checks()[name], clauses) for name, rules in file.checks.items()},
    )


def _line(where: dict[tuple[str | int, ...], int], loc: tuple[str | int, ...]) -> int:
    """The line of the longest known beginning of a path."""
    return next((where[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in where), 0)


def _plainly(error: Any) -> str:
    path = ".".join(map(str, error["loc"]))
    match error["type"]:
        case "missing":
            return f"{path} is missing"
        case "extra_forbidden":
            return f"{path} is no setting of a protocol file"
    return f"{path}: {error['msg'].lower()}"


def _faults(file: _File, where: dict[tuple[str | int, ...], int], known: Mapping[str, Any]) -> Iterator[Fault]:
    refs: set[str] = set()
    for index, clause in enumerate(file.clauses):
        if clause.ref in refs:
            yield Fault(_line(where, ("clauses", index, "ref")), f"the clause {clause.ref!r} stands here a second time")
        refs.add(clause.ref)
    for name, rules in file.checks.items():
        check = known.get(name)
        if check is None:
            yield Fault(_line(where, ("checks", name)), f"there is no check {name!r}; there are {', '.join(sorted(known))}")
            continue
        wanted = [(("checks", name, "clauses"), rules.clauses)]
        for aspect, more in rules.aspects.items():
            at = ("checks", name, "aspects", aspect)
            wanted.append(((*at, "clauses"), more.clauses))
            if aspect not in check.aspects:
                yield Fault(_line(where, at), f"{name} has no aspect {aspect!r}; it has {', '.join(check.aspects)}")
        for at, cited in wanted:
            for ref in cited:
                if ref not in refs:
                    yield Fault(_line(where, at), f"{name} names the clause {ref!r}, which this file does not have")
        for option, value in rules.options.items():
            at = ("checks", name, "options", option)
            if option not in check.options:
                offered = ", ".join(check.options) or "none"
                yield Fault(_line(where, at), f"{name} has no option {option!r}; it has {offered}")
            elif fault := check.options[option].fault(value):
                yield Fault(_line(where, at), f"{option} {fault}")


def _rules(rules: _Rules, check: Any, clauses: Mapping[str, Clause]) -> Rules:
    behind, severities = {}, {}
    for aspect, preset in check.aspects.items():
        own = rules.aspects.get(aspect, _Aspect())
        behind[aspect] = tuple(clauses[ref] for ref in own.clauses or rules.clauses)
        strongest = min((c.strength for c in behind[aspect]), key=list(SEVERITY_OF).index)
        severities[aspect] = own.severity or preset or rules.severity or SEVERITY_OF[strongest]
    options = {name: option.default for name, option in check.options.items()}
    options |= {name: tuple(value) if isinstance(value, list) else value for name, value in rules.options.items()}
    return Rules(behind, severities, options)


@cache
def shipped() -> dict[str, Protocol]:
    """The protocols that come with the product, by id."""
    return {p.id: p for p in map(load, sorted(HERE.glob("*.toml")))}
