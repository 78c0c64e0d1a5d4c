"""hidden-copy: somebody gets a blind copy, and the visible recipients do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.checks.base import Check, Example, add_line, called, correspond, move, remove
from nlp.draft import Finding, Location, Party, Role
from nlp.naming import copy_sentences, discloses, foot_line
from nlp.protocols import Option
from nlp.reading import Reading


class HiddenCopy(Check):
    id = "hidden-copy"
    title = "A hidden copy"
    core = True
    summary = "A councillor gets a blind copy (Bcc), and the people this is written to are not told."
    why = "People write differently when they know who reads. A silent copy that comes to light later costs trust on all sides."
    instead = "Copy the councillor openly, say so in the letter, or leave the copy out."
    aspects = {"councillor": None, "anyone": "warning"}
    options = {
        "disclosure_excuses": Option(True, "a blind copy is accepted where the text tells of it by name"),
        "covers": Option("councillors", "whose blind copy counts", ("councillors", "anyone")),
    }
    flagged = (
        Example("Could you send me the dates for the path repairs?", "colleague", bcc=("colleague",)),
        Example("The plans are ready.", "councillors", sender="officer", to=("resident",), bcc=("councillors",)),
        Example("Any news on the bottle bank?", "manager", bcc=("manager",), protocol="knutsford"),
    )
    clean = (
        Example("Could you send me the dates?\n\nCC Councillor Osei", bcc=("colleague",)),
        Example("Could you send me the dates?", cc=("colleague",), bcc=("colleague",)),
        Example("Our bulletin for June.", sender="officer", to=("no-reply",), bcc=("resident", "colleague", "neighbour")),
        Example("Any news on the bottle bank?", bcc=("manager",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        draft = reading.draft
        seen = {p.identity for r in draft.visible for p in (r, *r.people())}
        kept_in_dark = [r for r in draft.visible if r.identity != draft.sender.identity and not r.no_reply]
        if not kept_in_dark or _is_bulletin(reading, kept_in_dark):
            return
        told = copy_sentences(reading) if options["disclosure_excuses"] else []
        everybody = options["covers"] == "anyone" and correspond(reading)
        for blind in dict.fromkeys(draft.bcc):
            if blind.identity in seen:
                continue
            hidden = [p for p in reading.others((blind,)) if p.identity not in seen]
            councillors = [p for p in hidden if p.role is Role.MEMBER]
            if not councillors and not (everybody and hidden):
                continue
            if discloses(told, blind, councillors):
                continue
            yield self._warn(reading, blind, bool(councillors), options["disclosure_excuses"])

    def _warn(self, reading: Reading, blind: Party, councillor: bool, may_tell: bool) -> Finding:
        holds = f" ({called(blind)} holds councillors)" if blind.is_list and councillor else ""
        message = f"{called(blind)} would get this without the others knowing{holds}. Copy them openly, or leave the copy out."
        fixes = [
            move([("bcc", blind)], "cc", "Move to Cc"),
            remove("bcc", blind, "Remove the copy"),
        ]
        if may_tell:
            line = foot_line(blind)
            fixes.append(add_line(reading, line, f"Add “{line}” at the foot"))
        where = Location("bcc", addresses=(blind.address,))
        return self.finding(where, message, 1.0, "councillor" if councillor else "anyone", tuple(fixes))


def _is_bulletin(reading: Reading, visible: list[Party]) -> bool:
    """A bulk letter by Bcc whose only visible recipient is the list's own address."""
    if len(visible) != 1 or not visible[0].is_list:
        return False
    behind = {p.identity for p in reading.others(reading.draft.bcc)}
    members = {p.identity for p in visible[0].people()} - {reading.draft.sender.identity}
    return not members or members <= behind
