"""Lines to messages: which line belongs to whom.

A quoted message begins with a header (a block of "From: … Subject: …", an attribution "On … wrote:", a rule such as
"-----Original Message-----") or with deeper quoting. Below a header block everything is quoted to the end; below an attribution
that is followed by ">" lines, the lines without ">" are the author's again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from .lines import Line, any_of, words
from .zones import Mailbox, QuotedMessage

_MOST = 400  # characters a line of a header may have; a longer one is a paragraph
_LONGEST_LIST = 100_000  # characters of recipients that are read: some two thousand
_FIELD = re.compile(r"[\s*_]*([^\W\d_][\w.'()/ -]{0,20}?)[\s*]*:[\s*]*(.*)$", re.S)
_DATE = re.compile(r"\b(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|(?:19|20)\d\d)\b")
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_STAMP = re.compile(r"(?:on )?\b(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},? +\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?)\b.{0,12}$", re.I)
_ADDRESS = re.compile(r"[\w.+'&=-]+@[\w-]+(?:\.[\w-]+)+")
_RULE = re.compile(r"[\s*]*[-_=*–—]{5,}[\s*]*$")
_ASIDE = re.compile(r"(?:please respond to|sent by)\b", re.I)


@dataclass(slots=True)
class _Head:
    """The header lines `[first, stop)` of a message, and what they say."""

    first: int
    stop: int
    fields: dict[str, str] = field(default_factory=dict)
    forwarded: bool = False
    attribution: bool = False


def unravel(lines: list[Line]) -> tuple[list[int], set[int], list[QuotedMessage]]:
    """For every line the number of its message (0: the author's), the lines that are headers, and the messages."""
    heads = {head.first: head for head in _heads(lines)}
    lowest = _lowest_below(lines)
    owners: list[int] = []
    headers: set[int] = set()
    found: list[_Head] = []
    speaking: dict[int, int] = {0: 0}  # at a depth of quoting, whose words these are
    until = 0
    for i, line in enumerate(lines):
        if head := heads.get(i):
            found.append(head)
            until = head.stop
            depth = lines[until - 1].depth
            below = next((other.depth for other in lines[until : until + 4] if other.text), depth)
            answered = head.attribution and below > depth
            for deeper in [d for d in speaking if d > depth or (d == depth and not answered)]:
                del speaking[deeper]
            if answered or lowest[until] > depth:
                speaking[below] = len(found)
            speaking.setdefault(depth, len(found))
        if i < until:
            headers.add(i)
            owners.append(len(found))
        elif not line.text:
            owners.append(owners[-1] if owners else 0)
        elif _wrapped_tail(lines, i):
            owners.append(owners[-1])
        else:
            if line.depth not in speaking:
                found.append(_Head(i, i))
                speaking[line.depth] = len(found)
            owners.append(speaking[line.depth])
    return owners, headers, list(_messages(lines, owners, found))


def _messages(lines: list[Line], owners: list[int], found: list[_Head]) -> Iterator[QuotedMessage]:
    ends = {owner: line.end for line, owner in zip(lines, owners, strict=True)}
    for number, head in enumerate(found, 1):
        start = lines[head.first].start
        body = lines[head.stop].start if head.stop < len(lines) else lines[-1].end
        said = head.fields
        people = mailboxes(said.get("from", ""), several=False)
        yield QuotedMessage(
            start,
            max(ends.get(number, body), body),
            body,
            people[0] if people else Mailbox("", ""),
            mailboxes(said.get("to", "")),
            mailboxes(said.get("cc", "")),
            said.get("subject", ""),
            said.get("date", ""),
            head.forwarded,
        )


def _lowest_below(lines: list[Line]) -> list[int]:
    """For every line the lowest depth from it to the end."""
    lowest = [10**9] * (len(lines) + 1)
    for i in range(len(lines) - 1, -1, -1):
        lowest[i] = min(lowest[i + 1], lines[i].depth) if lines[i].text else lowest[i + 1]
    return lowest


def _wrapped_tail(lines: list[Line], i: int) -> bool:
    """Whether a mail program broke a long quoted line and left its tail without a mark."""
    if not 0 < i < len(lines) - 1:
        return False
    before, line, after = lines[i - 1], lines[i], lines[i + 1]
    return (
        line.depth < before.depth == after.depth
        and len(before.text) >= 60
        and len(line.text) < 40
        and before.text[-1] not in ".!?:;"
        and bool(after.text)
    )


# --- headers ---------------------------------------------------------------------------------------------------------------


def _heads(lines: list[Line]) -> Iterator[_Head]:
    fields = [_field(line.text) for line in lines]
    i = 0
    while i < len(lines):
        head = None
        if lines[i].text:
            head = _marked(lines, fields, i) or _introduced(lines, fields, i) or _block(lines, fields, i)
            head = head or _notes(lines, fields, i) or _attribution(lines, i)
        if head:
            yield head
        i = head.stop if head else i + 1


def _marked(lines: list[Line], fields: list, i: int) -> _Head | None:
    """Lines that markup calls a header. A mere border must also look like one."""
    mark = lines[i].mark
    if mark not in ("header", "border"):
        return None
    stop = i
    while stop < len(lines) and lines[stop].mark in (mark, "") and (lines[stop].mark or not lines[stop].text) and stop < i + 40:
        stop += 1
    while not lines[stop - 1].text:
        stop -= 1
    head = _read_fields(lines, fields, i, loose=True)
    if mark == "border" and (len(head.fields) < 2 and sum(bool(_FIELD.match(line.text)) for line in lines[i : min(stop, i + 6)]) < 3):
        return None
    if not head.fields:
        joined = " ".join(line.text for line in lines[i:stop])
        return _Head(i, stop, _said(joined), _names_forward(joined), attribution=True)
    # The border may go round the whole quoted message: its header ends where the fields do.
    return _Head(i, max(head.stop, stop) if mark == "header" else head.stop, head.fields)


def _introduced(lines: list[Line], fields: list, i: int) -> _Head | None:
    """A rule or "Begin forwarded message:", with the header block under it, if there is one."""
    stop, kind = i + 1, _introducer(lines[i].text)
    if not kind and lines[i].text.startswith("---") and not lines[i].text.endswith("---"):
        # Notes breaks "---- Forwarded by … on … ----" over lines.
        for more in range(i + 1, min(i + 3, len(lines))):
            if lines[more].text.endswith("-"):
                stop, kind = more + 1, _introducer(" ".join(line.text for line in lines[i : more + 1]))
                break
    if not kind and not _RULE.match(lines[i].text):
        return None
    below = stop
    while below < len(lines) and below < stop + 3 and (not lines[below].text or _RULE.match(lines[below].text)):
        below += 1
    under = None
    if below < len(lines):
        under = _block(lines, fields, below, introduced=True) or _notes(lines, fields, below) or _attribution(lines, below)
    if under:
        return _Head(i, under.stop, under.fields, kind == "forwarded", under.attribution and not kind)
    return _Head(i, stop, {}, kind == "forwarded") if kind else None


def _introducer(text: str) -> str:
    """ "original", "forwarded" or ""."""
    if len(text) > _MOST or not (text.startswith(("--", "__")) or text.endswith(":")):
        return ""
    bare = text.strip("-_=*:– —\t").lower()
    if not text.startswith(("--", "__")):
        return "forwarded" if bare in words()["thread"]["forwarded"] else ""
    match = _introducers().match(bare)
    return (match.lastgroup or "") if match else ""


@cache
def _introducers() -> re.Pattern[str]:
    thread = words()["thread"]
    return re.compile(f"(?P<forwarded>{any_of(thread['forwarded'])})|(?P<original>{any_of(thread['original'])})")


def _names_forward(text: str) -> bool:
    return any(phrase in text.lower() for phrase in words()["thread"]["forwarded"])


def _block(lines: list[Line], fields: list, i: int, introduced: bool = False) -> _Head | None:
    """A block of header lines that begins at `i`."""
    if not fields[i]:
        return None
    head = _read_fields(lines, fields, i)
    said = head.fields
    if "from" not in said or len(said) < 2:
        # Without a sender only in the middle of a text, and with all the rest: the top of a memo is the author's.
        bare = (
            i > 0
            and not lines[i - 1].text
            and {"to", "cc", "subject"} <= said.keys()
            and any(line.text for line in lines[max(0, i - 5) : i])
        )
        return head if bare or (introduced and len(said) >= 2) else None
    # "From: 5 May / To: 8 May" is a timetable: a header names an address or a subject.
    if introduced or any("@" in value for value in said.values()) or ("subject" in said and len(said) >= 3):
        return head
    return None


def _read_fields(lines: list[Line], fields: list, i: int, loose: bool = False) -> _Head:
    """The header lines from `i` on, folded lines joined. Stops at the first line that is none, or repeats one."""
    said: dict[str, str] = {}
    languages: set[str] | None = None
    stop, last = i, ""
    j = i
    while j < len(lines):
        if j > i and not lines[j].text and last and j + 1 < len(lines) and fields[j + 1] and fields[j + 1][0] not in said:
            j += 1  # programs that make each header line a paragraph
            continue
        entry = fields[j]
        spoken = (entry[1] if languages is None else languages & entry[1]) if entry else set()
        if entry and entry[0] not in said and (spoken or loose):
            last = entry[0]
            said[last] = entry[2]
            languages = spoken or languages
        elif last and lines[j].text and not entry and _folded(lines, fields, j, said, 80 if last in ("to", "cc") else 3):
            said[last] += " " + lines[j].text
        else:
            break
        j += 1
        stop = j
    return _Head(i, max(stop, i + 1) if said else i, {key: value.strip(" *") for key, value in said.items()})


def _folded(lines: list[Line], fields: list, j: int, said: dict[str, str], reach: int) -> bool:
    """Whether line `j` continues a header line: another header line must come before the paragraph ends."""
    for k in range(j + 1, min(j + reach, len(lines))):
        if fields[k]:
            return fields[k][0] not in said
        if not lines[k].text:
            return k + 1 < len(lines) and bool(fields[k + 1]) and fields[k + 1][0] == "subject" and "subject" not in said
    return False


def _field(text: str) -> tuple[str, frozenset[str], str] | None:
    """(which header, in which languages, its value) of a header line."""
    if ":" not in text[:30]:
        return None
    match = _FIELD.match(text)
    known = match and _header_words().get(match[1].strip().lower())
    if not match or not known:
        return None
    return (*known, match[2])


@cache
def _header_words() -> dict[str, tuple[str, frozenset[str]]]:
    table: dict[str, tuple[str, frozenset[str]]] = {}
    for language, headers in words()["headers"].items():
        for header, spellings in headers.items():
            for spelling in spellings:
                spoken = table.get(spelling, (header, frozenset()))[1]
                table[spelling] = (header, spoken | {language})
    return table


def _notes(lines: list[Line], fields: list, i: int) -> _Head | None:
    """Lotus Notes: a name and a date, on one line or two, then "To: …", "cc: …", "Subject: …"."""
    if not any(fields[i : i + 6]):
        return None
    named, dated, j = "", "", i
    while j < min(i + 6, len(lines)):
        text = lines[j].text
        if fields[j] and fields[j][0] in ("to", "cc", "subject"):
            break
        if stamp := (not dated and len(text) < 200 and _STAMP.search(text)):
            before = text[: stamp.start()].strip()
            if bool(before) == bool(named):
                return None  # nobody, or a name that the line above belongs to the message before it
            dated, named = stamp[1], named or before
        elif text and not named and len(text) < 120 and not text.endswith((".", "!", "?", ",")) and len(text.split()) <= 8:
            named = text
        elif not (_ASIDE.match(text) or text.startswith(("<", '"')) if text else dated or j == i + 1):
            return None
        j += 1
    if not dated or j >= len(lines) or not fields[j]:
        return None
    block = _read_fields(lines, fields, j)
    if "subject" not in block.fields and "cc" not in block.fields:
        return None
    name = _FIELD.sub(r"\2", named) if named.lower().startswith("from") else named
    return _Head(i, block.stop, {"from": name.strip(), "date": dated, **block.fields})


# --- attributions ----------------------------------------------------------------------------------------------------------


@cache
def _wrote() -> re.Pattern[str]:
    return re.compile(any_of(words()["thread"]["wrote"]), re.I)


@cache
def _opens() -> re.Pattern[str]:
    return re.compile(r"[-\s\"*]*(?:" + any_of(words()["thread"]["on"]) + r"|\d{4}-\d\d-\d\d)", re.I)


def _attribution(lines: list[Line], i: int) -> _Head | None:
    """ "On … wrote:", on one line or broken over up to four."""
    text = lines[i].text
    if text.startswith(">>> ") and text.endswith(">>>"):
        return _Head(i, i + 1, _said(text.strip("> ")), attribution=True)
    opened = bool(_opens().match(text))
    if not opened and i and lines[i - 1].text and lines[i - 1].depth == lines[i].depth:
        return None  # only "On" may begin one in the middle of a paragraph
    joined, depth = "", lines[i].depth
    for stop in range(i + 1, min(i + 5, len(lines) + 1)):
        line = lines[stop - 1]
        if not line.text or line.depth != depth or len(joined) + len(line.text) > _MOST:
            return None
        joined = f"{joined} {line.text}".strip()
        if not line.text.endswith(":"):
            continue
        addressed, timed = bool(_ADDRESS.search(joined)), bool(_TIME.search(joined))
        verb = _wrote().search(joined)
        below = next((other for other in lines[stop : stop + 3] if other.text), None)
        quoted = below is not None and below.depth > depth
        named = bool(verb) and (addressed if not opened else addressed or (timed and bool(re.search(r"\d", joined))))
        gmail = opened and addressed and timed and bool(_DATE.search(joined))
        if named or gmail or (quoted and verb and (opened or addressed or len(joined.split()) <= 8)):
            return _Head(i, stop, _said(joined), attribution=True)
        return None
    return None


def _said(attribution: str) -> dict[str, str]:
    """Who wrote, and when, as far as an attribution tells."""
    said = {}
    if address := _ADDRESS.search(attribution):
        before = re.sub(r"[<\[(]?(?:mailto:)?$", "", attribution[: address.start()])
        name = re.split(r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]m)?\)?|,(?= *\w+ \w+ *$)|\d{4}", before, flags=re.I)[-1]
        name = _wrote().sub("", name).strip(" ,;:-\"'*<(")
        name = re.sub(r"^(?:[+-]\d{4}|GMT\S*|Uhr|UTC|BST|CET|CEST)[ ,]*", "", name)
        said["from"] = f"{name} <{address[0]}>" if name and not re.search(r"\d", name) else address[0]
    elif match := re.search(
        r"(?:\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]m)?|\d{4}),? +([^\d:]{2,60})$", _wrote().sub("", attribution.rstrip(" :")), re.I
    ):
        said["from"] = match[1].strip(" ,;:-\"'*")
    if _DATE.search(attribution) and (
        when := re.search(r"\w{0,12}[ ,.]{0,2}\d.{0,60}?\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]m)?", attribution, re.I)
    ):
        said["date"] = re.sub(rf"^{any_of(words()['thread']['on'])} ", "", when[0], flags=re.I).strip(" ,")
    return said


