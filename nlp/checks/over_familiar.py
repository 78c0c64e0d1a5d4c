"""over-familiar: more intimate than members and officers should be with each other in writing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, correspond, replace_span
from nlp.draft import Finding, Fix
from nlp.language import Label
from nlp.naming import name_of
from nlp.reading import Reading

SIGN_OFF = re.compile(r"\b(?:love|hugs?|kiss(?:es)?|squeeze|cuddle|xo|mwah|cwtch)\b", re.I)
KISSES = re.compile(r"[\s,]*\b(?:x{1,5}|(?:xo)+x?|mwah)\b[\s!.]*$", re.I)


class OverFamiliar(Check):
    id = "over-familiar"
    title = "Too familiar"
    core = True
    summary = "Pet names, kisses, flirtation, gossip or private invitations between a councillor and an officer."
    why = "Close personal familiarity makes others doubt whether advice is impartial, and it reads badly when the letter comes out."
    instead = "Be as warm as you like about the work, and keep private life out of council mail."
    flagged = (
        Example("Hello darling,\n\nThanks for yesterday.\n\nCarol", "darling"),
        Example("The plan is attached.\n\nRuth xx", "xx", sender="officer", to=("member",)),
        Example("Come round ours for drinks on Saturday.\n\nCarol", "Come round ours for drinks on Saturday."),
    )
    clean = (
        Example("Hi Ruth,\n\nHope you had a good weekend. Many thanks for the plan.\n\nCarol"),
        Example("Hello darling,\n\nThanks for yesterday.\n\nCarol", to=("colleague",)),
        Example("Would you have time for a coffee to go through clause 9?\n\nCarol"),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        if not correspond(reading):
            return
        for label in reading.parted("over-familiar"):
            message = "This is more familiar than letters between councillors and officers should be."
            yield self.understood(reading, label, message, fixes=_fixes(reading, label))


def _fixes(reading: Reading, label: Label) -> tuple[Fix, ...]:
    text = reading.said
    start = text.rfind("\n", 0, label.start) + 1
    stop = text.find("\n", label.end)
    stop = len(text) if stop < 0 else stop
    line = text[start:stop].rstrip("\r")
    if label.start < reading.body_at:
        return ()
    opening = not text[reading.body_at : start].strip()
    if opening and len(line) < 50 and (reader := next(iter(reading.draft.to), None)):
        person = name_of(reader.name, reader.address)
        dear = f"Dear {person.given or person.family or 'all'},"
        return (replace_span(reading, start, start + len(line), dear, f"Begin with “{dear}”"),)
    kisses = KISSES.search(line) if len(line) < 60 else None
    if kisses and kisses.start() and not SIGN_OFF.search(line[: kisses.start()]):
        return (replace_span(reading, start + kisses.start(), start + len(line), "", "Leave the kisses out"),)
    if len(line) < 60 and SIGN_OFF.search(line):
        return (replace_span(reading, start, start + len(line), "Kind regards,", "Close with “Kind regards,”"),)
    sentence = reading.sentences[reading.sentence(label.start)]
    last = max(label.end, sentence.start_char + len(sentence.text.rstrip()))
    return (replace_span(reading, sentence.start_char, last, "", "Leave this sentence out"),)
