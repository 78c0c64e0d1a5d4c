"""Bytes of a message in, an `nlp.draft.Draft` out.

`read` looks at the content, never at a file name: an OLE file is an Outlook .msg, a TNEF stream a winmail.dat, anything
else is RFC 5322. It never touches the network. Whatever it cannot read is said in `Draft.unread`; only where there is
nothing at all it raises `UnreadableMessage`. Every party has the role UNKNOWN: the directory gives the roles.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.draft import Attachment, Draft, Party

from . import msg, rfc5322, tnef
from .addresses import parties
from .attachments import NotRead, text_of
from .children import Shortened
from .headers import compose_type, tidy
from .markup import html_text
from .message import Content, Item, Limits, Message, UnreadableMessage
from .mime import Budget, read_headers

__all__ = ["Limits", "Message", "UnreadableMessage", "read"]

_MOST_SENTENCES = 40


def read(data: bytes, *, envelope_from: str | None = None, envelope_to: Sequence[str] = (), limits: Limits = Limits()) -> Message:  # noqa: B008
    """The draft that `data` holds.

    `envelope_from` and `envelope_to` are what the SMTP client gave (MAIL FROM, RCPT TO): a recipient whom no header
    shows is a blind copy; the sender counts where the message names none. Raises UnreadableMessage.
    """
    if not data.strip():
        raise UnreadableMessage("The message is empty.")
    budget = Budget(limits)
    content = _open(data, limits, budget)
    sender = content.sender
    if not sender.address and envelope_from:
        sender = next(iter(parties(envelope_from)), Party(envelope_from.strip(" <>")))
    cargo = _Cargo(limits, budget, list(content.unread))
    bcc = [*content.bcc, *_blind(envelope_to, content, cargo)]
    cargo.open_all(content.items)
    draft = Draft(
        sender=sender,
        to=_people(content.to, "To", cargo),
        cc=_people(content.cc, "Cc", cargo),
        bcc=_people(bcc, "Bcc", cargo),
        subject=_cut(content.subject, 10_000),
        body=_cut(content.plain or content.html, limits.max_body_chars, cargo),
        body_type="text" if content.plain or not content.html else "html",
        attachments=tuple(cargo.attachments),
        compose_type=compose_type(content.subject, content.answers),
        unread=cargo.sentences(),
    )
    return Message(draft, content.message_id, content.date)


def _open(data: bytes, limits: Limits, budget: Budget, attached: bool = False) -> Content:
    if data.startswith(msg.SIGNATURE):
        return msg.read(data, limits)
    if data.startswith(tnef.SIGNATURE):
        return tnef.read(data, limits)
    return rfc5322.read(data, limits, attached, budget)


def _blind(envelope_to: Sequence[str], content: Content, cargo: _Cargo) -> list[Party]:
    """Those of the envelope whom no header shows."""
    if envelope_to and max(map(len, (content.to, content.cc, content.bcc))) > cargo.limits.max_recipients:
        cargo.unread.append("The message has too many recipients to tell who has a blind copy.")
        return []
    written = (party for address in envelope_to for party in parties(address) or [Party(address.strip())])
    return [party for party in written if party.identity not in content.shown]


def _people(found: list[Party], header: str, cargo: _Cargo) -> tuple[Party, ...]:
    """Everybody once, in order; the name from wherever it is given."""
    people: dict[str, Party] = {}
    for party in found:
        known = people.get(party.identity)
        if known is None and len(people) >= cargo.limits.max_recipients:
            cargo.unread.append(
                f"The message has more than {cargo.limits.max_recipients:,} recipients in {header}; the rest were not read."
            )
            break
        if known is None or not known.name:
            people[party.identity] = party
    return tuple(people.values())


def _cut(text: str, most: int, cargo: _Cargo | None = None) -> str:
    if len(text) > most and cargo is not None:
        cargo.unread.append(f"The text is longer than {most:,} characters; the rest was not read.")
    return text[:most]


@dataclass
class _Cargo:
    """Opens what a message carries, level by level, within the caps that hold for all of it together."""

    limits: Limits
    budget: Budget
    unread: list[str]
    attachments: list[Attachment] = field(default_factory=list)
    chars: int = 0
    loaded: int = 0
    seconds: float = 0.0

    def open_all(self, items: list[Item]) -> None:
        waiting = deque((item, 1) for item in items)
        while waiting:
            item, depth = waiting.popleft()
            if len(self.attachments) >= self.limits.max_parts:
                self.unread.append(f"The message carries more than {self.limits.max_parts} files; the rest were not read.")
                return
            started = time.monotonic()
            waiting += [(inner, depth + 1) for inner in self._open(item, depth)]
            self.seconds += time.monotonic() - started

    def sentences(self) -> tuple[str, ...]:
        said = list(dict.fromkeys(self.unread))
        more = len(said) - _MOST_SENTENCES
        return tuple(said) if more <= 0 else (*said[:_MOST_SENTENCES], f"{more} more parts of the message were not read.")

    def _open(self, item: Item, depth: int) -> list[Item]:
        """Adds one attachment; returns what it carries itself."""
        name = tidy(item.name)
        label = f"The attachment '{name[:100]}'" if name else "An attachment without a name"
        why, data, size = "", b"", item.size
        if item.message is None and size > self.limits.attachment_bytes:
            why = f"it is larger than {self.limits.attachment_bytes // 2**20} MB"
        elif self.seconds >= self.limits.seconds:
            why = "the time for attachments was over"
        else:
            data = item.load()
            size = len(data)
            self.loaded += size
            if self.loaded > 4 * self.limits.max_bytes:
                why = "the attachments are too large together"
        if why:
            self.unread.append(f"{label} was not read ({why}).")
            self.attachments.append(Attachment(name, item.content_type, size))
            return []
        if item.message or _holds_message(item, data):
            return self._open_message(item, data, name, label, depth)
        text = None
        if not item.inline:
            try:
                if self.chars >= self.limits.attachment_chars:
                    raise NotRead("the attachments hold too much text")
                text = self._kept(text_of(data, item.content_type, self.limits, self.limits.seconds - self.seconds), label)
            except Shortened as shortened:
                text = self._kept(shortened.text, label)
                self.unread.append(f"{label} has more than {self.limits.pdf_pages} pages; the rest were not read.")
            except NotRead as why:
                self.unread.append(f"{label} was not read ({why}).")
        self.attachments.append(Attachment(name, item.content_type, len(data), text))
        return []

    def _open_message(self, item: Item, data: bytes, name: str, label: str, depth: int) -> list[Item]:
        attachment = Attachment(name or "attached message", "message/rfc822", len(data))
        inner = None
        if depth > self.limits.max_depth:
            self.unread.append(f"The message is nested more than {self.limits.max_depth} levels deep; what lies deeper was not read.")
        else:
            try:
                inner = item.message() if item.message else _open(data, self.limits, self.budget, attached=True)
            except UnreadableMessage:
                self.unread.append(f"{label} was not read (it is no message that can be read).")
        if inner is None:
            self.attachments.append(attachment)
            return []
        self.unread += inner.unread
        name = name or (f"{inner.subject[:150]}.eml" if inner.subject else "attached message")
        self.attachments.append(Attachment(name, "message/rfc822", len(data), self._kept(_as_text(inner), label)))
        return inner.items

    def _kept(self, text: str, label: str) -> str:
        kept = text[: max(0, self.limits.attachment_chars - self.chars)]
        self.chars += len(kept)
        if len(kept) < len(text):
            self.unread.append(f"{label} was read only in part (the attachments hold too much text).")
        return kept


def _holds_message(item: Item, data: bytes) -> bool:
    if data.startswith(msg.SIGNATURE):
        return msg.MARK in data
    if data.startswith(tnef.SIGNATURE) or item.content_type in {"message/rfc822", "message/global", "message/news"}:
        return True
    headers = read_headers(data[:65_536])
    return "from" in headers and ("message-id" in headers or "mime-version" in headers)


def _as_text(inner: Content) -> str:
    """An attached message as a person would print it."""
    lines = [f"{label}: {', '.join(map(_written, people))}" for label, people in _lines(inner) if people]
    if inner.subject:
        lines.append(f"Subject: {inner.subject}")
    return "\n".join([*lines, "", inner.plain or html_text(inner.html)])


def _lines(inner: Content) -> tuple[tuple[str, list[Party]], ...]:
    sender = [inner.sender] if inner.sender.address else []
    return ("From", sender), ("To", inner.to), ("Cc", inner.cc), ("Bcc", inner.bcc)


def _written(party: Party) -> str:
    return f"{party.name} <{party.address}>" if party.name and party.name != party.address else party.address
