"""Whose words are whose: a body becomes text with zones for the author's own words, quoted messages, signatures and disclaimers.

What other people wrote must never be judged as the author's, so where a boundary is in doubt the words count as quoted.
The steps, a module each: `markup` or `lines` (body to lines with a depth of quoting), `thread` (lines to messages),
`ending` (each message's signature and disclaimer).
"""

from __future__ import annotations

from typing import Literal

from . import ending, lines, markup, thread
from .zones import Kind, Mailbox, QuotedMessage, Text, Zone

__all__ = ["Kind", "Mailbox", "QuotedMessage", "Text", "Zone", "read"]


def read(body: str, body_type: Literal["text", "html"] = "text") -> Text:
    """The text of a body and its zones.

    For "text" the result's `text` is `body`, character for character; for "html" it is the text a browser would show, with "\\n"
    as line break and paragraphs parted by an empty line. Any string is accepted and nothing is raised; the time is linear.
    """
    text, found = markup.extract(body) if body_type == "html" else (body, lines.plain(body))
    owners, headers, messages = thread.unravel(found)
    kinds: list[Kind] = ["quoted" if owner else "own" for owner in owners]
    for first, stop in _runs(owners, headers):
        for i, kind in enumerate(ending.kinds(found[first:stop]), first):
            if kind:
                kinds[i] = kind
    return Text(text, _zones(found, kinds, owners), tuple(messages))


def _runs(owners: list[int], headers: set[int]):
    """The (first, stop) of each run of lines with one owner, headers left out."""
    first = 0
    for i in range(1, len(owners) + 1):
        if i == len(owners) or owners[i] != owners[first] or (i in headers) != (first in headers):
            if first not in headers:
                yield first, i
            first = i


def _zones(found: list[lines.Line], kinds: list[Kind], owners: list[int]) -> tuple[Zone, ...]:
    zones: list[Zone] = []
    for line, kind, owner in zip(found, kinds, owners, strict=True):
        if zones and zones[-1].kind == kind and zones[-1].message == owner:
            zones[-1] = Zone(kind, zones[-1].start, line.end, owner)
        else:
            zones.append(Zone(kind, line.start, line.end, owner))
    return tuple(zones)
