"""What the readers of this package share: caps, results, and the plain content of one message before its attachments are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from nlp.draft import Draft, Party


@dataclass(frozen=True)
class Limits:
    """Caps on one message. What lies past a cap is not read, and `Draft.unread` says so."""

    max_bytes: int = 64 * 2**20  # of the message; four times as much of everything that is unpacked out of it
    max_parts: int = 1_000  # MIME parts and attachments, nested ones included
    max_depth: int = 128  # multiparts within multiparts, messages within messages
    max_recipients: int = 10_000  # in each of To, Cc and Bcc
    max_body_chars: int = 1_000_000
    attachment_bytes: int = 32 * 2**20  # of a single attachment; a larger one is not opened
    attachment_chars: int = 1_000_000  # of text out of all attachments together
    pdf_pages: int = 200  # of a single PDF
    seconds: float = 20.0  # wall time, all attachments of a message together
    child_bytes: int = 2**30  # address space of a child process


class UnreadableMessage(Exception):
    """Nothing of the message could be read. `reason` is a sentence for a person and holds no text of the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Message:
    """A message that was read.

    `message_id` is as written, angle brackets included, "" where there is none; `date` is ISO 8601 with the offset
    that was written, None where there is no date or no credible one.
    """

    draft: Draft
    message_id: str = ""
    date: str | None = None


@dataclass
class Content:
    """One message without what it carries: what a reader of one format hands over."""

    sender: Party = field(default_factory=lambda: Party(""))
    to: list[Party] = field(default_factory=list)
    cc: list[Party] = field(default_factory=list)
    bcc: list[Party] = field(default_factory=list)
    subject: str = ""
    plain: str = ""
    html: str = ""
    message_id: str = ""
    date: str | None = None
    answers: bool = False  # names the message it answers (In-Reply-To, References)
    shown: set[str] = field(default_factory=set)  # lower-case addresses that any header shows
    items: list[Item] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass
class Item:
    """Something that a message carries, not opened yet. `load` gives its bytes; `message`, where set, reads an embedded message instead."""

    name: str
    content_type: str = ""
    size: int = 0  # bytes, an upper estimate until it is loaded
    load: Callable[[], bytes] = bytes
    message: Callable[[], Content] | None = None
    inline: bool = False  # a picture of the body, such as a logo


ComposeType = Literal["new", "reply", "forward"]
