"""MAPI properties ([MS-OXPROPS]) as .msg files and winmail.dat share them: values by number, text in its code page."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from nlp.draft import Party

from .charset import code_page, decode
from .headers import file_time, tidy
from .markup import expand_rtf, rtf_text
from .message import Limits

UNICODE, NARROW, BINARY = 0x001F, 0x001E, 0x0102

Values = Mapping[int, tuple[int, bytes]]  # property number -> (property type, raw little-endian value)


class Properties:
    """The properties of one object. `fallback` is the code page of the message that it belongs to."""

    def __init__(self, values: Values, fallback: str = "") -> None:
        self.values = values
        self.fallback = fallback

    @property
    def charset(self) -> str:
        """The label of 8-bit strings: PidTagMessageCodepage, else PidTagInternetCodepage."""
        return code_page(self.number(0x3FFD)) or code_page(self.number(0x3FDE)) or self.fallback

    def raw(self, tag: int) -> bytes:
        return self.values.get(tag, (0, b""))[1]

    def number(self, tag: int) -> int:
        raw = self.raw(tag)
        return struct.unpack("<I", raw[:4])[0] if len(raw) >= 4 else 0

    def time(self, *tags: int) -> str | None:
        """The first of these times (FILETIME) that is set, as ISO 8601."""
        for tag in tags:
            raw = self.raw(tag)
            if len(raw) >= 8 and (when := file_time(struct.unpack("<Q", raw[:8])[0])):
                return when
        return None

    def text(self, *tags: int) -> str:
        """The first of these strings that is not empty."""
        for tag in tags:
            kind, raw = self.values.get(tag, (0, b""))
            text = self._decoded(kind, raw).rstrip("\0")
            if text.strip():
                return text
        return ""

    def line(self, *tags: int) -> str:
        return tidy(self.text(*tags))

    def _decoded(self, kind: int, raw: bytes) -> str:
        if kind == UNICODE:
            return raw[: len(raw) & ~1].decode("utf-16-le", "replace").replace("\0", "")
        return decode(raw, self.charset) if kind in {NARROW, BINARY} else ""

    def html(self) -> str:
        """PidTagHtml: bytes in the code page of PidTagInternetCodepage, or a Unicode string."""
        kind, raw = self.values.get(0x1013, (0, b""))
        if kind == BINARY:
            return decode(raw, code_page(self.number(0x3FDE)) or self.charset).strip("\0")
        return self._decoded(kind, raw)

    def bodies(self, limits: Limits) -> tuple[str, str]:
        """(plain, html). Compressed RTF is read only where there is neither."""
        plain, html = self.text(0x1000), self.html()
        if not plain.strip() and not html.strip() and (rtf := self.raw(0x1009)):
            plain = rtf_text(expand_rtf(rtf, 4 * limits.max_body_chars), limits.max_body_chars)
        return plain, html

    def party(self, smtp: int, address: int, *names: int) -> Party:
        """A person: the SMTP address where there is one, else the address as it is (X.500 in Exchange), else the name."""
        written, other, name = self.line(smtp), self.line(address), self.line(*names)
        if "@" not in written:
            written = other if "@" in other or not written else written
        if "@" not in written and "@" in name and " " not in name:
            written = name
        name = "" if name == written else name
        return Party((written or name)[:998], name[:998])
