"""Lines with the depth of quoting they stand at: what both plain text and HTML are turned into before anything is decided."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tomllib import loads
from typing import Any

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_GROUPWISE = re.compile(r">>> .{0,300}>>>\s*$")
_INVISIBLE = " \t\f\v\xa0\u200b\u200c\u200e\u200f\u2060\ufeff"


@dataclass(slots=True)
class Line:
    """One line: `[start, end)` of the text with its line break; `text` is what it says, without quote marks and outer white space."""

    start: int
    end: int
    text: str
    depth: int = 0
    mark: str = ""  # what markup says it is: "header", "border" (perhaps a header), "signature" or nothing


def plain(body: str) -> list[Line]:
    """The lines of a plain text body; their spans cover it. Depth is the number of ">" marks (RFC 3676, 4.5)."""
    lines = []
    for match in _LINE.finditer(body):
        if match.end() > match.start():
            lines.append(line(match.start(), match.end(), match.group()))
    return lines


def line(start: int, end: int, written: str, depth: int = 0, mark: str = "") -> Line:
    """The line that `written` makes; ">" marks count on top of `depth`."""
    # A ">" before "From " was put there by a mailbox file, not by a person (the mboxrd rule of RFC 4155's relatives).
    # GroupWise writes its attribution as ">>> name and date >>>".
    unmarked = written.startswith(">From ") or (written.startswith(">>> ") and _GROUPWISE.match(written))
    quote = None if unmarked else _QUOTE.match(written)
    if quote:
        depth += quote.group().count(">")
        written = written[quote.end() :]
    return Line(start, end, written.strip("\r\n" + _INVISIBLE), depth, mark)


@cache
def words() -> dict[str, Any]:
    """The word lists of words.toml."""
    return loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def any_of(phrases: list[str]) -> str:
    """A regular expression group for any of the phrases as whole words, the longest first."""
    return r"(?<!\w)(?:" + "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True)) + r")(?!\w)"
