"""disrespect: abusive, shouting, demeaning or discriminatory words, towards anyone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example
from nlp.checks.criticism import Criticism, improper
from nlp.draft import Finding
from nlp.reading import Reading


class Disrespect(Check):
    id = "disrespect"
    title = "Disrespectful words"
    summary = "Shouting, demeaning, bullying or discriminatory words towards anyone."
    why = "Respect is owed to residents, colleagues and opponents alike, and words like these are what standards complaints quote."
    instead = "Say what you disagree with, in words that you would use face to face with the person's family in the room."
    flagged = (
        Example("Sit down and pipe down, sonny.", "Sit down and pipe down, sonny.", to=("rival",)),
        Example("A five year old could manage it.", "A five year old could manage it.", sender="officer", to=("resident",)),
    )
    clean = (
        Example("I disagree with your motion, and I shall vote against it.", to=("rival",)),
        Example("The lid has to be shut, or the crew cannot take the bin.", sender="officer", to=("resident",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        if not reading.draft.sender.role.inside:
            return
        concern_to = Criticism.options["concern_to"].default
        taken = {reading.sentence(label.start) for label, _ in improper(reading, concern_to)}  # type: ignore[arg-type]
        for label in reading.parted("disrespect", "attack"):
            if reading.sentence(label.start) in taken:
                continue
            message = "This may come across as demeaning. Firm is fine; leave the person out of it."
            yield self.understood(reading, label, message)
