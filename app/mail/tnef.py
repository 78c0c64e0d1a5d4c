"""winmail.dat: the TNEF stream in which Outlook and Exchange wrap a message ([MS-OXTNEF]).

A reader of our own, since the stream comes from strangers: every length is checked against what is there, so that the
work is bounded by the size of the stream.
"""

from __future__ import annotations

import struct
from functools import partial

from .charset import code_page, decode
from .headers import tidy
from .mapi import Properties
from .message import Content, Item, Limits

SIGNATURE = b"\x78\x9f\x3e\x22"

_CODE_PAGE, _BODY, _PROPERTIES = 0x9007, 0x800C, 0x9003
_NEW_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x1E, 0x1F, 0x0102, 0x0D}
_DAMAGED = "The file winmail.dat is damaged; not all of it was read."


class _Cut(Exception):
    """The stream ends before what it announces."""


class _Stream:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if count > max(len(self.data) - self.at, 0):
            raise _Cut
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, layout: str = "<I") -> int:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def padded(self, count: int) -> bytes:
        """`count` bytes of a value that is padded to four; the padding of the last one may be missing."""
        value = self.take(count)
        self.at = min(self.at + -count % 4, len(self.data))
        return value


def read(data: bytes, limits: Limits) -> Content:
    """Body, subject and attachments of a TNEF stream; a damaged one gives what comes before the damage."""
    content = Content()
    if not data.startswith(SIGNATURE):
        content.unread.append(_DAMAGED)
        return content
    stream = _Stream(data)
    stream.at = 6  # signature and key
    charset, body, properties = "", b"", Properties({})
    attached: list[dict[int, bytes]] = []
    try:
        while stream.at < len(data):
            _level, attribute, length = stream.take(1), stream.number() & 0xFFFF, stream.number()
            value = stream.take(length)
            stream.at += 2  # the checksum: many writers get it wrong, or leave out the last
            if attribute == _CODE_PAGE and len(value) >= 4:
                charset = code_page(struct.unpack("<I", value[:4])[0])
            elif attribute == _BODY:
                body = value
            elif attribute == _PROPERTIES:
                properties = _properties(value, charset)
            elif attribute == _NEW_ATTACHMENT:
                if len(attached) >= limits.max_parts:
                    content.unread.append(f"The file winmail.dat holds more than {limits.max_parts} files; the rest were not read.")
                    break
                attached.append({})
            elif attached and attribute in {_TITLE, _DATA, _ATTACHMENT_PROPERTIES}:
                attached[-1][attribute] = value
    except _Cut:
        content.unread.append(_DAMAGED)
    content.subject = properties.line(0x0037)
    content.plain, content.html = properties.bodies(limits)
    if body and not content.plain.strip():
        content.plain = decode(body.rstrip(b"\0"), charset)
    content.plain = content.plain.replace("\r\n", "\n")[: limits.max_body_chars]
    content.html = content.html[: limits.max_body_chars]
    content.items = [_item(fields, charset) for fields in attached]
    return content


def _item(fields: dict[int, bytes], charset: str) -> Item:
    properties = _properties(fields.get(_ATTACHMENT_PROPERTIES, b""), charset)
    title = decode(fields.get(_TITLE, b"").rstrip(b"\0"), charset)
    data = fields.get(_DATA) or properties.raw(0x3701)
    if properties.raw(0x3701)[16:20] == SIGNATURE:  # an embedded message: the interface's GUID stands before it
        data = properties.raw(0x3701)[16:]
    name = properties.line(0x3707, 0x3001, 0x3704) or tidy(title)
    return Item(name[:200], properties.line(0x370E).lower(), len(data), partial(bytes, data), inline=bool(properties.raw(0x3712)))


def _properties(data: bytes, charset: str) -> Properties:
    """A MAPI property list ([MS-OXTNEF] 2.1.3.4). Named properties are passed over; damage ends the list."""
    stream = _Stream(data)
    values: dict[int, tuple[int, bytes]] = {}
    try:
        for _ in range(stream.number()):
            kind, tag = stream.number("<H"), stream.number("<H")
            named = tag >= 0x8000
            if named:
                stream.take(16)
                if stream.number():
                    stream.padded(stream.number())
                else:
                    stream.take(4)
            several, kind = kind & 0x1000, kind & 0xEFFF
            count = stream.number() if several or kind in _VARIABLE else 1
            for _ in range(count):
                if kind in _VARIABLE:
                    value = stream.padded(stream.number())
                elif kind in _FIXED:
                    value = stream.take(_FIXED[kind])
                else:
                    raise _Cut  # of unknown length, so what follows cannot be found
                if not named:
                    values.setdefault(tag, (kind, value))
    except _Cut:
        pass
    return Properties(values, charset)
