"""Takes MIME apart (RFC 2045, RFC 2046) by offsets into the message, without recursion and without copying.

The standard library's parser is not used, for three reasons that a hostile message can turn against a service: it
recurses with the nesting, it walks every line once for each enclosing multipart, and it looks at parameters in time that
grows with the square of the header. The rules for what is malformed follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .charset import decode
from .headers import parameters, tidy
from .message import Limits
from .transfer import transferred

_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)\Z", re.S)
_TYPE = re.compile(r"\s*([\w.+-]+)/([\w.+-]+)", re.A)
_BOUNDARY_LIKE = re.compile(rb"^--([^\s-][^\r\n]{0,69}|-[^\r\n]{0,68}\w[^\r\n]{0,20})\r?\n(?=[!-9;-~]+:|\r?\n)", re.M)
_WORDS = re.compile(rb"[^\W_]")
_PEOPLE = {"from", "to", "cc", "bcc"}
_MOST_FIELDS = 20_000


class Headers:
    """The fields of one part in their order. Names in lower case, values unfolded bytes."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._fields: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._fields.setdefault(name, []).append(value)

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def all(self, *names: str) -> list[str]:
        """Every value under these names; raw 8-bit bytes are UTF-8 if they fit, else windows-1252."""
        return [decode(value).strip() for name in names for value in self._fields.get(name, ())]

    def get(self, name: str) -> str:
        """The first value, "" where there is none."""
        values = self._fields.get(name)
        return decode(values[0]).strip() if values else ""


def read_headers(data: bytes, start: int, end: int, top: bool = False) -> tuple[Headers, int]:
    """The header fields that begin at `start`, and where the body begins.

    At the top of a message, blank lines, a "From " line of an mbox and a stray continuation line before the first field
    are passed over. A line that is no field ends the header and belongs to the body.
    """
    fields: list[tuple[str, list[bytes]]] = []
    at = start
    while at < end:
        found = _LINE.match(data, at, end)
        line = found[1]
        if not line:
            if fields or not top:
                return _headers(fields), found.end()
        elif line[0] in b" \t":
            if fields:
                fields[-1][1].append(line)
            elif not top:
                break
        elif field := _FIELD.match(line):
            if len(fields) < _MOST_FIELDS:
                fields.append((field[1].decode("ascii").lower(), [field[2]]))
        elif fields and fields[-1][0] in _PEOPLE and (b"@" in line or not _WORDS.search(line)):
            fields[-1][1].append(line)  # a list of recipients that was folded without indenting it
        elif fields or not (top and line.startswith((b"From ", b">From "))):
            break
        at = found.end()
    return _headers(fields), at


def _headers(fields: list[tuple[str, list[bytes]]]) -> Headers:
    return Headers([(name, b"".join(lines)) for name, lines in fields])


@dataclass
class Part:
    """One node of the tree: headers, and a body that lies at `[start:end)` of `data`."""

    data: bytes
    headers: Headers
    start: int
    end: int
    parent: Part | None = None
    depth: int = 0

    @cached_property
    def content_type(self) -> str:
        """type/subtype in lower case; what is missing or malformed is text/plain (RFC 2045, 5.2)."""
        for value in self.headers.all("content-type"):
            if found := _TYPE.match(value[:1000]):
                return found[0].strip().lower()
        return "message/rfc822" if self.parent is not None and self.parent.content_type == "multipart/digest" else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        merged: dict[str, str] = {}
        for value in self.headers.all("content-type")[:4]:
            merged = parameters(value) | merged
        return merged

    @cached_property
    def disposition(self) -> str:
        return self.headers.get("content-disposition")[:1000].partition(";")[0].strip().lower()

    @cached_property
    def name(self) -> str:
        """The file name, "" where there is none."""
        disposition = parameters(self.headers.get("content-disposition"))
        return tidy(disposition.get("filename") or self.parameters.get("name") or "").replace("/", "_").replace("\\", "_")[:200]

    @property
    def multipart(self) -> bool:
        return self.content_type.startswith("multipart/")

    @property
    def size(self) -> int:
        return self.end - self.start

    def payload(self, most: int | None = None) -> bytes:
        """The body without its transfer encoding; with `most`, only as much as its first `most` encoded bytes hold."""
        end = self.end if most is None else min(self.end, self.start + most)
        return transferred(self.data[self.start : end], self.headers.get("content-transfer-encoding")[:100])


@dataclass
class Walk:
    """The leaves of a message in document order; afterwards, whether a cap cut anything off."""

    limits: Limits
    too_many: bool = False
    too_deep: bool = False

    def leaves(self, root: Part) -> Iterator[Part]:
        """Every part that is not a multipart (or is one without any parts: that is read as text)."""
        stack, seen = [root], 0
        while stack:
            part = stack.pop()
            seen += 1
            if seen > self.limits.max_parts:
                self.too_many = True
                return
            if not part.multipart:
                yield part
            elif part.depth >= self.limits.max_depth:
                self.too_deep = True
            elif children := _children(part, self.limits.max_parts):
                stack += reversed(children)
            elif part.parent is None or part.size > 4:
                yield part


def _children(part: Part, most: int) -> list[Part]:
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    data, start, end = part.data, part.start, part.end
    spans = _spans(data, start, end, boundary, most) if boundary else []
    if not spans and part.headers.get("content-transfer-encoding").strip().lower() in {"base64", "quoted-printable"}:
        data = part.payload()  # forbidden (RFC 2045, 6.4), but real
        start, end = 0, len(data)
        spans = _spans(data, start, end, boundary, most) if boundary else []
    if not spans and (guess := _BOUNDARY_LIKE.search(data, start, min(end, start + 65_536))):
        spans = _spans(data, start, end, guess[1].rstrip(), most)
    children = []
    for first, last in spans:
        headers, body = read_headers(data, first, last)
        children.append(Part(data, headers, body, last, part, part.depth + 1))
    return children


def _spans(data: bytes, start: int, end: int, boundary: bytes, most: int) -> list[tuple[int, int]]:
    """The half-open ranges between delimiter lines. A missing last delimiter is the end."""
    mark = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened = None
    at = start if data.startswith(mark, start, end) else _next(data, mark, start, end)
    while at >= 0 and len(spans) <= most:
        tail = at + len(mark)
        line = _LINE.match(data, tail, min(end, tail + 200))
        rest = line[1].rstrip()
        if rest in {b"", b"--"}:
            if opened is not None:
                before = at - 1 if data[at - 1 : at] == b"\n" else at
                before -= data[before - 1 : before] == b"\r"
                spans.append((opened, max(opened, before)))
            opened = line.end()
            if rest:
                return spans
        at = _next(data, mark, tail, end)
    if opened is not None and opened < end:
        spans.append((opened, end))
    return spans


def _next(data: bytes, mark: bytes, at: int, end: int) -> int:
    found = data.find(b"\n" + mark, max(at - 1, 0), end)
    return found + 1 if found >= 0 else -1
