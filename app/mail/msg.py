"""Outlook .msg files ([MS-OXMSG]): an OLE container with a stream a property, read through olefile.

Drafts and sent items have no transport headers, and a blind copy often stands in the recipient table alone: so people,
date and text come from the properties, and headers only fill gaps.
"""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

import olefile

from nlp.draft import Party

from . import rfc5322
from .mapi import Properties
from .message import Content, Item, Limits, UnreadableMessage
from .mime import read_headers

SIGNATURE = olefile.MAGIC
MARK = "__properties_version1.0".encode("utf-16-le")  # the name of a stream that every .msg has and no other OLE file

_VARIABLE = {0x000D, 0x001E, 0x001F, 0x0102}
_EMBEDDED = "__substg1.0_3701000D"
_DATA = "__substg1.0_37010102"
_MAILS = ("ipm.note", "report", "ipm.schedule", "ipm.post")

Path = tuple[str, ...]


def read(data: bytes, limits: Limits) -> Content:
    """One .msg file without its attachments opened.

    Raises UnreadableMessage where the container is damaged or holds no message.
    """
    if MARK not in data:
        raise UnreadableMessage("This is an Office file, not an Outlook message.")
    return read_object(_Store(data, limits), (), limits)


class _Store:
    """The streams of an OLE file by path, with checks that keep a forged container from costing more than its size."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.length = len(data)
        shift, fat_sectors = struct.unpack_from("<H", data, 30)[0], struct.unpack_from("<I", data, 44)[0]
        if shift not in {9, 12} or fat_sectors > 2 * (self.length >> (2 * shift - 2)) + 16:
            raise UnreadableMessage("The Outlook message is damaged.")
        try:
            self.ole = olefile.OleFileIO(io.BytesIO(data))
            if self.ole.root.size > self.length:
                raise UnreadableMessage("The Outlook message is damaged.")
            paths = [tuple(path) for path in self.ole.listdir(streams=True, storages=False)]
        except UnreadableMessage:
            raise
        except Exception:  # olefile raises whatever its arithmetic meets in a forged file, RecursionError included
            raise UnreadableMessage("The Outlook message is damaged.") from None
        self.children: dict[Path, dict[str, None]] = defaultdict(dict)
        for path in paths:
            for depth in range(len(path)):
                self.children[path[:depth]][path[depth]] = None

    def size(self, path: Path) -> int:
        try:
            return self.ole.get_size(list(path))
        except Exception:
            return 0

    def stream(self, path: Path, most: int) -> bytes:
        """The bytes of a stream, b"" where it is missing, damaged or larger than `most`."""
        if not 0 < self.size(path) <= min(most, self.length):
            return b""
        try:
            return self.ole.openstream(list(path)).read()
        except Exception:
            return b""

    def storages(self, path: Path, prefix: str) -> list[Path]:
        return [(*path, name) for name in self.children.get(path, ()) if name.startswith(prefix)]


class _Values(Mapping[int, tuple[int, bytes]]):
    """The properties of one storage; streams are read when they are asked for."""

    def __init__(self, store: _Store, path: Path, header: int, most: int) -> None:
        self._store, self._path, self._most = store, path, most
        self._fixed: dict[int, tuple[int, bytes]] = {}
        table = store.stream((*path, "__properties_version1.0"), 2**20)
        for at in range(header, len(table) - 15, 16):
            kind, tag, _flags, value = struct.unpack_from("<HHI8s", table, at)
            if kind not in _VARIABLE and not kind & 0x1000:
                self._fixed[tag] = kind, value
        self._streams: dict[int, tuple[int, str]] = {}
        for name in store.children.get(path, ()):
            try:
                number = int(name.removeprefix("__substg1.0_"), 16) if name.startswith("__substg1.0_") and len(name) == 20 else 0
            except ValueError:
                continue
            if number & 0xFFFF in _VARIABLE - {0x000D}:
                self._streams[number >> 16] = number & 0xFFFF, name

    def __getitem__(self, tag: int) -> tuple[int, bytes]:
        if tag in self._streams:
            kind, name = self._streams[tag]
            return kind, self._store.stream((*self._path, name), self._most)
        return self._fixed[tag]

    def __iter__(self) -> Iterator[int]:
        return iter({*self._streams, *self._fixed})

    def __len__(self) -> int:
        return len({*self._streams, *self._fixed})


def read_object(store: _Store, path: Path, limits: Limits) -> Content:
    """The message whose storage is at `path`: () for the file's own, deeper for embedded messages."""
    properties = Properties(_Values(store, path, 24 if path else 32, 16 * limits.max_body_chars))
    content = Content()
    headers = read_headers(properties.text(0x007D).encode("utf-8"))
    if headers.fields:
        rfc5322.read_fields(headers, content, limits)
    recipients = store.storages(path, "__recip_version1.0")
    _read_people(properties, [Properties(_Values(store, one, 8, 2**16), properties.charset) for one in recipients], content, limits)
    content.subject = properties.line(0x0037, 0x0E1D) or content.subject
    content.message_id = properties.line(0x1035) or content.message_id
    content.date = properties.time(0x0039) or content.date or properties.time(0x0E06, 0x3007)
    content.answers = content.answers or bool(properties.text(0x1042, 0x1039))
    content.plain, content.html = properties.bodies(limits)
    content.plain = content.plain.replace("\r\n", "\n").replace("\r", "\n")
    attachments = store.storages(path, "__attach_version1.0")
    content.items = [_item(store, one, properties.charset, limits) for one in attachments]
    _read_class(properties, content, limits)
    if not (content.items or content.subject or content.plain or content.html or recipients or content.sender.address):
        content.unread.append("The Outlook message is damaged; hardly anything of it could be read.")
    return content


