"""exposed-recipients: private people see each other's addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, move
from nlp.draft import Finding, Location, Party, Role
from nlp.naming import name_of, writing_together
from nlp.reading import Reading

ENOUGH = 3


class ExposedRecipients(Check):
    id = "exposed-recipients"
    title = "Residents who see each other's addresses"
    summary = "Three or more private people are in To or Cc, so each sees the others' addresses."
    why = "An email address is personal data. Letters to several residents that show all addresses are among the most common data breaches."
    instead = "Put yourself in To and the residents in Bcc. Here a blind copy is right."
    outsiders = True
    flagged = (
        Example("The litter pick is on Saturday at ten.", "resident", to=("resident", "neighbour", "stranger")),
        Example("The new dates are out.", "resident", sender="officer", to=("member",), cc=("resident", "neighbour", "stranger")),
    )
    clean = (
        Example("The litter pick is on Saturday.", to=("member",), bcc=("resident", "neighbour", "stranger")),
        Example("The litter pick is on Saturday.", to=("resident", "neighbour")),
        Example("The minutes are attached.", sender="officer", to=("member", "colleague", "rival")),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        draft = reading.draft
        shown: dict[str, tuple[str, Party]] = {}
        for part, parties in (("to", draft.to), ("cc", draft.cc)):
            for p in parties:
                if p.role is Role.CONSTITUENT and p.identity != draft.sender.identity:
                    shown.setdefault(p.identity, (part, p))
        if len(shown) < ENOUGH or _together(reading, [p for _, p in shown.values()]):
            return
        exposed = list(shown.values())
        yield self.finding(
            Location(exposed[0][0], addresses=tuple(p.address for _, p in exposed)),  # type: ignore[arg-type]
            f"{len(exposed)} residents would see each other's email addresses. Put them in Bcc.",
            0.95,
            fixes=(move(exposed, "bcc", "Move them to Bcc"),),
        )


def _together(reading: Reading, people: list[Party]) -> bool:
    """One household, or people who already write to each other on this thread (a firm's people are no private persons to the directory)."""
    families = {name_of(p.name, p.address).family.lower() for p in people}
    on_thread = {address for quoted in reading.text.messages for address in quoted.addresses}
    household = len(families) == 1 and "" not in families and any(p.address.lower() in on_thread for p in people)
    return household or writing_together(reading, people)
