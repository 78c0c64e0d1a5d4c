"""The frozen values that travel through the engine: a Draft goes in, Findings come out.

Offsets are code points everywhere in `nlp`; `app.wire` is the only place that turns them into another unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal


class Role(StrEnum):
    """Who somebody is to the council (shared vocabulary of the directory file and the REST contract)."""

    MEMBER = "member"
    OFFICER = "officer"
    PARISH = "parish"
    PRESS = "press"
    CONTRACTOR = "contractor"
    GOVERNMENT = "government"
    EXTERNAL = "external"
    CONSTITUENT = "constituent"
    LIST = "list"
    UNKNOWN = "unknown"  # not resolved yet: what mail and wire hand to the directory

    @property
    def inside(self) -> bool:
        """Whether the council's protocol binds this person."""
        return self in (Role.MEMBER, Role.OFFICER)


@dataclass(frozen=True, slots=True)
class Party:
    """A sender, a recipient or a person of the directory.

    `address` is as it was written; `identity` is the directory's primary address in lower case (an alias and its owner
    share it), so two parties are the same person where their identities are equal. `members` holds everybody that a
    distribution list reaches, nested lists expanded.
    """

    address: str
    name: str = ""
    role: Role = Role.UNKNOWN
    post: str = ""
    grade: str = ""  # officers: chief, director, manager, staff
    ward: str = ""
    party: str = ""
    manager: str = ""  # identity of the line manager
    identity: str = ""
    members: tuple[Party, ...] = ()

    def __post_init__(self) -> None:
        if not self.identity:
            object.__setattr__(self, "identity", self.address.strip().lower())

    @property
    def local_part(self) -> str:
        return self.address.rpartition("@")[0].lower()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def is_list(self) -> bool:
        return self.role is Role.LIST

    @property
    def no_reply(self) -> bool:
        return re.sub(r"[^a-z]", "", self.local_part) in {"noreply", "donotreply", "noreplies", "nepasrepondre"}

    def people(self) -> tuple[Party, ...]:
        """The person, or everybody a list reaches."""
        return self.members if self.is_list else (self,)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a draft. `text` is what could be read of it, None where it was not read."""

    name: str
    content_type: str = ""
    size: int = 0  # bytes
    text: str | None = None


@dataclass(frozen=True, eq=False)
class Roster:
    """The people a council knows: those whose names in a text are no private persons. Compared by identity, as it may be long."""

    people: tuple[Party, ...] = ()
    domains: frozenset[str] = frozenset()  # the council's own mail domains

    @cached_property
    def by_identity(self) -> dict[str, Party]:
        return {p.identity: p for p in self.people}


@dataclass(frozen=True)
class Draft:
    """A message that is about to be sent, with every address given its role."""

    sender: Party
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    subject: str = ""
    body: str = ""
    body_type: Literal["text", "html"] = "text"
    attachments: tuple[Attachment, ...] = ()
    compose_type: Literal["new", "reply", "forward"] | None = None
    protocol: str | None = None
    roster: Roster = field(default_factory=Roster)
    unread: tuple[str, ...] = ()  # what of the message could not be read, in words a person understands

    @property
    def visible(self) -> tuple[Party, ...]:
        return self.to + self.cc

    @property
    def recipients(self) -> tuple[Party, ...]:
        return self.to + self.cc + self.bcc

    def parts(self) -> tuple[tuple[str, tuple[Party, ...]], ...]:
        return (("to", self.to), ("cc", self.cc), ("bcc", self.bcc))

    def resolved(self, lookup: Callable[[Party], Party], roster: Roster) -> Draft:
        """The same draft with every party passed through `lookup`."""
        each = lambda parties: tuple(lookup(p) for p in parties)
        return replace(self, sender=lookup(self.sender), to=each(self.to), cc=each(self.cc), bcc=each(self.bcc), roster=roster)


Part = Literal["subject", "body", "to", "cc", "bcc", "attachments"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a finding lies: a span of subject or body (code points, half-open), recipients, or an attachment by name."""

    part: Part
    start: int = 0
    end: int = 0
    addresses: tuple[str, ...] = ()  # recipients, as they were written
    attachment: str = ""  # for part "attachments": its name


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `[start:end)` of a text part with `text`."""

    part: Literal["subject", "body"]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class RecipientEdit:
    """Move a recipient from one header to another, or remove it (`target` None)."""

    address: str
    source: Literal["to", "cc", "bcc"]
    target: Literal["to", "cc", "bcc"] | None


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out that a person can accept with a click. Applying all of it makes its warning go away."""

    title: str
    edits: tuple[Edit, ...] = ()
    recipients: tuple[RecipientEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a protocol, in our own words."""

    protocol: str
    ref: str
    heading: str
    summary: str
    strength: Literal["must", "should", "guidance"]


Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. The check fills the upper half, the protocol the lower."""

    check: str
    aspect: str  # which of the check's aspects (see Check.aspects); decides clauses and severity
    location: Location
    message: str
    certainty: float  # 0 to 1, the check's own
    excerpt: str = ""
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "warning"
    clauses: tuple[Clause, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The engine's answer to one draft."""

    protocol: str
    title: str
    findings: tuple[Finding, ...]
    text: str | None = None  # for HTML: the text that body offsets index
    unread: tuple[str, ...] = ()  # empty: everything was read
    model: str = ""

    @property
    def verdict(self) -> Literal["clear", "info", "warn", "block"]:
        found = {f.severity for f in self.findings}
        return "block" if "error" in found else "warn" if "warning" in found else "info" if found else "clear"
