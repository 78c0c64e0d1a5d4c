"""What a client does with a fix."""

from __future__ import annotations

from dataclasses import replace

from nlp.draft import Draft, Fix


def applied(draft: Draft, fix: Fix) -> Draft:
    """The draft as a client would have it after applying the fix."""
    text = {"subject": draft.subject, "body": draft.body}
    for edit in sorted(fix.edits, key=lambda e: e.start, reverse=True):
        text[edit.part] = text[edit.part][: edit.start] + edit.text + text[edit.part][edit.end :]
    people = {part: list(parties) for part, parties in draft.parts()}
    for move in fix.recipients:
        party = next(p for p in people[move.source] if p.address == move.address)
        people[move.source].remove(party)
        if move.target and party.address not in [p.address for p in people[move.target]]:
            people[move.target].append(party)
    return replace(draft, **text, **{part: tuple(parties) for part, parties in people.items()})
