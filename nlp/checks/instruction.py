"""instruction: a member gives orders, to an officer or to an outsider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example
from nlp.draft import Finding, Role
from nlp.reading import Reading


class Instruction(Check):
    id = "instruction"
    title = "An order"
    summary = "A councillor orders an officer to do something, or orders somebody outside in the council's name."
    why = "Officers take their instructions from the council and their managers. Single councillors have no power to give orders."
    instead = "Ask. A firm request with a date and a reason is fine."
    aspects = {"to-officer": None, "to-outsider": None}
    flagged = (
        Example("I am instructing you to refuse this application.", "I am instructing you to refuse this application."),
        Example("You must remove the fence within 14 days.", "You must remove the fence within 14 days.", to=("resident",)),
    )
    clean = (
        Example("Please could you look into this by Friday?"),
        Example("I am instructing you to refuse this.", to=("colleague",)),
        Example("The council resolved on Monday that the lease should end on 30 June."),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        readers = [p for r in reading.draft.recipients for p in r.people()]
        if reading.draft.sender.role is not Role.MEMBER or all(p.role is Role.MEMBER for p in readers):
            return
        aspect = "to-officer" if any(p.role is Role.OFFICER for p in readers) else "to-outsider"
        for label in reading.parted("instruction"):
            message = "This reads as an order. A councillor alone cannot give one; ask instead."
            yield self.understood(reading, label, message, aspect)
