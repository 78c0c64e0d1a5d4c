"""pressure: a member presses an officer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example
from nlp.draft import Finding, Role
from nlp.reading import Reading


class Pressure(Check):
    id = "pressure"
    title = "Pressure on an officer"
    summary = (
        "A councillor presses an officer to change advice, threatens, or asks for a favour, an exception or a place ahead of the queue."
    )
    why = "Advice is only worth having when it is the officer's own, and residents must be able to trust that everybody is treated alike."
    instead = "Ask for the reasons, put your own view to the committee, or raise a concern with the manager."
    flagged = (
        Example(
            "Change your recommendation to approval, or I go to the press.",
            "Change your recommendation to approval, or I go to the press",
        ),
        Example("Could you push her up the list as a favour to me?", "Could you push her up the list as a favour to me?"),
    )
    clean = (
        Example("Could you tell me why the 2022 appeal weighed less? I am not asking you to change the report."),
        Example("Change your recommendation to approval, or I go to the press.", to=("colleague",)),
        Example("Could I have an answer by Thursday, as I meet the tenants that evening?"),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        readers = [p for r in reading.draft.recipients for p in r.people()]
        if reading.draft.sender.role is not Role.MEMBER or not any(p.role is Role.OFFICER for p in readers):
            return
        for label in reading.parted("pressure"):
            message = "This may be read as pressing the officer for an outcome or a favour."
            yield self.understood(reading, label, message)
