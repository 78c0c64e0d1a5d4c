"""A draft as the checks read it: its people, its text with whose words are whose, and what the language pass found in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc, Span

from nlp.draft import Draft, Location, Party
from nlp.language import Label
from nlp.language.tokens import text_of
from nlp.text import QuotedMessage, Text, Zone

GAP = "\n\n"  # stands between the subject and the body in the one Doc that holds both


@dataclass(frozen=True)
class Reading:
    """Offsets named `start`/`end` here are the Doc's: the subject comes first, the body begins at `body_at`."""

    draft: Draft
    text: Text
    doc: Doc

    @cached_property
    def body_at(self) -> int:
        return len(self.draft.subject) + len(GAP)

    @cached_property
    def taking_part(self) -> frozenset[str]:
        """The identities of the sender and of everybody whom the draft reaches."""
        return frozenset(p.identity for r in (self.draft.sender, *self.draft.recipients) for p in r.people())

    @property
    def said(self) -> str:
        """The doc's text."""
        return text_of(self.doc)

    def location(self, start: int, end: int) -> Location:
        """The doc's span as a place in the subject or the body, white space at its ends left out."""
        if start < len(self.draft.subject):
            return Location("subject", start, min(end, len(self.draft.subject)))
        start, end = max(start, self.body_at), max(end, self.body_at)
        said = self.said[start:end]
        start, end = start + len(said) - len(said.lstrip()), end - len(said) + len(said.rstrip())
        return Location("body", start - self.body_at, end - self.body_at)

    def excerpt(self, where: Location) -> str:
        if where.part == "subject":
            return self.draft.subject[where.start : where.end]
        if where.part == "body":
            return self.text.text[where.start : where.end]
        return where.attachment or (where.addresses[0] if where.addresses else "")

    @cached_property
    def _starts(self) -> list[int]:
        return [zone.start for zone in self.text.zones]

    def zone(self, start: int) -> Zone | None:
        """The zone that a place of the doc lies in; None in the subject."""
        if start < self.body_at or not self.text.zones:
            return None
        return self.text.zones[max(bisect_right(self._starts, start - self.body_at) - 1, 0)]

    def is_own(self, start: int) -> bool:
        zone = self.zone(start)
        return zone is None or zone.kind == "own"

    def number(self, start: int) -> int:
        """The number of the message that a place of the doc lies in; 0 for the author's new one."""
        zone = self.zone(start)
        return zone.message if zone else 0

    def message(self, zone: Zone | None) -> QuotedMessage | None:
        """The quoted message that a zone belongs to; None for the author's new words."""
        return self.text.messages[zone.message - 1] if zone is not None and zone.message else None

    @cached_property
    def own(self) -> tuple[tuple[int, int], ...]:
        """The author's own words: the subject and the own zones of the body."""
        body = [(z.start + self.body_at, z.end + self.body_at) for z in self.text.zones if z.kind == "own"]
        return ((0, len(self.draft.subject)), *body)

    @cached_property
    def written(self) -> tuple[tuple[int, int], ...]:
        """The same with the author's signature: what tells of copies, and in what capacity somebody writes."""
        body = [
            (z.start + self.body_at, z.end + self.body_at) for z in self.text.zones if z.message == 0 and z.kind in ("own", "signature")
        ]
        return ((0, len(self.draft.subject)), *body)

    @cached_property
    def signed(self) -> str:
        """The words of `written`, an empty line between its stretches."""
        return GAP.join(self.said[start:end] for start, end in self.written)

    def others(self, parties: tuple[Party, ...]) -> list[Party]:
        """Everybody that these recipients reach, lists expanded, without the sender."""
        return [p for r in parties for p in r.people() if p.identity != self.draft.sender.identity]

    @cached_property
    def sentences(self) -> list[Span]:
        return list(self.doc.sents)

    def sentence(self, start: int) -> int:
        """The number of the sentence that a place of the doc lies in."""
        return max(bisect_right(self.sentences, start, key=lambda sentence: sentence.start_char) - 1, 0)

    def labels(self, *names: str) -> Iterator[Label]:
        """The sentence labels of these names in the author's own words."""
        return (label for label in self.doc._.labels if label.name in names and self.is_own(label.start))

    def parted(self, *names: str) -> Iterator[Label]:
        """The same, one for each stretch of text: of labels that overlap, the first and widest."""
        end = -1
        for label in sorted(self.labels(*names), key=lambda found: (found.start, -found.end)):
            if label.start >= end:
                end = label.end
                yield label

    def end_of_own(self) -> tuple[int, str, str]:
        """Where a line may be added to the author's text: (body offset, what to put before the line, what after it)."""
        mine = [z for z in self.text.zones if z.message == 0 and z.kind in ("own", "signature") and self.text.text[z.start : z.end].strip()]
        if not mine:
            return 0, "", GAP if self.text.text.strip() else ""
        last = mine[-1]
        said = self.text.text[last.start : last.end]
        at = last.start + len(said.rstrip())
        return at, GAP, "" if self.text.text[at : at + 1] in ("", "\n", "\r") else GAP
