"""What people read on a terminal: the right words underlined, and nothing of a letter that could steer the terminal."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest

from app.output import text
from app.output.cells import cells, plain
from app.output.text import Style
from nlp.draft import Clause, Draft, Finding, Fix, Location, Party, Report

CLAUSE = Clause("pitstone", "5 P1", "Correspondence", "Write so that everybody may read it. " * 5, "should")


def told(body: str, marked: str | Location, style: Style = Style(), subject: str = "", **more: object) -> str:  # noqa: B008
    where = Location("body", body.index(marked), body.index(marked) + len(marked)) if isinstance(marked, str) else marked
    finding = Finding("over-familiar", "main", where, "Too familiar.", 0.9, clauses=(CLAUSE,), fixes=(Fix("Leave it out"),), **more)
    return text.letter("letter.eml", Draft(Party("a@b.uk"), subject=subject, body=body), Report("pitstone", "P", (finding,)), style)


def underlined(out: str) -> list[str]:
    """What stands above each row of carets, by columns."""
    found = []
    for above, under in pairwise(out.splitlines()):
        if re.fullmatch(r" *\| +\^[\^ ]*", under):
            row = cells(above)
            owners = [index for index, cell in enumerate(row) for _ in range(cell.width)]
            found.append("".join(row[index].text for index in dict.fromkeys(owners[under.index("^") : len(under)])))
    return found


@pytest.mark.parametrize(
    ("body", "marked"),
    [
        ("Dear Ruth,\n\nThank you, darling.\n\nCarol", "darling"),
        ("漢字 and 🙂🙂 then darling.", "darling"),
        ("\tA tab, then darling.", "darling"),
        ("The word 漢字 is meant.", "漢字"),
    ],
)
def test_the_words_are_underlined_by_columns(body: str, marked: str) -> None:
    assert underlined(told(body, marked)) == [marked]


def test_a_letter_two_columns_wide_has_two_carets() -> None:
    assert "1 | 漢字 🙂 ok, darling.\n  |             ^^^^^^^\n" in told("漢字 🙂 ok, darling.", "darling")


def test_combining_marks_and_joined_emoji_take_no_column_of_their_own() -> None:
    assert [cell.width for cell in cells("e\u0301x")] == [1, 0, 1]
    assert sum(cell.width for cell in cells("👩🏽\u200d💻")) == 2
    assert sum(cell.width for cell in cells("❤\ufe0f")) == 2


def test_lines_are_numbered_as_the_letter_has_them() -> None:
    out = told("one\r\ntwo\rthree\n\nfive darling", "darling")
    assert "\n5 | five darling\n" in out


def test_of_a_span_over_lines_the_first_and_the_last_are_shown() -> None:
    body = "Dear Ruth,\n\nfirst of it\nmiddle\n   last of it. And more."
    out = told(body, body[body.index("first") : body.index(" And")])
    assert underlined(out) == ["first of it", "last of it."]
    assert "\n...\n" in out
    assert "middle" not in out


def test_a_long_line_is_cut_around_the_words() -> None:
    body = f"{'before ' * 100}darling{' after' * 100}"
    out = told(body, "darling", Style(width=60))
    assert underlined(out) == ["darling"]
    shown = next(line for line in out.splitlines() if "darling" in line and line.startswith("1 |"))
    assert shown.count("…") == 2
    assert all(len(line) <= 60 for line in out.splitlines())


def test_of_a_span_wider_than_the_terminal_both_ends_are_shown() -> None:
    body = "Now: begin " + "word " * 200 + "end. After."
    out = told(body, body[5:-7], Style(width=60))
    assert [re.sub("…", "", found)[:5] + "/" + found[-4:] for found in underlined(out)] == ["begin/end."]


def test_recipients_are_shown_with_their_header() -> None:
    out = told("x", Location("bcc", addresses=("j.reid@north.gov.uk",)))
    assert "| Bcc: j.reid@north.gov.uk\n" in out
    assert underlined(out) == ["j.reid@north.gov.uk"]


def test_of_many_recipients_the_first_are_shown_and_the_others_counted() -> None:
    out = told("x", Location("to", addresses=tuple(f"a{n}@b.uk" for n in range(40))))
    assert "To: a0@b.uk, a1@b.uk" in out
    assert "and 35 more" in out


def test_the_subject_is_underlined_within_its_label() -> None:
    assert underlined(told("x", Location("subject", 3, 7), subject="My dear thing")) == ["dear"]


def test_clauses_and_help_are_told_within_the_width() -> None:
    out = told("Thanks, darling.", "darling", Style(width=60))
    assert " = pitstone 5 P1 Correspondence: Write so" in out
    assert " = help: Leave it out" in out
    assert max(map(len, out.splitlines())) <= 60


HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m \r \u202egnp.exe \u2066 \x00 \ud800 darling"


def test_nothing_in_a_letter_steers_the_terminal() -> None:
    finding = {"excerpt": HOSTILE}
    out = told(HOSTILE, "darling", subject=HOSTILE, **finding) + told("x", Location("to", addresses=(HOSTILE,))) + plain(HOSTILE)
    assert not set(out) & set("\x1b\x07\x9b\r\u202e\u2066\x00\ud800")
    assert "␛" in out
    out.encode()


def test_without_colour_no_escape_is_printed_and_with_it_no_word_changes() -> None:
    bare, painted = told("Thanks, darling.", "darling"), told("Thanks, darling.", "darling", Style(colour=True))
    assert "\x1b" not in bare
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == bare


def test_what_was_not_read_is_said() -> None:
    report = Report("pitstone", "P", (), unread=("The attachment was not read.",))
    assert "note: The attachment was not read." in text.letter("a.eml", Draft(Party("a@b.uk")), report, Style())


def test_a_clear_letter_is_no_news() -> None:
    assert text.letter("a.eml", Draft(Party("a@b.uk"), body="x"), Report("pitstone", "P", ()), Style()) == ""


@pytest.mark.parametrize(
    ("severities", "letters", "said"),
    [
        ({"error": 1, "warning": 2}, 1, "3 warnings: 1 error, 2 to think about in 1 letter."),
        ({"info": 1}, 2, "1 warning: 1 for information in 2 letters."),
        ({}, 1, "Nothing to warn about in 1 letter."),
    ],
)
def test_the_closing_line(severities: dict[str, int], letters: int, said: str) -> None:
    assert text.summary(Counter(severities), letters) == said


def test_each_of_many_warnings_on_one_endless_line_is_underlined() -> None:
    body = "word " * 100_000
    findings = tuple(Finding("x", "main", Location("body", at, at + 4), "m", 1.0) for at in range(0, 500_000, 1000))
    told = text.letter("a", Draft(Party("a@b.uk"), body=body), Report("p", "P", findings), Style())
    assert underlined(told) == ["word"] * 500
