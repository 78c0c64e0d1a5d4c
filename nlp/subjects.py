"""Whom words mean: which private person a number, an address or a fact in a letter belongs to, and who would read it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Span

from nlp.draft import Party, Role
from nlp.language.people import PersonName, same_person
from nlp.naming import name_of, people_named, writing_together
from nlp.reading import Reading
from nlp.text import QuotedMessage, Zone
from nlp.words import words

SELF = re.compile(r"\b(?:me|my|mine|i|we|us|our|myself)\b", re.IGNORECASE)
YOURS = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
OWN = re.compile(r"\b(?:me|my|i['’]?m|i am|us|our)\b[^.!?]{0,30}$", re.IGNORECASE)  # "I'm on …", "my mobile is …"
YOUR_FAMILY = re.compile(r"\byour (?:\w+ ){0,2}$", re.IGNORECASE)  # "your youngest daughter", before a name
FORM_LINE = re.compile(r"\W{0,3}[\w /.'’()-]{2,40}:[^\n]{1,60}\s*$")  # "Telephone: …", under the name of whoever it belongs to
SOMEBODY = words("personal-data", "one_person")
DEAD = words("personal-data", "dead")
OFFICE_HOLDER = words("personal-data", "office_holder")
NEAR = 600  # code points back to whom "she" or "the tenant" may mean


@dataclass(frozen=True, slots=True)
class Subject:
    """A private person whom words mean. Equal keys are the same person."""

    key: str
    name: Span | None = None  # where they are named in the same sentence

    @classmethod
    def author(cls, zone: Zone) -> Subject:
        """Who wrote a quoted message."""
        return cls(f"author {zone.message}")


READER = Subject("reader")
UNNAMED = Subject("somebody")


class Audience:
    """Who would read the draft, and what follows from it."""

    def __init__(self, reading: Reading) -> None:
        everybody = {p.identity: p for p in reading.others(reading.draft.recipients) if not p.is_list and not p.no_reply}
        self.readers = list(everybody.values())
        self.private = [p for p in self.readers if p.role in (Role.CONSTITUENT, Role.EXTERNAL)]
        officers = [p for p in self.readers if p.role is Role.OFFICER]
        households = {name_of(p.name, p.address).family.lower() or p.identity for p in self.private}
        one = len(households) == 1 or writing_together(reading, self.private)
        # a letter to one person or household about themself; a responsible officer may be in copy
        self.one_household = bool(self.private) and one and len(self.private) + len(officers) == len(self.readers)
        self.with_officer = bool(officers)

    def aspect(self, *, severe: bool) -> str:
        if any(not p.role.inside for p in self.readers):
            return "outside" if severe else "copied"
        return "casework" if all(p.role is Role.OFFICER for p in self.readers) else "copied"

    @property
    def spoken(self) -> str:
        if len(self.readers) == 1:
            return self.readers[0].name or self.readers[0].address
        return f"{len(self.readers)} people"


class Subjects:
    """Finds the private persons whom a draft speaks of."""

    def __init__(self, reading: Reading, audience: Audience) -> None:
        self.reading, self.audience = reading, audience
        self.draft, self.doc = reading.draft, reading.doc
        self._authors: dict[int, Party | None] = {}  # by where the quoted message begins
        self._recipients: dict[PersonName, bool] = {}  # whether the name is a private recipient's
        self._says: dict[tuple[re.Pattern[str], int], bool] = {}  # by the number of the sentence, which may hold many identifiers
        self._colleagues: dict[int, bool] = {}

    @cached_property
    def private(self) -> list[Span]:
        """The names of private persons, in order."""
        found = []
        for entity in self.doc.ents:
            if entity.label_ != "PERSON" or not self.read_here(entity.start_char):
                continue
            person: PersonName = entity._.name
            if OFFICE_HOLDER.search(person.title) or self._inside(person, entity):
                continue
            sentence = entity.sent.text
            if DEAD.search(sentence[max(0, entity.start_char - entity.sent.start_char - 20) :][: len(entity.text) + 60]):
                continue
            found.append(entity)
        return found

    @cached_property
    def starts(self) -> list[int]:
        return [e.start_char for e in self.private]

    @cached_property
    def families(self) -> dict[str, str]:
        """Given name -> family name, of those who are named in full."""
        return {e._.name.given: e._.name.family for e in reversed(self.private) if e._.name.given and e._.name.family}

    @cached_property
    def naming(self) -> set[int]:
        """The numbers of the messages that name a private person."""
        return {self.reading.number(start) for start in self.starts}

    # whose words, and who reads them

    def read_here(self, start: int, *, signed: bool = False) -> bool:
        """Whether a place of the text counts: no disclaimer, no own signature (unless `signed`), not what only its author gets back."""
        zone = self.reading.zone(start)
        if zone is None or zone.kind == "own":
            return True
        if zone.kind == "disclaimer" or (zone.message == 0 and zone.kind == "signature"):
            return signed and zone.kind == "signature"
        quoted = self.reading.message(zone)
        if quoted is None:
            return True
        author = self.author(zone)
        if author is not None and (author.role.inside or author in self.audience.readers) and zone.kind == "signature":
            return False
        address = quoted.sender.address.lower()
        back = address and all(address in (p.identity, p.address.lower()) for p in self.audience.readers)
        return not back

    def author(self, zone: Zone | None) -> Party | None:
        """The author of a quoted message, where the directory or the draft knows them."""
        quoted = self.reading.message(zone)
        if quoted is None:
            return self.draft.sender
        if quoted.start not in self._authors:
            self._authors[quoted.start] = self._known_author(quoted)
        return self._authors[quoted.start]

    def _known_author(self, quoted: QuotedMessage) -> Party | None:
        address = quoted.sender.address.lower()
        if address in self.draft.roster.by_identity:
            return self.draft.roster.by_identity[address]
        known = [self.draft.sender, *(p for r in self.draft.recipients for p in r.people()), *self.draft.roster.people]
        for party in known:
            if address and address in (party.identity, party.address.lower()):
                return party
            if (
                not address
                and quoted.sender.name
                and party.name
                and same_person(name_of(quoted.sender.name, ""), name_of(party.name, party.address))
            ):
                return party
        return None

    def _inside(self, person: PersonName, entity: Span) -> bool:
        """A member, an officer, the sender, or another whom the directory knows by office: no private person."""
        known = people_named(self.reading, entity.start_char, entity.end_char)
        if any(p.role is not Role.CONSTITUENT for p in known) and not (person.given and person.family and not self._same(person, known)):
            return True
        return same_person(person, name_of(self.draft.sender.name, self.draft.sender.address))

    def _same(self, person: PersonName, known: list[Party]) -> bool:
        return any(same_person(person, name_of(p.name, p.address)) for p in known)

    def recipient(self, person: PersonName) -> bool:
        if person not in self._recipients:
            self._recipients[person] = any(same_person(person, name_of(p.name, p.address)) for p in self.audience.private)
        return self._recipients[person]

    def in_header(self, start: int) -> bool:
        quoted = self.reading.message(self.reading.zone(start))
        at = self.reading.body_at
        return quoted is not None and at + quoted.start <= start < at + quoted.body_start

    # whom they mean

    def of(self, start: int, end: int, *, severe: bool) -> Subject | None:
        """Whom the words at this place mean; None for nobody private.

        A name in the sentence comes first, the nearest before it; then "you", "I" and the author of a quoted message; then, for "she" or
        "the tenant", who was named last. `severe`: what is told is an identifier or a sensitive fact.
        """
        sentence = self.sentence(start)
        said, at = sentence.text, start - sentence.start_char
        zone = self.reading.zone(start)
        own = zone is None or zone.message == 0
        first, here, last = (bisect_left(self.starts, place) for place in (sentence.start_char, start + 1, sentence.end_char))
        if here > first:
            return self._person(self.private[here - 1], said, sentence, own, severe)
        if here < last and self.private[here].start_char - end < 60:
            return self._person(self.private[here], said, sentence, own, severe)
        near = said[max(0, at - 60) : at + end - start + 20]
        if not SOMEBODY.search(near):
            if self._names_colleague(start):
                return None  # a colleague's details
            if own and YOURS.search(near):
                return self._about_reader(own, severe)
            if own and self.says(SELF, start):
                return None  # what senders say of themselves
        if own and OWN.search(said[max(0, at - 40) : at]):
            return None
        if zone is not None and not own and self.says(SELF, start) and self.by_outsider(zone):
            return Subject.author(zone)
        spoken_of = self.says(SOMEBODY, start)
        if (spoken_of or FORM_LINE.match(said)) and first and self._reaches(self.private[first - 1], start):
            return self._once_named(self.private[first - 1], own, severe)
        return UNNAMED if spoken_of else None

    def last_named(self, start: int) -> Subject | None:
        """Who was named last before this place in the same message, not too far back."""
        before = bisect_left(self.starts, start)
        if not before or not self._reaches(self.private[before - 1], start):
            return None
        return self._once_named(self.private[before - 1], own=self.reading.number(start) == 0, severe=True)

    def _reaches(self, named: Span, start: int) -> bool:
        return start - named.end_char < NEAR and self.reading.number(named.start_char) == self.reading.number(start)

    def _once_named(self, named: Span, own: bool, severe: bool) -> Subject | None:
        """The person named in an earlier sentence."""
        subject = self._person(named, named.sent.text, named.sent, own, severe)
        return subject if subject is READER or subject is None else Subject(subject.key)

    def _person(self, named: Span, said: str, sentence: Span, own: bool, severe: bool) -> Subject | None:
        """The person named there; where that is a reader, or of a reader's family, what that makes of it."""
        theirs = own and YOUR_FAMILY.search(said[: named.start_char - sentence.start_char]) is not None
        if theirs or self.recipient(named._.name):
            return self._about_reader(own, severe)
        return Subject(self.key(named._.name), named)

    def says(self, pattern: re.Pattern[str], start: int) -> bool:
        """Whether the sentence at this place holds the pattern."""
        key = pattern, self.reading.sentence(start)
        if key not in self._says:
            self._says[key] = pattern.search(self.reading.sentences[key[1]].text) is not None
        return self._says[key]

    def _names_colleague(self, start: int) -> bool:
        number = self.reading.sentence(start)
        if number not in self._colleagues:
            sentence = self.reading.sentences[number]
            self._colleagues[number] = bool(people_named(self.reading, sentence.start_char, sentence.end_char))
        return self._colleagues[number]

    def by_outsider(self, zone: Zone) -> bool:
        """Whether a quoted message is by somebody whom no protocol binds, as far as is known."""
        author = self.author(zone)
        return author is None or not author.role.inside

    def _about_reader(self, own: bool, severe: bool) -> Subject | None:
        """Facts about the reader: nothing in a letter to them alone, their data where others read it too.

        The responsible officer in copy does no harm, unless identifiers or sensitive facts are told.
        """
        alone = self.audience.one_household and not (severe and self.audience.with_officer)
        told = any(p.role is Role.CONSTITUENT for p in self.audience.private)  # what is said to a firm is the firm's
        return READER if own and told and not alone else None

    def key(self, person: PersonName) -> str:
        return (person.family or self.families.get(person.given, person.given)).lower()

    def sentence(self, start: int) -> Span:
        return self.reading.sentences[self.reading.sentence(start)]

    def identified(self, zone: Zone | None) -> bool:
        """Whether the message names a private person at all: facts about nobody are no personal data."""
        if (zone.message if zone else 0) in self.naming:
            return True
        quoted = self.reading.message(zone)
        if quoted is not None and zone is not None and (quoted.sender.name or quoted.sender.address):
            return self.by_outsider(zone)
        return bool(self.audience.private) and not self.audience.one_household
