"""party-political: campaigning or party content in council correspondence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example
from nlp.draft import Finding
from nlp.reading import Reading


class PartyPolitical(Check):
    id = "party-political"
    title = "Party business"
    summary = "Campaigning, party meetings or a party preference in council correspondence."
    why = "Council mail, staff and printers are paid for by everybody, and officers serve every party alike."
    instead = "Use party channels for party business, and keep council mail to the council's work."
    flagged = (
        Example("Could you print our election leaflets by Saturday?", "Could you print our election leaflets by Saturday?"),
        Example("Vote Labour on Thursday!", "Vote Labour on Thursday!", to=("resident",)),
    )
    clean = (
        Example("The Labour Group will move an amendment on Thursday. Could the figures be checked?"),
        Example("The Conservative group has five seats on the committee.", sender="officer", to=("member",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        if not reading.draft.sender.role.inside:
            return
        for label in reading.parted("party-political"):
            message = "This looks like party business, which council correspondence must not carry."
            yield self.understood(reading, label, message)
