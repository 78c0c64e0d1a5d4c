"""The engine's one core call: `Linter.lint(draft)` gives a `Report`.

A draft's way: its text is read (whose words are whose), one language pass makes a Doc, each check of the protocol in force reads both and
yields findings, and the protocol adds clauses and severity.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from spacy.tokens import Doc

from nlp.checks import checks
from nlp.checks.base import Check
from nlp.draft import Draft, Finding, Report
from nlp.language import REMEMBERED, SHIPPED, Context, model_name, pipeline
from nlp.protocols import Protocol, Rules, shipped
from nlp.reading import GAP, Reading
from nlp.text import read

RANK = {"error": 0, "warning": 1, "info": 2}


class UnknownProtocol(LookupError):
    """A draft asks for a protocol that is not there. `known` lists those that are."""

    def __init__(self, wanted: str, known: Iterable[str]) -> None:
        self.wanted, self.known = wanted, tuple(sorted(known))
        super().__init__(f"there is no protocol {wanted!r}; there are {', '.join(self.known)}")


@dataclass(frozen=True)
class Limits:
    """What a draft may hold before the rest of it is left unread (and the report says so)."""

    characters: int = 1_000_000  # of the body
    recipients: int = 2_000
    attachments: int = 200


def never() -> bool:
    return False


@dataclass(frozen=True)
class Linter:
    """Reads drafts under a set of protocols. Immutable, safe to share between threads.

    `protocols`: by id. `default`: the id for drafts that name none. `off`: checks that the council does not want.
    `model`: the folder of the trained artefact. `remembered`: how many windows of letters it keeps its figures for.
    """

    protocols: Mapping[str, Protocol] = field(default_factory=shipped)
    default: str = "pitstone"
    off: frozenset[str] = frozenset()
    limits: Limits = Limits()
    model: Path = SHIPPED
    remembered: int = REMEMBERED

    def protocol(self, wanted: str | None) -> Protocol:
        """The protocol of this id, or the default. Raises `UnknownProtocol`."""
        found = self.protocols.get(wanted or self.default)
        if found is None:
            raise UnknownProtocol(wanted or self.default, self.protocols)
        return found

    def lint(self, draft: Draft, expired: Callable[[], bool] = never) -> Report:
        """Read one draft whose parties have their roles.

        `expired` is asked between steps; where it says yes, what is left is not read and the report says so.
        Raises `UnknownProtocol`.
        """
        protocol = self.protocol(draft.protocol)
        draft, unread = _within(draft, self.limits)
        reading = read_draft(draft, self.model, self.remembered)
        found: list[Finding] = []
        for check in checks().values():
            rules = protocol.rules.get(check.id)
            if rules is None or check.id in self.off:
                continue
            if not draft.sender.role.inside and not check.outsiders:
                continue
            if expired():
                unread = (*unread, "The time for this letter ran out before all checks were made.")
                break
            found += _complete(check, rules, reading)
        found.sort(key=lambda f: (RANK[f.severity], f.location.part, f.location.start, f.check))
        return Report(
            protocol=protocol.id,
            title=protocol.title,
            findings=tuple(_fingerprinted(found, reading)),
            text=reading.text.text if draft.body_type == "html" else None,
            unread=unread,
            model=model_name(self.model),
        )

    def lint_many(self, drafts: Iterable[Draft]) -> Iterator[Report]:
        """Read drafts one after the other, in order. Raises `UnknownProtocol` at the draft that names one."""
        return map(self.lint, drafts)


def read_draft(draft: Draft, model: Path = SHIPPED, remembered: int = REMEMBERED) -> Reading:
    """Do everything that comes before the checks: the text, its zones and the language pass. Raises `nlp.language.encoder.FaultyModel`."""
    text = read(draft.body, draft.body_type)
    nlp = pipeline(model, remembered)
    doc: Doc = nlp.make_doc(draft.subject + GAP + text.text)
    readers = frozenset(p.role for r in draft.recipients for p in r.people())
    doc._.context = Context(draft.sender.role, readers, Reading(draft, text, doc).written)
    return Reading(draft, text, nlp(doc))


def _within(draft: Draft, limits: Limits) -> tuple[Draft, tuple[str, ...]]:
    """The draft cut to the limits, and what was left out in words."""
    unread = list(draft.unread)
    if len(draft.body) > limits.characters:
        unread.append(f"Only the first {limits.characters:,} characters of the text were read.")
        draft = replace(draft, body=draft.body[: limits.characters])
    if len(draft.subject) > 10_000:
        unread.append("Only the beginning of the subject was read.")
        draft = replace(draft, subject=draft.subject[:10_000])
    if len(draft.recipients) > limits.recipients:
        unread.append(f"Only the first {limits.recipients:,} recipients were looked at.")
        to = draft.to[: limits.recipients]
        cc = draft.cc[: limits.recipients - len(to)]
        draft = replace(draft, to=to, cc=cc, bcc=draft.bcc[: limits.recipients - len(to) - len(cc)])
    if len(draft.attachments) > limits.attachments:
        unread.append(f"Only the first {limits.attachments} attachments were looked at.")
        draft = replace(draft, attachments=draft.attachments[: limits.attachments])
    return draft, tuple(unread)


def _complete(check: Check, rules: Rules, reading: Reading) -> Iterator[Finding]:
    """The check's findings with excerpt, clauses and severity."""
    for finding in check.find(reading, rules.options):
        yield replace(
            finding,
            excerpt=reading.excerpt(finding.location),
            clauses=rules.clauses[finding.aspect],
            severity=rules.severities[finding.aspect],
        )


def _fingerprinted(found: Iterable[Finding], reading: Reading) -> Iterator[Finding]:
    """Name each finding by what it says and two words on each side, never by its position, so that it survives edits elsewhere.

    What the model understood is named by its sentence: how many of its words are underlined may change with what stands around it.
    Digits are masked first: a fingerprint is kept, and must not give a telephone or National Insurance number away.
    """
    understood = {label.start for label in reading.doc._.labels}
    seen: Counter[str] = Counter()
    for finding in found:
        where = finding.location
        words, around = finding.excerpt, ""
        place = where.start + (0 if where.part == "subject" else reading.body_at)
        if where.part in ("subject", "body") and place in understood:
            words = reading.sentences[reading.sentence(place)].text.strip()
        elif where.part in ("subject", "body"):
            text = reading.draft.subject if where.part == "subject" else reading.text.text
            before, after = text[max(0, where.start - 80) : where.start].split()[-2:], text[where.end : where.end + 80].split()[:2]
            around = " ".join((*before, "|", *after))
        said = "\x1f".join((finding.check, finding.aspect, words, *sorted(where.addresses), around)).casefold()
        digest = hashlib.sha256(re.sub(r"\d", "0", said).encode()).hexdigest()[:16]
        seen[digest] += 1
        yield replace(finding, fingerprint=digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
