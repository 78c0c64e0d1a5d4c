"""personal-data: what identifies a private person, or tells something sensitive of them, and who would read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from spacy.tokens import Span

from nlp.checks.base import Check, Example, replace_span
from nlp.draft import Finding, Fix, Location, Role
from nlp.language.identifiers import Identifier, Kind, find
from nlp.reading import Reading
from nlp.subjects import DEAD, READER, SELF, SOMEBODY, UNNAMED, YOURS, Audience, Subject, Subjects
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
# In a letter about somebody, an account is theirs, whoever its sentence speaks of.
ACCOUNTS = {Kind.COUNCIL_TAX, Kind.HOUSING, Kind.BENEFIT, Kind.BANK_ACCOUNT, Kind.IBAN}
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
HOME = words("personal-data", "home")
COUNCILS_OWN = words("personal-data", "councils_own")
ORGANISATION = words("personal-data", "organisation")
HOUSE = re.compile(r",\s+((?:[A-Z][\w'’]+\s+){1,3}" + words("personal-data", "house").pattern.replace("(?<!\\w)", "") + ")")
AT_WORK = words("personal-data", "at_work")
LONG_AGO = "1910"  # nobody born before is alive
CONSENT = words("personal-data", "consent")
NO_CONSENT = words("personal-data", "no_consent")
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
        audience = Audience(reading)
        if audience.readers:
            data = _Data(reading, audience)
            for datum in _joined(reading, data.collect()):
                yield self._warn(reading, audience, datum)
            yield from self._attachments(reading, audience)

    def _warn(self, reading: Reading, audience: Audience, datum: Datum) -> Finding:
        start = min(datum.start, datum.name[0]) if datum.name else datum.start
        end = max(datum.end, datum.name[1]) if datum.name else datum.end
        message = f"This tells {audience.spoken} a private person's {datum.words}."
        fixes: tuple[Fix, ...] = ()
        if datum.group != "sensitive":
            title = f"Take the {datum.words} out"
            fixes = (replace_span(reading, datum.start, datum.end, f"[{datum.words} removed]", title),)
        aspect = audience.aspect(severe=datum.group != "contact")
        return self.marked(reading, start, end, message, datum.certainty, aspect, fixes)

    def _attachments(self, reading: Reading, audience: Audience) -> Iterator[Finding]:
        for attachment in reading.draft.attachments:
            found = [i for i in find(attachment.text or "") if i.kind not in CONTACT | NEEDS_PERSON and i.certainty >= 0.6]
            if found:
                kinds = ", ".join(dict.fromkeys(SPOKEN[i.kind] for i in found))
                message = f"The attachment “{attachment.name}” holds a private person's data ({kinds}), which {audience.spoken} would get."
                yield self.finding(Location("attachments", attachment=attachment.name), message, 0.7, audience.aspect(severe=True))


class _Data:
    """Collects what a draft tells of private people."""

    def __init__(self, reading: Reading, audience: Audience) -> None:
        self.reading, self.audience = reading, audience
        self.subjects = Subjects(reading, audience)
        self.draft, self.doc = reading.draft, reading.doc

    @cached_property
    def consent(self) -> bool:
        own = " ".join(self.reading.said[start:end] for start, end in self.reading.own)
        return CONSENT.search(own) is not None and NO_CONSENT.search(own) is None

    def collect(self) -> list[Datum]:
        found = [d for identifier in self.doc._.identifiers if (d := self._identifier(identifier))]
        found += [
            d
            for label in self.doc._.labels
            if label.name == "sensitive" and (d := self._sensitive(label.start, label.end, label.certainty))
        ]
        return [*found, *self._named_homes(), *self._forwarded()]

    def _identifier(self, found: Identifier) -> Datum | None:
        telling = found.kind not in CONTACT | NEEDS_PERSON  # nobody signs with a National Insurance number
        if found.certainty < 0.5 or not self.subjects.read_here(found.start, signed=telling) or self.subjects.in_header(found.start):
            return None  # (`_forwarded` speaks for a header)
        if found.kind is Kind.EMAIL and not self._private_email(found.value):
            return None
        says = lambda pattern: self.subjects.says(pattern, found.start)
        if (found.kind is Kind.PHONE and says(ORGANISATION)) or (found.kind is Kind.VEHICLE and says(COUNCILS_OWN)):
            return None
        if found.kind is Kind.DATE_OF_BIRTH and found.value < LONG_AGO:
            return None
        subject = self._whose(found, says)
        if subject is None or (found.kind in CONTACT and says(AT_WORK)):
            return None
        group: Group = "contact" if found.kind in CONTACT else "identifier"
        name = (subject.name.start_char, subject.name.end_char) if subject.name is not None and _near(subject.name, found) else None
        return Datum(found.start, found.end, group, SPOKEN[found.kind], subject.key, found.certainty, name)

    def _whose(self, found: Identifier, says: Callable[[re.Pattern[str]], bool]) -> Subject | None:
        """Whom an identifier belongs to; what stands there with no person at all belongs to nobody."""
        subject = self.subjects.of(found.start, found.end, severe=found.kind not in CONTACT)
        if subject is None and found.kind in ACCOUNTS and not says(ORGANISATION):
            subject = self.subjects.last_named(found.start)
        if (subject is None or subject.name is None) and says(DEAD):
            return None
        zone = self.reading.zone(found.start)
        at_home = found.kind not in (Kind.STREET_ADDRESS, Kind.POSTCODE) or says(HOME)
        if subject is None and zone is not None and zone.message and self.subjects.by_outsider(zone):
            # what residents write without naming anybody is their own; a street may be any, unless they live there
            if at_home or zone.kind == "signature":
                return Subject.author(zone)
        if subject is None:
            own_or_readers = says(YOURS) or says(SELF)
            bare = found.kind in NEEDS_PERSON or (found.kind in CONTACT and found.kind is not Kind.EMAIL)
            return None if bare or own_or_readers else UNNAMED
        if found.kind is Kind.UPRN and subject.name is None:
            return None  # a building's, as long as nobody is named with it
        if found.kind is Kind.VEHICLE and subject is READER:
            return None
        if subject is UNNAMED and not (at_home and (found.kind not in NEEDS_PERSON or says(SOMEBODY))):
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

    def _sensitive(self, start: int, end: int, certainty: float) -> Datum | None:
        if not self.subjects.read_here(start) or self.subjects.in_header(start):
            return None
        births = (i for i in self.doc._.identifiers if i.kind is Kind.DATE_OF_BIRTH and i.start < end and start < i.end)
        if any(birth.value < LONG_AGO for birth in births):
            return None
        subject = self.subjects.of(start, end, severe=True)
        if subject is None or (subject is UNNAMED and not (self._told or self.subjects.identified(self.reading.zone(start)))):
            return None
        return Datum(start, end, "sensitive", "sensitive circumstances", subject.key, certainty)

    @cached_property
    def _told(self) -> bool:
        """Whether the draft holds a number that identifies somebody."""
        return any(i.kind not in CONTACT and i.certainty >= 0.6 for i in self.doc._.identifiers)

    def _named_homes(self) -> Iterator[Datum]:
        """A home that has a name and no number, right behind its owner's."""
        for person in self.subjects.private:
            home = HOUSE.match(self.reading.said, person.end_char)
            if home and not self.subjects.recipient(person._.name):
                yield Datum(
                    home.start(1),
                    home.end(1),
                    "contact",
                    "address",
                    self.subjects.key(person._.name),
                    0.7,
                    (person.start_char, person.end_char),
                )

    def _forwarded(self) -> Iterator[Datum]:
        """A private person's own email that others would read: their name and address in its header."""
        if self.consent:
            return
        at = self.reading.body_at
        zones = {zone.message: zone for zone in reversed(self.reading.text.zones)}
        for number, quoted in enumerate(self.reading.text.messages, 1):
            zone = zones.get(number)
            author = self.subjects.author(zone)
            address = quoted.sender.address
            if zone is None or not address or (author is not None and author.role is not Role.CONSTITUENT):
                continue
            if not self.subjects.read_here(at + zone.start) or (not self._private_email(address) and author is None):
                continue
            others_read = [p for p in self.audience.readers if address.lower() not in (p.identity, p.address.lower())]
            if author in self.audience.readers and (self.audience.one_household or all(p.role is Role.OFFICER for p in others_read)):
                continue
            start = self.reading.said.find(address, at + quoted.start, at + quoted.body_start)
            if start < 0:
                continue
            named = self.reading.said.rfind(quoted.sender.name, at + quoted.start, start) if quoted.sender.name else -1
            name = (named, named + len(quoted.sender.name)) if named >= 0 else None
            yield Datum(start, start + len(address), "contact", "email address", Subject.author(zone).key, 0.85, name)


def _near(name: Span, found: Identifier) -> bool:
    """Whether a name stands so close to an identifier that one warning marks both."""
    return found.start - name.end_char < 60 if found.start >= name.end_char else 0 <= name.start_char - found.end < 30


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
