"""The rule checks on the ways in which people write, and on letters that are made to hurt."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from nlp.checks.base import Example
from nlp.checks.cast import CAST, draft_of
from nlp.draft import Attachment, Draft, Finding, Party, Role
from nlp.lint import Linter, read_draft
from nlp.subjects import READER, Audience, Subjects
from tests.fixing import applied

LINTER = Linter()
THREAD = (
    "\n\nFrom: Cllr Carol Bramhall <c.bramhall@dunmoor.gov.uk>\nSent: 2 May 2025 10:00\nTo: Ruth Tandy <r.tandy@dunmoor.gov.uk>\n"
    "Subject: The lane\n\n%s\n\nCarol\n"
)


def found(draft: Draft, check: str) -> list[Finding]:
    return [f for f in LINTER.lint(draft).findings if f.check == check]


@pytest.mark.parametrize(
    "said",
    [
        "c.c. Cllr. I. Osei",
        "Councillor Osei is receiving this email too.",
        "I'm letting Isaac have sight of this.",
        "I've added Isaac Osei to this email.",
        "I hope you don't mind my copying Councillor Osei.",
        "Please note I have copied Councillor Osei.",
        "Councillor Osei raised the same matter. I have copied him in.",
        "A copy of this letter goes to Councillor Osei.",
    ],
)
def test_a_copy_is_told_in_many_words(said: str):
    assert not found(draft_of(Example(f"Dear Ruth,\n\nAny dates? {said}\n\nCarol", bcc=("colleague",))), "hidden-copy")


@pytest.mark.parametrize(
    "said",
    [
        "I don't copy Councillor Osei into everything.",
        "I will copy Councillor Osei next time.",
        "I met Councillor Osei and sent it on Monday.",
        "The copy of the plan that Councillor Osei drew is attached.",
        "Councillor Osei has this pothole on his list.",
        "Councillor Osei has seen this problem himself.",
    ],
)
def test_a_name_beside_another_copy_tells_nothing(said: str):
    assert found(draft_of(Example(f"Dear Ruth,\n\nAny dates? {said}\n\nCarol", bcc=("colleague",))), "hidden-copy")


def test_the_line_that_tells_of_a_nameless_councillor_is_understood():
    draft = replace(draft_of(Example("Any dates?")), bcc=(Party("cllr7@dunmoor.gov.uk", role=Role.MEMBER),))
    (warning,) = found(draft, "hidden-copy")
    assert warning.fixes[-1].edits[0].text.strip() == "CC cllr7@dunmoor.gov.uk"
    assert not found(applied(draft, warning.fixes[-1]), "hidden-copy")


@pytest.mark.parametrize(
    ("asked", "raised"),
    [
        ("Please don't copy Dot in.", True),
        ("Don't send this to Councillor Pym.", True),
        ("Please copy Dot in.", False),
        ("Please keep Councillor Pym in the loop.", False),
    ],
)
def test_a_member_who_asks_for_a_copy_knows_of_it(asked: str, raised: bool):
    draft = draft_of(Example("Dear Carol,\n\nThree minutes.\n\nRuth" + THREAD % asked, sender="officer", to=("member",), cc=("rival",)))
    assert bool(found(draft, "undisclosed-copy")) == raised


@pytest.mark.parametrize(
    ("body", "copied", "raised"),
    [
        ("Dear Councillors Bramhall and Pym,\n\nThree minutes.", "rival", False),
        ("Councillor Pym raised this.\n\nThree minutes.", "rival", True),
        ("Dear Carol,\n\nThree minutes." + (THREAD % "How long?").replace("\nSubject", "; Cllr Dot Pym\nSubject"), "rival", False),
        ("Dear Carol,\n\nThree minutes." + (THREAD % "How long?").replace("\nSubject", "; Cllr Dot Pym\nSubject"), "councillors", True),
    ],
)
def test_who_is_greeted_or_was_on_the_thread_knows(body: str, copied: str, raised: bool):
    draft = draft_of(Example(body, sender="officer", to=("member",), cc=(copied,)))
    assert bool(found(draft, "undisclosed-copy")) == raised


@pytest.mark.parametrize(
    ("body", "raised"),
    [
        ("The bin on Mill Lane is emptied.", False),
        ("Your claim for March is paid.\n\nKind regards\n\nRuth Tandy\nCouncil Offices, 4 Castle Street, Dunmoor DN4 5TT", True),
        ("The bin on Mill Lane is emptied.\n\nRuth" + THREAD % "Please don't copy this to anyone.", True),
    ],
)
def test_a_matter_of_the_ward_is_told_by_the_letter_not_its_signature(body: str, raised: bool):
    draft = draft_of(Example(body, sender="officer", to=("member",), cc=("colleague",), protocol="uttlesford"))
    assert bool(found(draft, "undisclosed-copy")) == raised


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("Carol Bramhall\nDunmoor Council - Riverside", True),
        ("Carol Bramhall\nMember of Dunmoor Council for Riverside", True),
        ("I write as the Leader of the Council.", True),
        ("I represent Riverside on the council.", True),
        ("This is my own view, not the council's.", True),
        ("Ask your ward councillor.", False),
        ("I have asked Councillor Osei, the ward member.", False),
        ("The Riverside ward is getting new lamps.", False),
    ],
)
def test_a_capacity_is_the_writers_own(said: str, stated: bool):
    draft = draft_of(Example(f"Dear Jim,\n\nThe lamp is out.\n\n{said}", to=("resident",), protocol="knutsford"))
    assert bool(found(draft, "capacity")) != stated


@pytest.mark.parametrize(
    ("party", "reader", "raised"),
    [
        ("Green", Party("sales@greenfields.example", role=Role.EXTERNAL), True),
        ("Green", Party("office@dunmoorgreens.example", role=Role.EXTERNAL), False),
        ("Reform UK", Party("info@prisonreform.example", role=Role.EXTERNAL), True),
        ("Labour", Party("office@dunmoorlabour.example", role=Role.EXTERNAL), False),
        ("Labour", Party("jo.smith@parliament.uk", "Jo Smith", Role.GOVERNMENT), True),
    ],
)
def test_whom_a_member_need_not_tell_in_what_capacity(party: str, reader: Party, raised: bool):
    sender = replace(CAST["member"], party=party)
    draft = replace(draft_of(Example("The lamp is out.\n\nCarol", protocol="knutsford")), sender=sender, to=(reader,))
    assert bool(found(draft, "capacity")) == raised


def test_words_for_the_council_are_warned_of_once():
    draft = draft_of(Example("On behalf of Dunmoor Council I write to refuse your application.", to=("resident",)))
    assert len(found(draft, "capacity")) == 1


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("This was considered in closed session.", True),
        ("This isn't public yet, but the school will close.", True),
        ("This must not go any further: the school will close.", True),
        ("I cannot share the report, as it is confidential.", False),
        ("I'm not able to send the exempt report.", False),
        ("I can't publish the exempt report, but it says that the school will close.", True),
        ("Anything you tell me is confidential.", False),
        ("Your vehicle is exempt under the scheme.", False),
        ("This message may contain confidential or privileged information.", False),
    ],
)
def test_what_is_given_away_is_confidential_not_what_is_withheld(said: str, raised: bool):
    draft = draft_of(Example(f"Dear Jim,\n\n{said}\n\nCarol", to=("resident", "neighbour")))
    assert bool(found(draft, "confidential")) == raised


def test_a_private_hire_licence_is_no_confidential_file():
    draft = replace(draft_of(Example("Attached.", to=("resident",))), attachments=(Attachment("private_hire_licence.pdf"),))
    assert not found(draft, "confidential")


def test_a_number_that_identifies_counts_where_a_signature_would_stand():
    assert found(draft_of(Example("Dear Isaac,\n\nHer NI number is JG 10 37 59 A.\n\nCarol", to=("colleague",))), "personal-data")


MANY = tuple(Party(f"p{n}.low@mail{n}.example", f"Pat Low{n}", Role.MEMBER) for n in range(1_000))
RESIDENTS = tuple(replace(p, role=Role.CONSTITUENT) for p in MANY)
CROWD = {"hidden-copy": 1, "exposed-recipients": 1}
COPIED = "I have copied Councillor Osei into this. "


@pytest.mark.parametrize(
    ("body", "recipients", "raised"),
    [
        ("\n" * 100_000, {}, {"hidden-copy": 1}),
        (COPIED * 5_000, {"bcc": MANY}, {"hidden-copy": 1_000}),
        (COPIED * 5_000, {"sender": CAST["officer"], "to": (CAST["member"],), "bcc": (), "cc": MANY}, {"undisclosed-copy": 1_000}),
        ("This is confidential and not for publication. " * 5_000, {"to": RESIDENTS}, {"confidential": 1, **CROWD}),
        ("Mr Sam Okoro of 6 Abbey Court rang on 07700 900123. " * 2_000, {"to": RESIDENTS}, {"personal-data": 2_000, **CROWD}),
    ],
    ids=["blank", "hidden", "copied", "confidential", "people"],
)
def test_many_words_to_many_people_are_all_judged(body: str, recipients: dict, raised: dict):
    draft = replace(draft_of(Example(body, to=("resident",), bcc=("colleague",))), **recipients)
    assert Counter(finding.check for finding in LINTER.lint(draft).findings) == raised


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("The Council has decided to refuse your application.", True),
        ("The Council has decided to close the lido. I voted against it.", False),
    ],
)
def test_a_ward_member_reports_decisions_but_does_not_hand_them_down(said: str, raised: bool):
    body = f"Dear Mr Dale,\n\n{said}\n\nCarol Bramhall\nMember for Riverside"
    assert bool(found(draft_of(Example(body, to=("resident",))), "capacity")) == raised


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("You asked me to treat your complaint as confidential.", False),
        ("Part II of the schedule to the regulations says which premises count.", False),
        ("The boat store is exempt, being agricultural.", False),
        ("The bids have not been announced yet, so keep this to yourself.", True),
    ],
)
def test_words_that_are_no_marking(said: str, raised: bool):
    assert bool(found(draft_of(Example(said, sender="officer", to=("resident",))), "confidential")) == raised


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("The engineers can be telephoned on 01632 960377, extension 4.", False),
        ("The depot is at Station Road, UPRN 100040217733.", False),
        ("Bring back the tipper, WJ18 TCR, which you have had since the 2nd.", False),
        ("The late Arthur Widdon lived at 3 Custom House Steps. He was born on 12 February 1899.", False),
        ("Mel Strout, their contracts manager, is on 07700 900733.", False),
        ("Stanley Brimacombe, Higher Tor Bungalow, wants to show us the hedge.", True),
        ("Leonard Fishleigh says the silver Volvo, WA19 KLT, is his.", True),
        ("Mrs Eluned Garrick came to see me.\n\nTelephone: 07700 900438\nCouncil tax account: 7004 2219 6", True),
    ],
)
def test_data_is_personal_where_it_is_a_private_persons(said: str, raised: bool):
    assert bool(found(draft_of(Example(said, to=("colleague",))), "personal-data")) == raised


def test_a_household_that_writes_together_is_answered_together():
    family = tuple(Party(address, role=Role.CONSTITUENT) for address in ("roger@lane.example", "jen@fern.example", "tom99@moor.example"))
    thread = (
        "From: Roger Lane <roger@lane.example>\nSent: 2 May 2025 10:00\nTo: Ruth Tandy\n"
        "Cc: Jen <jen@fern.example>; Tom <tom99@moor.example>\nSubject: ramp\n\nMay we all have an answer?"
    )
    body = f"Dear all,\n\nThe ramp comes in June to 8 Limekiln Terrace.\n\nRuth\n\n{thread}"
    draft = replace(draft_of(Example(body, sender="officer")), to=family)
    assert not found(draft, "exposed-recipients")
    assert not found(draft, "personal-data")
    assert found(replace(draft, body="The litter pick is on Saturday."), "exposed-recipients")


def test_a_reader_who_was_named_before_is_still_the_reader():
    reading = read_draft(draft_of(Example("Mr Lowe wrote.\n\nThe account follows.", sender="officer", to=("neighbour",), cc=("rival",))))
    assert Subjects(reading, Audience(reading)).last_named(len(reading.said)) is READER
