"""personal-data: what identifies a private person, or tells something sensitive of them, and who would read it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from spacy.tokens import Span

from nlp.checks.base import Check, Example, others, replace_span
from nlp.draft import Finding, Fix, Location, Party, Role
from nlp.language.identifiers import Identifier, Kind, find
from nlp.language.people import PersonName, same_person
from nlp.naming import name_of, people_named, writing_together
from nlp.reading import Reading
from nlp.text import QuotedMessage, Zone
from nlp.words import words

Group = Literal["identifier", "contact", "sensitive"]

CONTACT = {Kind.PHONE, Kind.EMAIL, Kind.POSTCODE, Kind.STREET_ADDRESS}
# Found with a person nearby or not at all: on their own they belong to a place, a thing or a firm.
NEEDS_PERSON = {
    Kind.POSTCODE,
    Kind.STREET_ADDRESS,
    Kind.VEHICLE,
    Kind.UPRN,
    Kind.CASE_REFERENCE,
    Kind.COUNCIL_TAX,
    Kind.HOUSING,
    Kind.BENEFIT,
    Kind.UTR,
    Kind.BANK_ACCOUNT,
    Kind.IBAN,
}
SPOKEN = {
    Kind.NHS_NUMBER: "NHS number",
    Kind.NATIONAL_INSURANCE: "National Insurance number",
    Kind.UTR: "tax reference",
    Kind.PASSPORT: "passport number",
    Kind.DRIVING_LICENCE: "driving licence number",
    Kind.VEHICLE: "vehicle registration",
    Kind.UPRN: "property reference",
    Kind.BANK_ACCOUNT: "bank account",
    Kind.IBAN: "bank account",
    Kind.CARD: "card number",
    Kind.PHONE: "telephone number",
    Kind.EMAIL: "email address",
    Kind.POSTCODE: "postcode",
    Kind.STREET_ADDRESS: "address",
    Kind.DATE_OF_BIRTH: "date of birth",
    Kind.COUNCIL_TAX: "council tax reference",
    Kind.BENEFIT: "benefit reference",
    Kind.HOUSING: "housing reference",
    Kind.CASE_REFERENCE: "case reference",
}
SELF = re.compile(r"\b(?:me|my|mine|i|we|us|our|myself)\b|\b(?:ring|call|phone|text|reach|email|contact) (?:me|us)\b", re.I)
YOURS = re.compile(r"\b(?:you|your|yours|yourself)\b", re.I)
SOMEBODY = words("personal-data", "one_person")
OWN = re.compile(r"\b(?:me|my|i['’]?m|i am|us|our)\b[^.!?]{0,30}$", re.IGNORECASE)  # "I'm on …", "my mobile is …"
YOUR_FAMILY = re.compile(r"\byour (?:\w+ )?(?:\w+ )?$", re.IGNORECASE)  # "your youngest daughter", before a name
FORM_LINE = re.compile(r"\W{0,3}[\w /.'’()-]{2,40}:[^\n]{1,60}\s*$")  # "Telephone: …", under the name of whoever it belongs to
HOME = words("personal-data", "home")
COUNCILS_OWN = words("personal-data", "councils_own")
ORGANISATION = words("personal-data", "organisation")
HOUSE = re.compile(r",\s+((?:[A-Z][\w'’]+\s+){1,3}" + words("personal-data", "house").pattern.replace("(?<!\\w)", "") + ")")
AT_WORK = words("personal-data", "at_work")
LONG_AGO = "1910"  # nobody born before is alive
DEAD = words("personal-data", "dead")
CONSENT = words("personal-data", "consent")
NO_CONSENT = words("personal-data", "no_consent")
OFFICE_HOLDER = words("personal-data", "office_holder")
ROLE_MAILBOX = words("personal-data", "role_mailbox")


@dataclass(frozen=True, slots=True)
class Datum:
    """One thing that is told of somebody: doc offsets, what it is, whom it means, in which message of the thread."""

    start: int
    end: int
    group: Group
    words: str  # how a message calls it
    subject: str  # a key that is the same for the same person
    certainty: float
    name: tuple[int, int] | None = None  # where the person is named in the same sentence


class PersonalData(Check):
    id = "personal-data"
    title = "A private person's data"
    core = True
    summary = (
        "A resident's name with their address, contact details or circumstances, an identifying number, or a sensitive fact about them."
    )
    why = "Data protection law lets such facts go only to those who need them. Fines and complaints follow when they travel further."
    instead = "Leave out what the reader does not need, write to the responsible officer alone, or ask the person first."
    aspects = {"casework": "info", "copied": "warning", "outside": "error"}
    flagged = (
        Example("Mr Samuel Okoro of 6 Abbey Court has rung four times.", "Mr Samuel Okoro of 6 Abbey Court"),
        Example("Her NI number is JG 10 37 59 A.", "JG 10 37 59 A", to=("colleague",)),
        Example("Mrs Jean Platt has been diagnosed with dementia.", "Mrs Jean Platt has been diagnosed with dementia.", to=("colleague",)),
    )
    clean = (
        Example("Ruth Tandy can be reached on 01632 960118.", to=("colleague",)),
        Example("Ring me on 01632 960144.\n\nCarol", to=("resident",)),
        Example("The hole outside 14 Mill Lane has been filled."),
        Example("You told me that your little girl has asthma.\n\nCarol", to=("resident",)),
    )

    def find(self, reading: Reading, options: Mapping[str, Any]) -> Iterator[Finding]:
        audience = _Audience(reading)
        if audience.readers:
            data = _Data(reading, audience)
            for datum in _joined(reading, data.collect()):
                yield self._warn(reading, audience, datum)
            yield from self._attachments(reading, audience)

    def _warn(self, reading: Reading, audience: _Audience, datum: Datum) -> Finding:
        start = min(datum.start, datum.name[0]) if datum.name else datum.start
        end = max(datum.end, datum.name[1]) if datum.name else datum.end
        message = f"This tells {audience.spoken} a private person's {datum.words}."
        fixes: tuple[Fix, ...] = ()
        if datum.group != "sensitive":
            title = f"Take the {datum.words} out"
            fixes = (replace_span(reading, datum.start, datum.end, f"[{datum.words} removed]", title),)
        aspect = audience.aspect(severe=datum.group != "contact")
        return self.marked(reading, start, end, message, datum.certainty, aspect, fixes)

    def _attachments(self, reading: Reading, audience: _Audience) -> Iterator[Finding]:
        for attachment in reading.draft.attachments:
            found = [i for i in find(attachment.text or "") if i.kind not in CONTACT | NEEDS_PERSON and i.certainty >= 0.6]
            if found:
                kinds = ", ".join(dict.fromkeys(SPOKEN[i.kind] for i in found))
                message = f"The attachment “{attachment.name}” holds a private person's data ({kinds}), which {audience.spoken} would get."
                yield self.finding(Location("attachments", attachment=attachment.name), message, 0.7, audience.aspect(severe=True))


class _Audience:
    """Who would read the draft, and what follows from it."""

    def __init__(self, reading: Reading) -> None:
        self.sender = reading.draft.sender
        self.readers = list({p.identity: p for p in others(reading, reading.draft.recipients) if not p.is_list and not p.no_reply}.values())
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


class _Data:
    """Collects what a draft tells of private people."""

    def __init__(self, reading: Reading, audience: _Audience) -> None:
        self.reading, self.audience = reading, audience
        self.draft, self.doc = reading.draft, reading.doc
        self._authors: dict[int, Party | None] = {}  # by where the quoted message begins
        self._recipients: dict[PersonName, bool] = {}  # whether the name is a private recipient's

    @cached_property
    def consent(self) -> bool:
        own = " ".join(self.reading.said[start:end] for start, end in self.reading.own)
        return CONSENT.search(own) is not None and NO_CONSENT.search(own) is None

    @cached_property
    def private(self) -> list[Span]:
        """The names of private persons, in order."""
        found = []
        for entity in self.doc.ents:
            if entity.label_ != "PERSON" or not self._read_here(entity.start_char):
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
        return {zone.message if (zone := self.reading.zone(start)) else 0 for start in self.starts}

    def collect(self) -> list[Datum]:
        found = [d for identifier in self.doc._.identifiers if (d := self._identifier(identifier))]
        found += [
            d
            for label in self.doc._.labels
            if label.name == "sensitive" and (d := self._sensitive(label.start, label.end, label.certainty))
        ]
        return [*found, *self._named_homes(), *self._forwarded()]

    # whose words, and who reads them

    def _read_here(self, start: int, *, signed: bool = False) -> bool:
        """Whether a place of the text counts: no disclaimer, no own signature (unless `signed`), not what only its author gets back."""
        zone = self.reading.zone(start)
        if zone is None or zone.kind == "own":
            return True
        if zone.kind == "disclaimer" or (zone.message == 0 and zone.kind == "signature"):
            return signed and zone.kind == "signature"
        quoted = self.reading.message(zone)
        if quoted is None:
            return True
        author = self._author(zone)
        if author is not None and (author.role.inside or author in self.audience.readers) and zone.kind == "signature":
            return False
        address = quoted.sender.address.lower()
        back = address and all(address in (p.identity, p.address.lower()) for p in self.audience.readers)
        return not back

    def _author(self, zone: Zone | None) -> Party | None:
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

    def _recipient(self, person: PersonName) -> bool:
        if person not in self._recipients:
            self._recipients[person] = any(same_person(person, name_of(p.name, p.address)) for p in self.audience.private)
        return self._recipients[person]

    # whom a datum means

    def _subject(self, start: int, end: int, *, severe: bool) -> tuple[str, Span | None] | None:
        """Whom the words at this place mean: a key and where the person is named in the same sentence; None for nobody private.

        Looked for in the sentence, nearest name first, then (for "she", "the tenant") in the three sentences before.
        """
        sentence = self._sentence(start)
        zone = self.reading.zone(start)
        own = zone is None or zone.message == 0
        first, here, last = (bisect_left(self.starts, at) for at in (sentence.start_char, start + 1, sentence.end_char))
        following = self.private[here] if here < last and self.private[here].start_char - end < 60 else None
        named = self.private[here - 1] if here > first else following
        said = sentence.text
        if named is not None:
            theirs = own and YOUR_FAMILY.search(said[: named.start_char - sentence.start_char]) is not None
            if theirs or self._recipient(named._.name):
                return self._about_reader(own, severe)
            return self._key(named._.name), named
        near = said[max(0, start - sentence.start_char - 60) : end - sentence.start_char + 20]
        known = people_named(self.reading, sentence.start_char, sentence.end_char)
        if known and not SOMEBODY.search(near):
            return None  # a colleague's details
        if YOURS.search(near) and own and not SOMEBODY.search(near):
            return self._about_reader(own, severe)
        before = said[: start - sentence.start_char]
        if own and (OWN.search(before) or (SELF.search(said) and not SOMEBODY.search(near))):
            return None  # what senders say of themselves
        if not own:
            author = self._author(zone)
            if SELF.search(said) and (author is None or not author.role.inside):
                return f"author {zone.message if zone else 0}", None
        previous = self.private[first - 1] if first else None
        if (
            previous is not None
            and (SOMEBODY.search(said) or FORM_LINE.match(said))
            and start - previous.end_char < 600
            and self._same_message(previous.start_char, start)
        ):
            if self._recipient(previous._.name):
                return self._about_reader(own, severe)
            return self._key(previous._.name), None
        if SOMEBODY.search(said):
            return "somebody", None
        return None

    def _about_reader(self, own: bool, severe: bool) -> tuple[str, Span | None] | None:
        """Facts about the reader: nothing in a letter to them alone, their data where others read it too.

        The responsible officer in copy does no harm, unless identifiers or sensitive facts are told.
        """
        alone = self.audience.one_household and not (severe and self.audience.with_officer)
        told = any(p.role is Role.CONSTITUENT for p in self.audience.private)  # what is said to a firm is the firm's
        return ("reader", None) if own and told and not alone else None

    def _key(self, person: PersonName) -> str:
        return (person.family or self.families.get(person.given, person.given)).lower()

    def _sentence(self, start: int) -> Span:
        return self.reading.sentences[self.reading.sentence(start)]

    def _same_message(self, a: int, b: int) -> bool:
        first, second = self.reading.zone(a), self.reading.zone(b)
        return (first.message if first else 0) == (second.message if second else 0)

    # the kinds of data

    def _identifier(self, found: Identifier) -> Datum | None:
        telling = found.kind not in CONTACT | NEEDS_PERSON  # nobody signs with a National Insurance number
        if found.certainty < 0.5 or not self._read_here(found.start, signed=telling) or self._in_header(found.start):
            return None  # (`_forwarded` speaks for a header)
        if found.kind is Kind.EMAIL and not self._private_email(found.value):
            return None
        said = self._sentence(found.start).text
        if (found.kind is Kind.PHONE and ORGANISATION.search(said)) or (found.kind is Kind.VEHICLE and COUNCILS_OWN.search(said)):
            return None
        if found.kind is Kind.DATE_OF_BIRTH and found.value < LONG_AGO:
            return None
        subject = self._whose(found, said)
        if subject is None or (found.kind in CONTACT and AT_WORK.search(said)):
            return None
        group: Group = "contact" if found.kind in CONTACT else "identifier"
        name = (subject[1].start_char, subject[1].end_char) if subject[1] is not None and _near(subject[1], found) else None
        return Datum(found.start, found.end, group, SPOKEN[found.kind], subject[0], found.certainty, name)

    def _whose(self, found: Identifier, said: str) -> tuple[str, Span | None] | None:
        """Whom an identifier belongs to, as `_subject` says it; what stands there with no person at all belongs to nobody."""
        subject = self._subject(found.start, found.end, severe=found.kind not in CONTACT)
        if (subject is None or subject[1] is None) and DEAD.search(said):
            return None
        zone = self.reading.zone(found.start)
        place = found.kind in (Kind.STREET_ADDRESS, Kind.POSTCODE)
        at_home = not place or HOME.search(said) is not None
        if subject is None and zone is not None and zone.message:
            author = self._author(zone)
            # what residents write without naming anybody is their own; a street may be any, unless they live there
            if (author is None or not author.role.inside) and (at_home or zone.kind == "signature"):
                return f"author {zone.message}", None
        if subject is None:
            own_or_readers = YOURS.search(said) or SELF.search(said)
            bare = found.kind in NEEDS_PERSON or (found.kind in CONTACT and found.kind is not Kind.EMAIL)
            return None if bare or own_or_readers else ("somebody", None)
        if found.kind is Kind.UPRN and subject[1] is None:
            return None  # a building's, as long as nobody is named with it
        if found.kind is Kind.VEHICLE and subject[0] == "reader":
            return None
        if subject[0] == "somebody" and not (at_home and (found.kind not in NEEDS_PERSON or SOMEBODY.search(said))):
            return None
        return subject

    def _private_email(self, address: str) -> bool:
        local, _, domain = address.lower().rpartition("@")
        if domain in self.draft.roster.domains or ROLE_MAILBOX.fullmatch(local):
            return False
        if address.lower() in self._private_addresses:
            return not self.audience.one_household
        return address.lower() not in self._addresses and address.lower() not in self.draft.roster.by_identity

    @cached_property
    def _addresses(self) -> set[str]:
        return {p.address.lower() for p in (self.draft.sender, *self.draft.recipients)}

    @cached_property
    def _private_addresses(self) -> set[str]:
        return {p.address.lower() for p in self.audience.private}

    def _in_header(self, start: int) -> bool:
        quoted = self.reading.message(self.reading.zone(start))
        at = self.reading.body_at
        return quoted is not None and at + quoted.start <= start < at + quoted.body_start

    def _sensitive(self, start: int, end: int, certainty: float) -> Datum | None:
        if not self._read_here(start) or self._in_header(start):
            return None
        zone = self.reading.zone(start)
        subject = self._subject(start, end, severe=True)
        if subject is None:
            return None
        if subject[0] == "somebody" and not self._identified(zone):
            return None
        return Datum(start, end, "sensitive", "sensitive circumstances", subject[0], certainty)

    def _identified(self, zone: Zone | None) -> bool:
        """Whether the message names a private person at all, or tells what identifies one: facts about nobody are no personal data."""
        if (zone.message if zone else 0) in self.naming:
            return True
        quoted = self.reading.message(zone)
        if quoted is not None and (quoted.sender.name or quoted.sender.address):
            author = self._author(zone)
            return author is None or not author.role.inside
        strong = [i for i in self.doc._.identifiers if i.kind not in CONTACT and i.certainty >= 0.6]
        return bool(strong) or (bool(self.audience.private) and not self.audience.one_household)

    def _named_homes(self) -> Iterator[Datum]:
        """A home that has a name and no number, right behind its owner's."""
        for person in self.private:
            home = HOUSE.match(self.reading.said, person.end_char)
            if home and not self._recipient(person._.name):
                yield Datum(
                    home.start(1), home.end(1), "contact", "address", self._key(person._.name), 0.7, (person.start_char, person.end_char)
                )

    def _forwarded(self) -> Iterator[Datum]:
        """A private person's own email that others would read: their name and address in its header."""
        if self.consent:
            return
        at = self.reading.body_at
        for number, quoted in enumerate(self.reading.text.messages, 1):
            zone = next((z for z in self.reading.text.zones if z.message == number), None)
            author = self._author(zone)
            address = quoted.sender.address
            if zone is None or not address or (author is not None and author.role is not Role.CONSTITUENT):
                continue
            if not self._read_here(at + zone.start) or (not self._private_email(address) and author is None):
                continue
            others_read = [p for p in self.audience.readers if address.lower() not in (p.identity, p.address.lower())]
            if author in self.audience.readers and (self.audience.one_household or all(p.role is Role.OFFICER for p in others_read)):
                continue
            start = self.reading.said.find(address, at + quoted.start, at + quoted.body_start)
            if start < 0:
                continue
            named = self.reading.said.rfind(quoted.sender.name, at + quoted.start, start) if quoted.sender.name else -1
            name = (named, named + len(quoted.sender.name)) if named >= 0 else None
            yield Datum(start, start + len(address), "contact", "email address", f"author {number}", 0.85, name)


def _near(name: Span, found: Identifier) -> bool:
    gap = name.end_char, found.start if found.start >= name.end_char else found.end, name.start_char
    return abs(found.start - name.end_char) < 60 if found.start >= name.end_char else 0 <= gap[2] - found.end < 30


def _joined(reading: Reading, data: list[Datum]) -> list[Datum]:
    """One datum for each person, kind and sentence: what stands together is one warning."""
    groups: dict[tuple[str, str, int], Datum] = {}
    for datum in sorted(data, key=lambda d: d.start):
        key = (datum.subject, datum.group, reading.sentence(datum.start))
        if (first := groups.get(key)) is None:
            groups[key] = datum
            continue
        words = first.words if datum.words in first.words else f"{first.words} and {datum.words}"
        groups[key] = Datum(
            first.start,
            max(first.end, datum.end),
            first.group,
            words,
            first.subject,
            max(first.certainty, datum.certainty),
            first.name or datum.name,
        )
    return sorted(groups.values(), key=lambda d: d.start)