# --- people ----------------------------------------------------------------------------------------------------------------

_ANGLED = re.compile(r"[<\[(]\s*(?:mailto:)?\s*([^<>\[\]()\s]+@[^<>\[\]()\s]+)[^<>\[\]()]*[>\])]", re.I)


def mailboxes(value: str, several: bool = True) -> tuple[Mailbox, ...]:
    """The people of a header's value: "Name <a@b>", "Name [mailto:a@b]", "a@b" or a bare name, parted by ";" or ","."""
    value = value[:_LONGEST_LIST]
    pieces = _split(value, ";") if ";" in value else _split(value, ",") if several else [value]
    people: list[Mailbox] = []
    surname = ""
    for piece in pieces:
        text = piece.strip()[:_MOST]
        if not text:
            continue
        person = _mailbox(text)
        # "Khan, Aisha <a@b>" parted at its comma: the surname goes back to its name.
        if surname and person.address and person.name:
            people[-1:] = [Mailbox(f"{surname}, {person.name}", person.address)]
        else:
            people.append(person)
        surname = text if ";" not in value and not person.address and " " not in text else ""
    return tuple(person for person in people if person.name or person.address)


def _mailbox(text: str) -> Mailbox:
    if angled := _ANGLED.search(text):
        address, name = angled[1], text[: angled.start()]
    elif bare := _ADDRESS.search(text):
        address, name = bare[0], text[: bare.start()]
    else:
        # Notes: "Kori Loibl/HOU/ECT@ECT".
        address, name = "", re.sub(r"[/@].*$", "", text, flags=re.S) or text
    name = name.strip(" \t\"'<[(*,")
    return Mailbox("" if name.lower() == address.lower() else name, address.strip("'\"*"))


def _split(value: str, at: str) -> list[str]:
    """The value parted at a sign that stands outside quotes and brackets."""
    pieces, start, quoted, open_ = [], 0, False, 0
    for i, sign in enumerate(value):
        if sign == '"':
            quoted = not quoted
        elif sign in "<([":
            open_ += 1
        elif sign in ">)]":
            open_ = max(0, open_ - 1)
        elif sign == at and not quoted and not open_:
            pieces.append(value[start:i])
            start = i + 1
    return [*pieces, value[start:]]