def read_people(properties: Properties, recipients: list[Properties]) -> tuple[Party, list[Party], list[Party], list[Party]]:
    """(sender, to, cc, bcc) out of the properties of a message and of each row of its recipient table."""
    # as in From: on whose behalf it is, before who typed it
    sender = properties.party(0x5D02, 0x0065, 0x0042)
    typed = properties.party(0x5D01, 0x0C1F, 0x0C1A)
    if not sender.address or ("@" in typed.address and "@" not in sender.address and sender.name in {"", typed.name}):
        sender = typed
    rows: dict[int, list[Party]] = {1: [], 2: [], 3: []}
    for row in recipients:
        person = row.party(0x39FE, 0x3003, 0x3001, 0x5FF6, 0x3A20)
        kind = row.number(0x0C15) & 0x0F  # PidTagRecipientType; the high bits say whether it was delivered
        if person.address and kind in rows:
            rows[kind].append(person)
    return sender, rows[1], rows[2], rows[3]


def _read_people(properties: Properties, recipients: list[Properties], content: Content, limits: Limits) -> None:
    most = 3 * limits.max_recipients
    sender, to, cc, bcc = read_people(properties, recipients[:most])
    if len(recipients) > most:
        content.unread.append(f"The message has more than {most:,} recipients; the rest were not read.")
    if "@" in sender.address or not content.sender.address:
        content.sender = sender
    if not (to or cc or bcc):
        return
    # Exchange leaves X.500 names in the table; the headers say the same people's Internet addresses
    written = {party.name: party for party in (*content.to, *content.cc, *content.bcc) if party.name and "@" in party.address}
    better = lambda person: person if "@" in person.address else written.get(person.name, person)
    content.to, content.cc, content.bcc = ([better(person) for person in people] for people in (to, cc, bcc))
    content.shown |= {person.identity for person in (*content.to, *content.cc, *content.bcc)}


def _read_class(properties: Properties, content: Content, limits: Limits) -> None:
    """PidTagMessageClass: what is no e-mail, and S/MIME, whose one attachment is the message proper."""
    kind = properties.line(0x001A).lower()
    if kind.startswith("ipm.note.smime"):
        if "multipartsigned" in kind and len(content.items) == 1:
            try:
                inner = rfc5322.read(content.items[0].load(), limits)
            except UnreadableMessage:
                content.unread.append(rfc5322.SEALED)
                return
            content.plain, content.html, content.items = inner.plain, inner.html, inner.items
            content.unread += inner.unread
        elif not content.plain.strip() and not content.html.strip():
            content.unread.append(rfc5322.ENCRYPTED)
            content.items = []
    elif kind and not kind.startswith(_MAILS):
        content.unread.append("This item is not an e-mail message; only its subject and text were read.")


def _item(store: _Store, path: Path, charset: str, limits: Limits) -> Item:
    properties = Properties(_Values(store, path, 8, 2**20), charset)
    name = properties.line(0x3707, 0x3001, 0x3704)[:200]
    if store.children.get((*path, _EMBEDDED)):
        return Item(name, "message/rfc822", 0, message=partial(read_object, store, (*path, _EMBEDDED), limits))
    inline = bool(properties.raw(0x3712)) or bool(properties.number(0x7FFE) & 1)
    load = partial(store.stream, (*path, _DATA), limits.attachment_bytes)
    return Item(name, properties.line(0x370E).lower(), store.size((*path, _DATA)), load, inline=inline)
