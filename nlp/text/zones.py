"""The values `nlp.text.read` gives. Offsets are code points into `Text.text`, half-open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["own", "quoted", "signature", "disclaimer"]


@dataclass(frozen=True, slots=True)
class Zone:
    """A run of whole lines that are one person's words of one kind.

    `message` 0 is the new message of the author; n >= 1 is `messages[n - 1]` of the thread below it. The words of a quoted
    message and its header are "quoted"; its signature and disclaimer keep those kinds, with its number.
    """

    kind: Kind
    start: int
    end: int
    message: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person as a header names them; either half may be ""."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """A message of the thread. `[start, body_start)` is its header; sender and the rest are what that header says, else empty.

    `[start, end)` reaches from its first to its last line; where somebody answered between its lines, the zones say which
    of these lines are whose.
    """

    start: int
    end: int
    body_start: int
    sender: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    date: str
    forwarded: bool

    @property
    def people(self) -> tuple[Mailbox, ...]:
        """Everybody whom the header names."""
        return (self.sender, *self.to, *self.cc)

    @property
    def addresses(self) -> frozenset[str]:
        """Their addresses in lower case; "" stands for those who are only named."""
        return frozenset(m.address.lower() for m in self.people)


@dataclass(frozen=True, slots=True)
class Text:
    """A body and whose words its parts are. `zones` are sorted, adjacent and cover `text`."""

    text: str
    zones: tuple[Zone, ...]
    messages: tuple[QuotedMessage, ...]
