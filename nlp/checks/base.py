"""What a check is. `nlp/checks/` holds one file for each of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from nlp.draft import Edit, Finding, Fix, Location, Party, RecipientEdit, Role, Severity
from nlp.language import Label
from nlp.protocols import Option
from nlp.reading import Reading


@dataclass(frozen=True, slots=True)
class Example:
    """A small draft that shows a check. People are named by their parts in the cast of `nlp.checks.cast`.

    `marked` is what the warning underlines (an excerpt, or somebody of the cast); None in a clean example.
    """

    body: str
    marked: str | None = None
    sender: str = "member"
    to: tuple[str, ...] = ("officer",)
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    protocol: str = "pitstone"


class Check(ABC):
    """One thing that can be wrong with a draft.

    A check knows topics, never clause numbers. It yields findings with a certainty of its own; the protocol in force adds
    clauses and severity, by the finding's aspect.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    core: ClassVar[bool] = False
    summary: ClassVar[str]  # what it warns about, in one sentence
    why: ClassVar[str]
    instead: ClassVar[str]  # what to do
    aspects: ClassVar[Mapping[str, Severity | None]] = {"main": None}  # None: as strong as the clause
    options: ClassVar[Mapping[str, Option]] = {}
    flagged: ClassVar[tuple[Example, ...]]
    clean: ClassVar[tuple[Example, ...]]
    outsiders: ClassVar[bool] = False  # whether drafts by people whom the protocol does not bind are read too

    @abstractmethod
    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        """Yield what is wrong with the draft, under the options of the protocol in force."""

    def finding(self, location: Location, message: str, certainty: float, aspect: str = "main", fixes: tuple[Fix, ...] = ()) -> Finding:
        return Finding(self.id, aspect, location, message, round(min(max(certainty, 0.0), 1.0), 2), fixes=fixes)

    def marked(
        self, reading: Reading, start: int, end: int, message: str, certainty: float, aspect: str = "main", fixes: tuple[Fix, ...] = ()
    ) -> Finding:
        """A finding on the doc's span `[start:end)`."""
        return self.finding(reading.location(start, end), message, certainty, aspect, fixes)

    def understood(self, reading: Reading, label: Label, message: str, aspect: str = "main", fixes: tuple[Fix, ...] = ()) -> Finding:
        """A finding on what the model understood, whose message also says how sure it is."""
        return self.marked(reading, label.start, label.end, f"{message} {how_sure(label.certainty)}", label.certainty, aspect, fixes)


def how_sure(certainty: float) -> str:
    """What a message says of the model's certainty (0 to 1)."""
    if certainty >= 0.9:
        return "Clausewise is very sure of this."
    return "Clausewise is fairly sure of this." if certainty >= 0.7 else "Clausewise may have misread it."


def correspond(reading: Reading) -> bool:
    """Whether at least one member and one officer are among the sender and the visible recipients."""
    roles = {p.role for r in (reading.draft.sender, *reading.draft.visible) for p in r.people()}
    return {Role.MEMBER, Role.OFFICER} <= roles


def called(party: Party) -> str:
    """How a message calls somebody: the name, or the address where there is none."""
    return party.name or party.address


def move(parties: list[tuple[str, Party]], target: str, title: str) -> Fix:
    return Fix(title, recipients=tuple(RecipientEdit(p.address, source, target) for source, p in parties))  # type: ignore[arg-type]


def remove(source: str, party: Party, title: str) -> Fix:
    return Fix(title, recipients=(RecipientEdit(party.address, source, None),))  # type: ignore[arg-type]


def replace_span(reading: Reading, start: int, end: int, text: str, title: str) -> Fix:
    """A fix that puts `text` in the place of the doc's span `[start:end)`."""
    where = reading.location(start, end)
    return Fix(title, edits=(Edit(where.part, where.start, where.end, text),))  # type: ignore[arg-type]


def add_line(reading: Reading, line: str, title: str) -> Fix:
    """A fix that adds a line at the end of the author's own text, before any quoted thread."""
    at, before, after = reading.end_of_own()
    return Fix(title, edits=(Edit("body", at, at, before + line + after),))
