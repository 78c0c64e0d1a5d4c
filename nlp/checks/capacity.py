"""capacity: a member writes to somebody outside as the council, or does not say as what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, add_line, called, replace_span
from nlp.draft import Finding, Fix, Location, Party, Role
from nlp.language import Label
from nlp.protocols import Option
from nlp.reading import GAP, Reading
from nlp.words import words

STATED = words("capacity", "stated")
NOT_CAPACITY = words("capacity", "not_stated")
MP = words("capacity", "mp")
PARTIES = {
    "labour": r"labour",
    "conservative": r"conservative|tory|tories",
    "liberal democrat": r"lib-?dem",
    "green": r"greens|green-?party",
    "reform": r"reform-?(?:uk|party)",
    "plaid": r"plaid",
    "snp": r"snp",
}


class Capacity(Check):
    id = "capacity"
    title = "Writing as the council, or not saying as what"
    summary = "A councillor writes to somebody outside as if they were the council, or never says in what capacity they write."
    why = "Readers take a councillor's letter for the council's word. Official letters go out in an officer's name."
    instead = "Say that you write as ward member, for yourself or for your group, or ask the officer to write."
    aspects = {"as-council": None, "unstated": None}
    options = {
        "state_to": Option("nobody", "to whom a member must make clear in what capacity they write", ("nobody", "press", "outside")),
        "mayor_exempt": Option(False, "the Mayor may write in their own name"),
    }
    flagged = (
        Example(
            "The gate will be looked at.\n\nCarol Bramhall\nfor and on behalf of Dunmoor Council", "for and on behalf of", to=("resident",)
        ),
        Example("The lamp has been reported.\n\nCarol Bramhall", "resident", to=("resident",), protocol="knutsford"),
        Example("You can print this. Eleven weeks is too long.\n\nCarol Bramhall", "reporter", to=("reporter",), protocol="uttlesford"),
    )
    clean = (
        Example("The lamp has been reported.\n\nCarol Bramhall\nMember for Riverside", to=("resident",), protocol="knutsford"),
        Example("The lamp has been reported.\n\nCarol Bramhall", to=("resident",), protocol="joint-standards"),
        Example("I make these representations on behalf of Dunmoor Council.", to=("minister",)),
        Example("I cannot speak on behalf of the council.", to=("resident",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        draft = reading.draft
        outside = [
            p for p in draft.visible if not p.role.inside and not p.is_list and not p.no_reply and p.identity != draft.sender.identity
        ]
        outside = [p for p in outside if not _same_party(draft.sender, p)]
        if draft.sender.role is not Role.MEMBER or not outside or _to_government(draft.to):
            return
        mayor = (
            options["mayor_exempt"]
            and re.search(r"\bmayor\b", draft.sender.post, re.I)
            and not re.search(r"\bdeputy\b", draft.sender.post, re.I)
        )
        stated = _stated(reading)
        as_council = False
        for label in _labels(reading):
            formal = re.match(r"(?:for and )?on behalf|as the|we,", reading.said[label.start : label.end], re.I)
            if stated and not formal and not re.search(r"\byours?\b", reading.said[label.start : label.end + 80], re.I):
                continue  # a ward member who reports what the council decided, and does not tell readers of their own case
            as_council = True
            message = "This reads as the council's own letter. A letter for the council should go in the name of the officer."
            start, end = label.start, label.end
            line = reading.said[start:].partition("\n")[0]
            if formal:
                end = start + len(line.split(". ")[0])
            yield self.marked(reading, start, end, message, label.certainty, "as-council", self._fixes(reading, start, end, bool(formal)))
        required = {"nobody": [], "press": [p for p in outside if p.role is Role.PRESS], "outside": outside}[options["state_to"]]
        if required and not stated and not as_council and not mayor:
            where = next((part, p) for part, parties in (("to", draft.to), ("cc", draft.cc)) for p in parties if p in required)
            line = _line(draft.sender)
            yield self.finding(
                Location(where[0], addresses=(where[1].address,)),  # type: ignore[arg-type]
                f"{called(where[1])} cannot tell whether you write as ward member, for yourself, for your group or for the council.",
                0.85,
                "unstated",
                (add_line(reading, line, f"Add “{line}”"),),
            )

    def _fixes(self, reading: Reading, start: int, end: int, formal: bool) -> tuple[Fix, ...]:
        own_line = reading.said[:start].rpartition("\n")[2].strip() == ""
        line = _line(reading.draft.sender)
        return (replace_span(reading, start, end, line, f"Write “{line}” instead"),) if formal and own_line else ()


def _labels(reading: Reading) -> Iterator[Label]:
    """Where the author, the signature included, writes as the council; of labels that overlap, the first."""
    last = -1
    for label in reading.doc._.labels:
        zone = reading.zone(label.start)
        written = zone is None or (zone.message == 0 and zone.kind in ("own", "signature"))
        if label.name == "as-council" and written and label.start >= last:
            last = label.end
            yield label


def _line(sender: Party) -> str:
    return f"I write as ward member for {sender.ward}." if sender.ward else "I write in a personal capacity, not for the council."


def _stated(reading: Reading) -> bool:
    said = NOT_CAPACITY.sub(" ", reading.signed)
    if STATED.search(said):
        return True
    ward = reading.draft.sender.ward
    if not ward:
        return False
    # "(cllr, moorside)": the ward beside the office; "Carol Bramhall, Harbour ward": a line that ends with it
    beside = rf"\b(?:cllr|councillor|member)\b[^\n]{{0,20}}\b{re.escape(ward)}\b"
    line = rf"^[^\n.]{{0,40}}\b{re.escape(ward)}(?: ward| division)?[ \t)\r]*$"
    return re.search(beside, said, re.I) is not None or re.search(line, said.partition(GAP)[2], re.I | re.M) is not None


def _to_government(to: tuple[Party, ...]) -> bool:
    """Representations to a minister or a department: the To recipients decide, and an MP is neither."""
    outside = [p for p in to if not p.role.inside]
    return bool(outside) and all(p.role is Role.GOVERNMENT and not _is_mp(p) for p in outside)


def _is_mp(party: Party) -> bool:
    """By name or post ("Ruth Ansell MP"), or by an address at Parliament or with "mp" in it."""
    return MP.search(f"{party.name} {party.post} {re.sub('[._-]', ' ', party.address)}") is not None or "parliament" in party.domain


def _same_party(sender: Party, reader: Party) -> bool:
    """Correspondence within a party: the reader's entry or address is the party's."""
    if not sender.party:
        return False
    known = next((words for name, words in PARTIES.items() if name in sender.party.lower()), None)
    return sender.party == reader.party or (known is not None and re.search(known, f"{reader.domain} {reader.local_part}") is not None)
