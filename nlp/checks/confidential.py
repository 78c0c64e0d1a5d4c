"""confidential: marked or stated to be confidential, and on its way out of the circle that it was given to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, called
from nlp.draft import Finding, Location, Party, Role
from nlp.reading import Reading
from nlp.text import Zone
from nlp.words import words

# The council's own confidence: never for outsiders, whoever is written to.
COUNCIL = words("confidential", "council")
# A confidence between people: what matters is to whom it was given.
PERSONAL = words("confidential", "personal")
HEADING = re.compile(r"^[ \t*_#\[(>]*(?:strictly )?(?:private|restricted|sensitive)(?=\s*(?:[.:!*\])–—-]|$))", re.IGNORECASE | re.MULTILINE)
IN_PASSING = words("confidential", "passing")
FILE_MARK = words("confidential", "file_name")
PRESS_OFFICE = words("confidential", "press_office")


class Confidential(Check):
    id = "confidential"
    title = "Confidential material going outside"
    summary = (
        "Something marked or said to be confidential, exempt or under embargo goes to somebody outside the circle that it was given to."
    )
    why = "Confidences that leak end investigations, bids and trust, and may be an offence."
    instead = "Take the confidential part out, or ask the officer who marked it whether it may go."
    outsiders = True
    flagged = (
        Example("The report sits in Part II of the agenda.", "Part II", sender="officer", to=("parish",)),
        Example("The valuer puts the site at £400,000. This is exempt under paragraph 3.", "exempt under", to=("resident",)),
        Example(
            "You ought to see this.\n\nFrom: Ruth Tandy <r.tandy@dunmoor.gov.uk>\nSent: 2 May 2025 10:00\nTo: Cllr Carol Bramhall "
            "<c.bramhall@dunmoor.gov.uk>\nSubject: Next door\n\nCONFIDENTIAL: for you as ward member.\nWe visited on Thursday.",
            "CONFIDENTIAL",
            to=("resident",),
        ),
    )
    clean = (
        Example("The report sits in Part II of the agenda.", sender="officer", to=("member", "colleague")),
        Example("I keep all casework confidential.", to=("resident",)),
        Example(
            "The bench is in.\n\nRuth Tandy\nPlanning Officer\n\nThis email is confidential and intended solely for the addressee. "
            "If you have received it in error please delete it.",
            sender="officer",
            to=("resident",),
        ),
        Example("Embargoed until 6 am on Friday.\n\nThe lido opens.", sender="press-officer", to=("reporter",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        outsiders = [p for r in reading.draft.recipients for p in r.people() if not p.role.inside and p.role is not Role.LIST]
        outsiders = [p for p in outsiders if p.identity != reading.draft.sender.identity and not p.no_reply]
        if not outsiders:
            return
        yield from self._in_text(reading, outsiders)
        for attachment in reading.draft.attachments:
            name = re.sub(r"\.\w+$", "", attachment.name).replace("_", " ")
            head = (attachment.text or "")[:2000]
            marked = FILE_MARK.search(name) or (COUNCIL.search(head) and not IN_PASSING.search(head))
            if marked and not _release(reading, name + " " + head):
                message = f"The attachment “{attachment.name}” is marked confidential, and {called(outsiders[0])} is outside the council."
                yield self.finding(Location("attachments", attachment=attachment.name), message, 0.8)

    def _in_text(self, reading: Reading, outsiders: list[Party]) -> Iterator[Finding]:
        done: set[int | None] = set()
        strangers: dict[int, list[Party]] = {}  # who of the outsiders had no part in a quoted message, by its number
        alone = len({p.identity for p in reading.draft.recipients}) == 1 and outsiders[0].role in (Role.CONSTITUENT, Role.EXTERNAL)
        for sentence in reading.sentences:
            zone = reading.zone(sentence.start_char)
            if zone is not None and zone.kind in ("disclaimer", "signature"):
                continue
            said = sentence.text
            message = None if zone is None else zone.message
            if message in done or "?" in said or IN_PASSING.search(said):
                continue  # asked about, or said in passing
            for pattern in (COUNCIL, PERSONAL, HEADING):
                marked = pattern.search(said)
                if not marked:
                    continue
                if message:
                    if message not in strangers:
                        strangers[message] = _strangers(reading, zone, outsiders)
                    outside = strangers[message]
                else:
                    # "Private and confidential" over a letter to one person about their own affairs
                    own_affairs = alone and pattern is not COUNCIL and len(said.strip()) <= len(marked[0].strip()) + 25
                    outside = [] if own_affairs else outsiders
                if not outside or _release(reading, said):
                    continue
                done.add(message)
                yield self.marked(
                    reading,
                    sentence.start_char,
                    sentence.end_char,
                    f"This is marked as confidential, and {called(outside[0])} is outside the circle that it was meant for.",
                    0.9 if pattern is COUNCIL else 0.8,
                )
                break


def _strangers(reading: Reading, zone: Zone | None, outsiders: list[Party]) -> list[Party]:
    """The outsiders who had no part in the quoted message of this zone, and so were not given its material in confidence."""
    quoted = reading.message(zone)
    known = quoted.addresses if quoted else frozenset()
    return [p for p in outsiders if p.identity not in known and p.address.lower() not in known]


def _release(reading: Reading, said: str) -> bool:
    """An embargoed release that the press office sends to the press."""
    sender = reading.draft.sender
    to_press = all(p.role is Role.PRESS for p in reading.draft.recipients if not p.role.inside)
    return (
        "embargo" in said.lower()
        and to_press
        and sender.role is Role.OFFICER
        and PRESS_OFFICE.search(sender.post + " " + sender.name) is not None
    )
