"""MIME (RFC 2045, RFC 2046) through the standard library's parser, kept from what a hostile message can do to it.

Left alone, it recurses with the nesting, looks at every line once for each enclosing multipart, and splits parameters in
time that grows with the square of their length. So a `Part` tells it where to stop descending and splits parameters itself,
and `parse` stops feeding it when the `Budget` is spent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesFeedParser, BytesHeaderParser
from email.policy import Compat32
from functools import cached_property, partial

from .charset import decode
from .headers import parameters, tidy
from .message import Limits
from .transfer import transferred

_CHUNK = 2**15
_WORK = 2**25
_LINE_WORK = 16  # beside one more for each multipart around the line
_BYTES_A_UNIT = 8
_BOUNDARY_CHARS = 998  # RFC 2046, 5.1.1 allows 70, RFC 5322, 2.1.1 as many in a line

_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.A)
_ABOVE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:\r\n|\r|\n)|>?From (?![ \t]*:)[^\r\n]*(?:\r\n|\r|\n))*+")
_BLANK_LINE = re.compile(rb"\n\r?\n|\r\r")
_SPACED_NAME = re.compile(rb"^([!-9;-~]++)[ \t]++:", re.M)
_BOUNDARY_LIKE = re.compile(rb"^--([^\s-][^\r\n]{0,69}|-[^\r\n]{0,68}\w[^\r\n]{0,20})\r?\n(?=[!-9;-~]+:|\r?\n)", re.M)


class _Raw(Compat32):
    """Gives header values as they came: bytes that are not ASCII as surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


class Budget:
    """What taking a message apart, with all that it carries, may still cost. A unit of `work` is about 80 ns."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts, self.work = limits.max_parts, _WORK
        self.deepest = 0  # part of the tree that is being read
        self.too_deep = False

    def sentences(self) -> list[str]:
        """What was not read for lack of it."""
        said = []
        if self.parts < 0:
            said.append(f"The message has more than {self.limits.max_parts} parts; the rest were not read.")
        if self.work <= 0:
            said.append("The message has more lines and levels than are read; the rest were not read.")
        if self.too_deep:
            said.append(f"The message is nested more than {self.limits.max_depth} levels deep; what lies deeper was not read.")
        return said


class Part(Message):
    """A node of the tree: header fields, and a payload that is a list of parts or text."""

    def __init__(self, policy: Compat32, budget: Budget | None = None) -> None:
        super().__init__(policy)
        self.budget = budget or Budget(Limits())
        self.parent: Part | None = None
        self.depth = 0

    def attach(self, payload: Part) -> None:
        payload.parent, payload.depth = self, self.depth + 1
        self.budget.parts -= 1
        self.budget.deepest = max(self.budget.deepest, payload.depth)
        super().attach(payload)

    def get_content_type(self) -> str:
        """What the parser goes by: only a multipart that is not too deep is taken apart, an attached message is left whole."""
        return self.kind if self.multipart and self.depth < self.budget.limits.max_depth else "text/plain"

    def get_boundary(self, failobj: str | None = None) -> str | None:
        return self.parameters.get("boundary", "").rstrip()[:_BOUNDARY_CHARS] or failobj

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """The values under each name (in lower case); raw 8-bit bytes are UTF-8 if they fit, else windows-1252."""
        found: dict[str, list[str]] = {}
        for name, value in self.items():
            unfolded = value.replace("\r", "").replace("\n", "").strip()
            written = unfolded if unfolded.isascii() else decode(unfolded.encode("ascii", "surrogateescape"))
            found.setdefault(name.lower(), []).append(written)
        return found

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self.fields.get(name, ())]

    def first(self, name: str) -> str:
        """The first value, "" where there is none."""
        return self.fields.get(name, [""])[0]

    @cached_property
    def kind(self) -> str:
        """type/subtype in lower case; what is malformed is text/plain (RFC 2045, 5.2)."""
        found = _TYPE.match(super().get_content_type()[:200])
        return found[0] if found else "text/plain"

    @property
    def multipart(self) -> bool:
        return self.kind.startswith("multipart/")

    @cached_property
    def parameters(self) -> dict[str, str]:
        return parameters(self.first("content-type"))

    @cached_property
    def name(self) -> str:
        """The file name, "" where there is none."""
        disposition = parameters(self.first("content-disposition"))
        return tidy(disposition.get("filename") or self.parameters.get("name") or "").replace("/", "_").replace("\\", "_")[:200]

    @cached_property
    def raw(self) -> bytes:
        """The body as it was sent, b"" where it was taken apart."""
        if "content-transfer-encoding" in self.fields:
            del self["content-transfer-encoding"]  # `payload` knows more kinds of damage than the library
        return self.get_payload(decode=True) or b""

    def payload(self, most: int | None = None) -> bytes:
        """The body without its transfer encoding; with `most`, only as much as its first `most` encoded bytes hold."""
        return transferred(self.raw[:most], self.first("content-transfer-encoding")[:100])


def read_headers(data: bytes) -> Part:
    """The header of a message; what follows it stays in one piece."""
    return BytesHeaderParser(Part, policy=_Raw()).parsebytes(_from_first_field(data))


def parse(data: bytes, budget: Budget) -> Part:
    """The tree of a message, or of as much of it as the budget allows."""
    data = _from_first_field(data)
    budget.deepest = 0
    parser = BytesFeedParser(partial(Part, budget=budget), policy=_Raw())
    for at in range(0, len(data), _CHUNK):
        if budget.work <= 0 or budget.parts < 0:
            break
        chunk = data[at : at + _CHUNK]
        parser.feed(chunk)
        lines = max(chunk.count(b"\n"), chunk.count(b"\r"))
        budget.work -= len(chunk) // _BYTES_A_UNIT + lines * (_LINE_WORK + budget.deepest)
    return parser.close()


def _from_first_field(data: bytes) -> bytes:
    """Mends what would make the library end the header too soon.

    That is: a byte-order mark, blank lines or the "From " line of an mbox on top, white space between name and colon
    (RFC 5322, 4.5.8).
    """
    start = _ABOVE.match(data).end()
    blank = _BLANK_LINE.search(data, start)
    stop = blank.start() if blank else len(data)
    return _SPACED_NAME.sub(rb"\1:", data[start:stop]) + data[stop:]


def leaves(root: Part) -> Iterator[Part]:
    """Every part that is not a multipart (or is one without any parts: that is read as text), in document order."""
    stack = [root]
    while stack:
        part = stack.pop()
        if part.is_multipart():
            stack += reversed(part.get_payload())
        elif not part.multipart:
            yield part
        elif part.depth >= part.budget.limits.max_depth:
            part.budget.too_deep = True
        elif again := _taken_apart(part):
            stack += reversed(again)
        elif part.parent is None or len(part.raw) > 4:
            yield part


def _taken_apart(part: Part) -> list[Part]:
    """The parts of a multipart that is transfer-encoded (forbidden, RFC 2045, 6.4, but real) or uses no boundary that it names."""
    data = part.payload()
    guess = _BOUNDARY_LIKE.search(data, 0, 65_536)
    if not guess:
        return []
    quoted = re.sub(rb'(["\\])', rb"\\\1", guess[1].rstrip())
    again = parse(b'Content-Type: %s; boundary="%s"\n\n' % (part.kind.encode(), quoted) + data, part.budget)
    if not again.is_multipart():
        return []
    for child in again.get_payload():
        child.parent = part
    return again.get_payload()
