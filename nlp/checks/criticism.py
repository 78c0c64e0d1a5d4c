"""criticism: an officer is attacked, or found at fault before people who should not read it; and the same of an officer's letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.checks.base import Check, Example
from nlp.draft import Finding, Party, Role
from nlp.language import Label
from nlp.naming import people_named
from nlp.protocols import Option
from nlp.reading import Reading
from nlp.words import words

OFFICERS = words("criticism", "officers")
MEMBERS = words("criticism", "members")
YOU = re.compile(r"\b(?:you|your|yours|yourself|u|ur)\b", re.IGNORECASE)
# somebody who was named before: a pronoun, or a sentence that leaves its subject out
PRONOUN = re.compile(
    r"\b(?:he|she|they|him|her|them|his|their|hers|theirs|himself|herself)\b|^\s*(?:such|what|can|could|has|is|was)\b", re.IGNORECASE
)
CHIEF = re.compile(r"\bchief executive\b|\bhead of paid service\b|\bmanaging director\b", re.IGNORECASE)
MONITORING = re.compile(r"\bmonitoring officer\b", re.IGNORECASE)
CLERK = re.compile(r"\bclerk\b", re.IGNORECASE)
CHAIR = re.compile(r"\bchair(?:man|woman|person)?\b(?! of (?!the (?:council|parish|town)))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a criticism means: people of the council, and whether officers or members are meant collectively."""

    people: tuple[Party, ...] = ()
    officers: bool = False
    members: bool = False

    @property
    def known(self) -> bool:
        return bool(self.people) or self.officers or self.members

    def means(self, role: Role) -> bool:
        return any(p.role is role for p in self.people) or (self.officers if role is Role.OFFICER else self.members)


class Criticism(Check):
    id = "criticism"
    title = "Criticism of officers or colleagues"
    core = True
    summary = (
        "An officer is attacked in a letter, or a named officer's work is criticised before people who have no part in putting it right."
    )
    why = "Officers cannot answer back in public. A concern that is raised privately with the right person gets dealt with."
    instead = "Say what went wrong, not what somebody is, and write to the officer or their manager alone."
    aspects = {"by-member": None, "by-officer": None}
    options = {
        "concern_to": Option(
            ("officer", "line", "chief-executive", "monitoring-officer", "clerk"),
            "who may read a civil criticism of an officer",
            ("officer", "line", "chief-executive", "monitoring-officer", "clerk", "chair"),
        ),
    }
    flagged = (
        Example("Your officers are useless.", "Your officers are useless."),
        Example("Ruth Tandy made a mess of the notice.", "Ruth Tandy made a mess of the notice.", to=("colleague",)),
        Example("Isaac Osei is an idiot.", "Isaac Osei is an idiot.", sender="officer", to=("member",)),
    )
    clean = (
        Example("The report does not say where the water will go."),
        Example("Ruth Tandy made a mess of the notice.", to=("manager",)),
        Example("Three weeks without a reply is too long for my resident.", to=("manager",), cc=("rival",)),
        Example("I made a mess of the notice, and I am sorry.", sender="officer", to=("member",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        for label, target in improper(reading, options["concern_to"]):
            by_member = reading.draft.sender.role is Role.MEMBER
            if label.name == "attack":
                message = "This reads as an attack on a person. Say what went wrong instead."
            else:
                who = target.people[0].name if target.people else "An officer"
                message = f"{who} is criticised before people who have no part in putting it right. Write to them or their manager alone."
            yield self.understood(reading, label, message, "by-member" if by_member else "by-officer")


def improper(reading: Reading, concern_to: tuple[str, ...]) -> list[tuple[Label, Target]]:
    """The labels that are improper criticism in this letter, one a span, with whom they mean."""
    sender = reading.draft.sender
    if not sender.role.inside:
        return []
    found: dict[tuple[int, int], tuple[Label, Target]] = {}
    for label in reading.labels("attack", "criticism"):
        target = _target(reading, label)
        meant = target.means(Role.OFFICER) or (sender.role is Role.OFFICER and target.means(Role.MEMBER))
        if not meant or (label.name == "criticism" and _proper(reading, target, concern_to)):
            continue
        span = (label.start, label.end)
        if span not in found or label.name == "attack":
            found[span] = (label, target)
    return list(found.values())


def _target(reading: Reading, label: Label) -> Target:
    last = reading.sentence(label.end - 1)
    for back, sentence in enumerate(reversed(reading.sentences[max(last - 3, 0) : last + 1])):
        said = sentence.text
        named = tuple(
            p for p in people_named(reading, sentence.start_char, sentence.end_char) if p.identity != reading.draft.sender.identity
        )
        officers, members = OFFICERS.search(said) is not None, MEMBERS.search(said) is not None
        if named or officers or members:
            return Target(named, officers, members and not named)
        if YOU.search(said) or (back == 0 and not PRONOUN.search(said)):
            to = tuple(p for p in reading.draft.to if p.role.inside)
            return Target(to) if YOU.search(said) or label.name == "attack" else Target()
    return Target()


def _proper(reading: Reading, target: Target, concern_to: tuple[str, ...]) -> bool:
    """Whether everybody who gets this may read a civil concern about these people."""
    draft = reading.draft
    line: set[str] = set()
    for person in target.people:
        step, seen = person, set()
        while step.manager and step.manager not in seen:
            seen.add(step.manager)
            line.add(step.manager)
            step = draft.roster.by_identity.get(step.manager, Party(""))
    allowed = {p.identity for p in target.people} if "officer" in concern_to else set()
    allowed |= line if "line" in concern_to else set()

    def may_read(reader: Party) -> bool:
        if reader.identity in allowed or reader.identity == draft.sender.identity:
            return True
        posts = [("chief-executive", CHIEF), ("monitoring-officer", MONITORING), ("clerk", CLERK)]
        if reader.role is Role.OFFICER and any(kind in concern_to and post.search(reader.post) for kind, post in posts):
            return True
        if "chair" in concern_to and reader.role is Role.MEMBER and CHAIR.search(reader.post):
            return True
        unnamed = not target.people and target.officers
        return unnamed and reader.role is Role.OFFICER and reader.grade in ("manager", "director", "chief")

    return all(may_read(p) for r in draft.recipients for p in r.people())
