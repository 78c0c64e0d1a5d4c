"""Offsets in the client's unit, and values that come through the wire as they went in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import wire
from nlp import draft as core

CLAUSE = core.Clause("dunmoor", "4.2", "Letters", "Copies are open.", "must")


def found(*findings: core.Finding, text: str | None = None) -> core.Report:
    return core.Report("dunmoor", "Dunmoor", findings, text, model="m")


def at(part: str, start: int, end: int, **more) -> core.Finding:
    return core.Finding("check", "main", core.Location(part, start, end), "A sentence.", 0.5, clauses=(CLAUSE,), fingerprint="f", **more)


@given(st.text(st.characters(codec="utf-8")), st.data())
def test_utf16_offsets_cut_what_code_points_cut(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    utf16 = wire.Offsets(text, "utf-16")
    assert text.encode("utf-16-le")[2 * utf16(start) : 2 * utf16(end)].decode("utf-16-le") == text[start:end]
    assert wire.Offsets(text, "unicode")(start) == start


def test_every_offset_of_a_report_is_turned():
    draft = core.Draft(core.Party("a@b"), subject="😀 now", body="👩🏽‍💻 hun 😀")
    edit = core.Edit("body", 5, 8, "Ruth")
    findings = (at("subject", 2, 5), at("body", 5, 8, fixes=(core.Fix("Say Ruth", (edit,)),)))
    by_unit = {unit: wire.warnings(found(*findings), draft, unit) for unit in ("unicode", "utf-16")}
    spans = {unit: [(w.location.start, w.location.end) for w in warned] for unit, warned in by_unit.items()}
    assert spans == {"unicode": [(2, 5), (5, 8)], "utf-16": [(3, 6), (8, 11)]}
    (turned,) = by_unit["utf-16"][1].fixes[0].edits
    assert (turned.start, turned.end, turned.text) == (8, 11, "Ruth")


def test_html_offsets_index_the_text_of_the_report():
    draft = core.Draft(core.Party("a@b"), body="<p>😀😀😀 hun</p>", body_type="html")
    (warned,) = wire.warnings(found(at("body", 4, 7), text="😀😀😀 hun"), draft, "utf-16")
    assert (warned.location.start, warned.location.end) == (7, 10)


def test_a_report_reads_as_the_contract_says():
    move = core.RecipientEdit("j@b", "bcc", "cc")
    drop = core.RecipientEdit("j@b", "bcc", None)
    where = core.Location("bcc", addresses=("j@b", "K@b"))
    finding = core.Finding(
        "hidden-copy", "main", where, "A sentence.", 1.0, "j@b", (core.Fix("Both", (), (move, drop)),), "error", (CLAUSE,), "f1"
    )
    paper = core.Finding(
        "confidential", "main", core.Location("attachments", attachment="a.pdf"), "Another.", 0.7, "a.pdf", severity="info"
    )
    report = wire.report(found(finding, paper), core.Draft(core.Party("a@b")), "utf-16", 7.94321)
    assert json.loads(report.model_dump_json()) == {
        "verdict": "block",
        "protocol": {"id": "dunmoor", "title": "Dunmoor"},
        "warnings": [
            {
                "check": "hidden-copy",
                "severity": "error",
                "message": "A sentence.",
                "location": {"part": "bcc", "start": 0, "end": 0, "address": "j@b", "addresses": ["j@b", "K@b"]},
                "excerpt": "j@b",
                "confidence": 1.0,
                "fingerprint": "f1",
                "clauses": [{"protocol": "dunmoor", "ref": "4.2", "title": "Letters", "summary": "Copies are open.", "strength": "must"}],
                "fixes": [
                    {
                        "title": "Both",
                        "edits": [],
                        "recipients": [
                            {"op": "move", "address": "j@b", "from": "bcc", "to": "cc"},
                            {"op": "remove", "address": "j@b", "from": "bcc", "to": None},
                        ],
                    }
                ],
            },
            {
                "check": "confidential",
                "severity": "info",
                "message": "Another.",
                "location": {"part": "attachments", "start": 0, "end": 0, "attachment": "a.pdf"},
                "excerpt": "a.pdf",
                "confidence": 0.7,
                "fingerprint": "",
                "clauses": [],
                "fixes": [],
            },
        ],
        "text": None,
        "complete": True,
        "unread": [],
        "engine": {"version": wire.version(), "model": "m"},
        "elapsed_ms": 7.94,
    }


def test_gateway_headers_name_each_check_once():
    report = wire.report(found(at("body", 0, 0), at("body", 0, 0)), core.Draft(core.Party("a@b")), "unicode", 1)
    assert [(h.name, h.value) for h in wire.gateway_headers(report)] == [("X-Clausewise-Verdict", "warn"), ("X-Clausewise-Checks", "check")]
    clear = wire.report(found(), core.Draft(core.Party("a@b")), "unicode", 1)
    assert [(h.name, h.value) for h in wire.gateway_headers(clear)] == [("X-Clausewise-Verdict", "clear")]
    partly = clear.model_copy(update={"complete": False})
    assert ("X-Clausewise-Incomplete", "yes") in [(h.name, h.value) for h in wire.gateway_headers(partly)]


@pytest.mark.parametrize("half", ["\ud83d", "\ude00"])
def test_half_an_emoji_moves_no_offset(half):
    draft = wire.Draft.model_validate({"sender": {"address": f"a{half}@b"}, "body": f"{half} hun 😀"}).draft()
    assert (draft.sender.address, draft.body) == ("a\ufffd@b", "\ufffd hun 😀")
    assert len(draft.body.encode("utf-16-le")) == len(f"{half} hun 😀".encode("utf-16-le", "surrogatepass"))


def test_a_draft_read_from_a_message_is_cleaned_everywhere():
    bad = core.Party("a\ud800@b", "N\udfff")
    draft = wire.clean(core.Draft(bad, (bad,), (bad,), (bad,), "\ud800", "\ud800", attachments=(core.Attachment("\ud800", text="\ud800"),)))
    assert "\\ud" not in ascii(draft)
    assert ascii(draft).count("\\ufffd") == 4 * 3 + 4  # address, name and identity of each; subject, body, file and its text


def test_a_draft_that_was_read_may_be_sent_again():
    draft = core.Draft(
        core.Party("a@b", "A", core.Role.MEMBER),
        (core.Party("c@d"),),
        subject="S",
        body="B",
        body_type="html",
        attachments=(core.Attachment("a.pdf", "application/pdf", 12),),
        compose_type="reply",
    )
    again = wire.Draft.model_validate_json(wire.DraftRead.of(draft).model_dump_json()).draft()
    assert replace(again, roster=draft.roster) == draft
