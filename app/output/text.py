"""A report as a person likes to read it: each warning with the words it means underlined, the clause, and what helps.

    error[hidden-copy]: James Reid would get this without the others knowing. …
      |
      | Bcc: j.reid@northmere.gov.uk
      |      ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = pitstone 5 P1 Correspondence: …
      = help: Move to Cc

A letter is hostile input to a terminal: nothing of it is printed but through `app.output.cells`.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from app.output.cells import Cell, cells, plain
from app.output.lines import Lines
from nlp.draft import Draft, Finding, Report

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
HEADERS = {"to": "To", "cc": "Cc", "bcc": "Bcc", "attachments": "Attachment", "subject": "Subject"}
AROUND = 500  # code points of a long line that are looked at on each side of what is marked; more than any terminal is wide
ELLIPSIS = Cell("…", 1)


@dataclass(frozen=True)
class Style:
    """How wide the output may be, in columns, and whether it has colour."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, colour: str | None = None, bold: bool = False) -> str:
        return click.style(text, fg=colour, bold=bold) if self.colour else text


def letter(name: str, draft: Draft, report: Report, style: Style) -> str:
    """All about one letter; "" where there is nothing to say. `name` is what the letter is called, such as its file."""
    if not report.findings and not report.unread:
        return ""
    subject = f": {plain(draft.subject)}" if draft.subject.strip() else ""
    lines = [style.paint(plain(name), bold=True) + subject, ""]
    page = Lines(draft.body if report.text is None else report.text)
    for finding in report.findings:
        lines += [*_finding(finding, draft, page, style), ""]
    for unread in report.unread:
        lines += [*_wrapped("note: ", plain(unread), style.width), ""]
    return "\n".join(lines)


def summary(severities: Counter[str], letters: int) -> str:
    """The closing line. `severities` counts the warnings by severity."""
    within = _count(letters, "letter")
    if not severities.total():
        return f"Nothing to warn about in {within}."
    kinds = [
        _count(severities["error"], "error"),
        f"{severities['warning']} to think about",
        f"{severities['info']} for information",
    ]
    said = [kind for kind, name in zip(kinds, COLOURS, strict=True) if severities[name]]
    return f"{_count(severities.total(), 'warning')}: {', '.join(said)} in {within}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _finding(finding: Finding, draft: Draft, page: Lines, style: Style) -> Iterator[str]:
    colour = COLOURS[finding.severity]
    head = f"{finding.severity}[{finding.check}]: "
    first, *more = _wrapped(head, plain(finding.message), style.width, indent="  ")
    yield style.paint(head, colour, bold=True) + style.paint(first.removeprefix(head), bold=True)
    yield from (style.paint(line, bold=True) for line in more)

    shown = list(_excerpt(finding, draft, page))
    gutter = max((len(number) for number, _ in shown), default=0) or 1
    bar = style.paint(f"{'':{gutter}} |", "blue")
    yield bar
    for number, row in shown:
        if number == "...":
            yield style.paint("...", "blue")
            continue
        fitted = _fitted(row, max(style.width - gutter - 3, 20))
        text = "".join(cell.text for cell in fitted).rstrip()
        under = "".join(("^" if cell.marked else " ") * cell.width for cell in fitted).rstrip()
        yield style.paint(f"{number:>{gutter}} |", "blue") + f" {text}"
        yield f"{bar} {style.paint(under, colour, bold=True)}"
    yield bar
    for clause in finding.clauses:
        cited = f"{'':{gutter}} = {clause.protocol} {clause.ref} {clause.heading}: "
        yield from _wrapped(cited, plain(clause.summary), style.width, indent=" " * (gutter + 3))
    for fix in finding.fixes:
        yield from _wrapped(f"{'':{gutter}} = help: ", plain(fix.title), style.width, indent=" " * (gutter + 9))


