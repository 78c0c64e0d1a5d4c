"""obligation: a member commits the council, or seems to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, replace_span
from nlp.draft import Finding, Role
from nlp.reading import Reading


class Obligation(Check):
    id = "obligation"
    title = "A promise in the council's name"
    core = True
    summary = "A councillor promises, agrees, allows or admits something that only the council can."
    why = "A promise in writing can bind the council, and raise hopes that officers cannot meet. No councillor can make it alone."
    instead = "Say what you yourself will do: ask, raise, chase. Leave the decision to those who may take it."
    flagged = (
        Example("The council will pay for the damage to your car.", "The council will pay for the damage to your car.", to=("resident",)),
        Example("You'll have your money back by Friday.", "You'll have your money back by Friday.", to=("resident",)),
    )
    clean = (
        Example("I will raise this with planning and let you know.", to=("resident",)),
        Example("If Cabinet agrees, the council could pay for a new gate.", to=("resident",)),
        Example("The council will pay for the damage to your car.", sender="officer", to=("resident",)),
        Example("Will the council pay for the damage?"),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        if reading.draft.sender.role is not Role.MEMBER:
            return
        for label in reading.parted("obligation"):
            ask = "I will ask the officers whether this can be done."
            message = "This promises something in the council's place, which a councillor alone cannot do."
            fix = replace_span(reading, label.start, label.end, ask, f"Write “{ask}” instead")
            yield self.understood(reading, label, message, fixes=(fix,))
