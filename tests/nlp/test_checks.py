"""Every check's own examples hold, and applying a fix makes its warning go away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nlp.checks import checks
from nlp.checks.base import Check, Example
from nlp.checks.cast import CAST, draft_of
from nlp.draft import Draft, Finding
from nlp.lint import Limits, Linter
from nlp.protocols import shipped
from tests.fixing import applied

LINTER = Linter()
EXAMPLES = [(check, example) for check in checks().values() for example in (*check.flagged, *check.clean)]


def found(draft: Draft, check: str) -> list[Finding]:
    return [f for f in LINTER.lint(draft).findings if f.check == check]


def test_there_are_thirteen_checks_and_five_are_core():
    assert len(checks()) == 13
    assert {c.id for c in checks().values() if c.core} == {"hidden-copy", "over-familiar", "criticism", "personal-data", "obligation"}


@pytest.mark.parametrize("check", checks().values(), ids=lambda c: c.id)
def test_a_check_explains_itself(check: Check):
    for words in (check.title, check.summary, check.why, check.instead):
        assert len(words.split()) >= 2
    assert check.flagged and check.clean
    assert len(check.flagged) + len(check.clean) >= 4


@pytest.mark.parametrize(("check", "example"), EXAMPLES, ids=lambda x: x.id if isinstance(x, Check) else x.body[:30])
def test_an_example_is_flagged_or_clean_as_it_says(check: Check, example: Example):
    draft = draft_of(example)
    findings = found(draft, check.id)
    if example.marked is None:
        assert not findings
        return
    assert findings
    marked = {a for f in findings for a in f.location.addresses}
    if example.marked in CAST:
        assert CAST[example.marked].address in marked
    else:
        at = draft.body.index(example.marked)
        assert any(f.location.part == "body" and f.location.start < at + len(example.marked) and at < f.location.end for f in findings)


@pytest.mark.parametrize(
    ("check", "example"), [(c, e) for c, e in EXAMPLES if e.marked], ids=lambda x: x.id if isinstance(x, Check) else x.body[:30]
)
def test_applying_a_fix_makes_its_warning_go_away(check: Check, example: Example):
    draft = draft_of(example)
    before = found(draft, check.id)
    for finding in before:
        for fix in finding.fixes:
            after = {f.fingerprint for f in found(applied(draft, fix), check.id)}
            assert finding.fingerprint not in after, fix.title
            assert len(after) < len(before), fix.title


@pytest.mark.parametrize("protocol", shipped())
def test_a_finding_carries_the_clauses_of_the_protocol_in_force(protocol: str):
    draft = replace(draft_of(checks()["obligation"].flagged[0]), protocol=protocol)
    (finding,) = found(draft, "obligation")
    assert finding.clauses
    assert {c.protocol for c in finding.clauses} == {protocol}
    assert finding.excerpt == draft.body[finding.location.start : finding.location.end]


def test_a_fingerprint_survives_edits_elsewhere_but_not_of_the_words():
    draft = draft_of(Example("Thank you.\n\nThe council will pay for the damage to your car. The map is attached.", to=("resident",)))
    (first,) = found(draft, "obligation")
    (moved,) = found(replace(draft, body="Dear Jim,\n\nIt was good to meet. " + draft.body), "obligation")
    (other,) = found(replace(draft, body=draft.body.replace("car", "van")), "obligation")
    assert moved.fingerprint == first.fingerprint
    assert other.fingerprint != first.fingerprint


def test_an_outside_sender_is_only_asked_about_addresses_and_confidences():
    body = "Your officers are useless. The council will pay. CONFIDENTIAL: not for publication."
    draft = replace(draft_of(Example(body, to=("resident", "neighbour", "stranger"))), sender=CAST["reporter"])
    assert {f.check for f in LINTER.lint(draft).findings} <= {"exposed-recipients", "confidential"}


def test_everything_beyond_the_limits_is_said():
    body = "The council will pay for the damage. " * 40
    report = Linter(limits=Limits(characters=400, recipients=2)).lint(draft_of(Example(body, to=("resident", "officer", "manager"))))
    assert any("characters" in said for said in report.unread)
    assert any("recipients" in said for said in report.unread)
    assert max(f.location.end for f in report.findings) <= 400


def test_when_the_time_runs_out_the_report_says_so():
    report = LINTER.lint(draft_of(Example("Hello")), expired=lambda: True)
    assert report.unread and not report.findings