def _wrapped(head: str, text: str, width: int, indent: str | None = None) -> list[str]:
    """`head` and `text` broken into lines; those after the first begin with `indent` (as wide as the head, where it is not given)."""
    return textwrap.wrap(
        head + text,
        width,
        subsequent_indent=" " * len(head) if indent is None else indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _excerpt(finding: Finding, draft: Draft, page: Lines) -> Iterator[tuple[str, list[Cell]]]:
    """What a finding is about as rows of (line number or "", cells)."""
    where = finding.location
    match where.part:
        case "body":
            yield from _rows(page, where.start, where.end)
        case "subject":
            yield "", _labelled("Subject", draft.subject, range(where.start, where.end))
        case "attachments":
            yield "", _labelled("Attachment", where.attachment or finding.excerpt)
        case _:
            yield "", _people(HEADERS[where.part], where.addresses)


def _labelled(label: str, text: str, marked: range | None = None) -> list[Cell]:
    head = cells(f"{label}: ")
    one_line = re.sub(r"[\r\n]", " ", text)
    return head + cells(one_line, range(len(text)) if marked is None else marked, column=len(head))


def _people(label: str, addresses: Iterable[str], most: int = 5) -> list[Cell]:
    row = cells(f"{label}: ")
    shown = list(addresses)
    for index, address in enumerate(shown[:most]):
        row += cells(", " if index else "") + cells(address, range(len(address)))
    return row + cells(f" and {len(shown) - most} more" if len(shown) > most else "")


def _rows(page: Lines, start: int, end: int) -> Iterator[tuple[str, list[Cell]]]:
    """The first and the last line of a span, with their numbers."""
    first, last = page.spanned(start, end)
    yield str(first + 1), _row(page, first, start, end)
    if last > first + 1:
        yield "...", []
    if last > first:
        yield str(last + 1), _row(page, last, start, end)


def _row(page: Lines, line: int, start: int, end: int) -> list[Cell]:
    """The cells of a line, those within the span marked. Of a very long line only what could be shown, and a little more."""
    begin, stop = page.starts[line], page.ends[line]
    first, last = max(start, begin), min(max(end, start + 1), stop)
    before, marked, after = page.text[max(begin, first - AROUND) : first], page.text[first:last], page.text[last:stop][:AROUND]
    if start < begin:  # a span that goes on from the line above does not mark the indentation
        indent = len(marked) - len(marked.lstrip())
        before, marked = before + marked[:indent], marked[indent:]
    if len(marked) > 2 * AROUND:
        marked = marked[:AROUND] + marked[-AROUND:]
    return cells(before + marked + after, range(len(before), len(before) + len(marked)))


def _fitted(row: list[Cell], width: int) -> list[Cell]:
    """The row cut to `width` columns around what is marked, with … where something was left out."""
    if sum(cell.width for cell in row) <= width:
        return row
    marked = [index for index, cell in enumerate(row) if cell.marked]
    first, last = (marked[0], marked[-1] + 1) if marked else (0, 0)
    span = row[first:last]
    room = width - 2  # for an … at each end
    if sum(cell.width for cell in span) > room:
        tail = room // 3
        head = _taken(span, room - tail - 1)
        span = [*head, Cell("…", 1, True), *reversed(_taken(reversed(span), tail))]
    room -= sum(cell.width for cell in span)
    left = row[:first]
    before = _taken(reversed(left), max(room // 2, room - sum(cell.width for cell in row[last:])))
    after = _taken(row[last:], room - sum(cell.width for cell in before))
    return [
        *([ELLIPSIS] if len(before) < first else []),
        *reversed(before),
        *span,
        *after,
        *([ELLIPSIS] if len(after) < len(row) - last else []),
    ]


def _taken(row: Iterable[Cell], width: int) -> list[Cell]:
    """As many cells from the beginning as fit."""
    taken: list[Cell] = []
    for cell in row:
        width -= cell.width
        if width < 0:
            break
        taken.append(cell)
    return taken
