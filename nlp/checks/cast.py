"""The people of the examples: a small invented council and the world around it."""

from __future__ import annotations

from nlp.checks.base import Example
from nlp.draft import Draft, Party, Role, Roster


def _at(local: str) -> str:
    return f"{local}@dunmoor.gov.uk"


_COUNCIL = {
    "member": Party(_at("c.bramhall"), "Cllr Carol Bramhall", Role.MEMBER, ward="Riverside", party="Independent"),
    "colleague": Party(_at("i.osei"), "Cllr Isaac Osei", Role.MEMBER, ward="Riverside", party="Labour"),
    "rival": Party(_at("d.pym"), "Cllr Dot Pym", Role.MEMBER, ward="Hill", party="Conservative"),
    "officer": Party(_at("r.tandy"), "Ruth Tandy", Role.OFFICER, "Planning Officer", "staff", manager=_at("s.varma")),
    "manager": Party(_at("s.varma"), "Sanjay Varma", Role.OFFICER, "Head of Planning", "manager", manager=_at("j.peel")),
    "chief": Party(_at("j.peel"), "Joan Peel", Role.OFFICER, "Chief Executive", "chief"),
    "press-officer": Party(_at("t.bede"), "Tom Bede", Role.OFFICER, "Communications Officer", "staff", manager=_at("j.peel")),
}
CAST = {
    **_COUNCIL,
    "councillors": Party(
        _at("councillors"), "All councillors", Role.LIST, members=(_COUNCIL["member"], _COUNCIL["colleague"], _COUNCIL["rival"])
    ),
    "no-reply": Party(_at("noreply"), "Dunmoor news", Role.OFFICER),
    "resident": Party("jim.dale@mailbox.example", "Jim Dale", Role.CONSTITUENT),
    "neighbour": Party("pat.lowe@example.org", "Pat Lowe", Role.CONSTITUENT),
    "stranger": Party("amina.y@example.com", "", Role.CONSTITUENT),
    "reporter": Party("news@dunmoorpost.example", "Dunmoor Post", Role.PRESS),
    "parish": Party("clerk@stokeley-pc.example", "Clerk to Stokeley Parish Council", Role.PARISH),
    "minister": Party("minister@communities.example", "Minister for Communities", Role.GOVERNMENT),
}
ROSTER = Roster(tuple(_COUNCIL.values()), frozenset({"dunmoor.gov.uk"}))


def draft_of(example: Example) -> Draft:
    """The example as a draft, its people given their roles."""
    people = lambda names: tuple(CAST[name] for name in names)
    return Draft(
        CAST[example.sender],
        people(example.to),
        people(example.cc),
        people(example.bcc),
        example.subject,
        example.body,
        protocol=example.protocol,
        roster=ROSTER,
    )
