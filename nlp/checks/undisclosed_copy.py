"""undisclosed-copy: an officer copies a member's correspondence to another councillor without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, add_line, called, remove
from nlp.draft import Finding, Location, Party, Role
from nlp.naming import copy_sentences, discloses, foot_line, names
from nlp.protocols import Option
from nlp.reading import Reading
from nlp.words import words

ANSWER_ALONE = words("copies", "alone")
COLLEAGUES = words("copies", "colleagues")
ASKED = words("copies", "asked")
PLACE = re.compile(r"\b[A-Z][\w'’]+(?: [A-Z][\w'’]+)* " + words("copies", "place").pattern)


class UndisclosedCopy(Check):
    id = "undisclosed-copy"
    title = "A copy that the letter does not mention"
    summary = "An officer copies a letter to a member to another councillor as well, and the letter does not say so."
    why = "A member's correspondence with an officer is theirs. Another councillor should only read it when the member knows."
    instead = "Say in the letter who has a copy and why, ask the member first, or leave the copy out."
    options = {
        "same_ward_excuses": Option(False, "a copy to a member of the same ward is accepted on a matter of that ward"),
    }
    flagged = (
        Example("Standing order 23 gives three minutes.", "rival", sender="officer", to=("member",), cc=("rival",)),
        Example(
            "Councillor Pym spoke on this last year. The rule has not changed.", "rival", sender="officer", to=("member",), cc=("rival",)
        ),
    )
    clean = (
        Example("Standing order 23 gives three minutes. I have copied Councillor Pym.", sender="officer", to=("member",), cc=("rival",)),
        Example("Standing order 23 gives three minutes.", sender="officer", to=("member", "rival")),
        Example("Standing order 23 gives three minutes.", sender="officer", to=("member",), cc=("manager",)),
        Example("I've seen the plans.", to=("officer",), cc=("rival",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        draft = reading.draft
        written_to = [p for p in draft.to if p.role is Role.MEMBER]
        if draft.sender.role is not Role.OFFICER or not written_to:
            return
        on_thread = {m for quoted in reading.text.messages for m in quoted.people}
        knowing = {p.identity for r in draft.to for p in (r, *r.people())} | {m.address.lower() for m in on_thread}
        only_named = "\n".join({m.name for m in on_thread if not m.address})
        told = copy_sentences(reading)
        colleagues_told = any(COLLEAGUES.search(sentence) for sentence in told)
        asked = _asked(reading, written_to)
        for copied in dict.fromkeys(draft.cc):
            new = [
                p
                for p in copied.people()
                if p.role is Role.MEMBER and not {p.identity, p.address.lower()} & knowing and not names(only_named, p)
            ]
            if not new or colleagues_told or discloses(told, copied, new) or _greeted(reading, copied):
                continue
            if any(names(sentence, copied) or COLLEAGUES.search(sentence) for sentence in asked):
                continue
            if options["same_ward_excuses"] and _ward_matter(reading, copied, written_to):
                continue
            line = foot_line(copied)
            yield self.finding(
                Location("cc", addresses=(copied.address,)),
                f"{called(copied)} gets a copy of your letter to {called(written_to[0])}, and the letter does not say so.",
                0.9,
                fixes=(
                    add_line(reading, line, f"Add “{line}” at the foot"),
                    remove("cc", copied, "Remove the copy"),
                ),
            )


def _greeted(reading: Reading, copied: Party) -> bool:
    """ "Dear Councillors Khan and Reid,"."""
    opening = reading.text.text.strip().partition("\n")[0][:200].rstrip()
    salutation = opening.endswith((",", ":", "-", "–", "—")) or (len(opening.split()) <= 6 and not opening.endswith((".", "?")))
    return salutation and names(opening, copied)


def _asked(reading: Reading, written_to: list[Party]) -> list[str]:
    """The sentences in which the members who are answered ask for a copy or announce one."""
    said = (reading.said[start:end] for start, end in _by(reading, written_to))
    sentences = dict.fromkeys(sentence for text in said for sentence in re.split(r"(?<=[.!?])\s+|\n\s*\n", text))
    return [sentence for sentence in sentences if ASKED.search(sentence) and not ANSWER_ALONE.search(sentence)]


def _by(reading: Reading, people: list[Party]) -> list[tuple[int, int]]:
    """The doc spans of the quoted messages that these people wrote."""
    at = reading.body_at
    wrote = {p.identity for p in people} | {p.address.lower() for p in people}
    return [
        (at + q.body_start, at + q.end)
        for q in reading.text.messages
        if q.sender.address.lower() in wrote or (q.sender.name and any(names(q.sender.name, p) for p in people))
    ]


def _ward_matter(reading: Reading, copied: Party, written_to: list[Party]) -> bool:
    """Both sit for the same ward, it is about a place or a case there, and the member did not ask to be answered alone."""
    wards = {p.ward for p in written_to}
    if not copied.ward or wards != {copied.ward}:
        return False
    if any(ANSWER_ALONE.search(reading.said[start:end]) for start, end in _by(reading, written_to)):
        return False
    own = "\n".join(reading.said[start:end] for start, end in reading.own)
    return (
        copied.ward.lower() in own.lower()
        or PLACE.search(own) is not None
        or any(i.kind in ("postcode", "street-address") and reading.is_own(i.start) for i in reading.doc._.identifiers)
    )
