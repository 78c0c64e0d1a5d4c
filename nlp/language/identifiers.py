"""UK identifiers and contact details in a text: who can be recognised, reached, paid or looked up by it.

`find` takes any text and gives `Identifier`s. It decides what a run of letters and digits *is*, never whose it is or whether it may be
sent: that is
the check's business. Three things speak for a kind, in this order: the words before it (a *cue*: "NHS no.", "drives", "born"), a check
digit or a fixed structure, and the way it is spaced. Ten digits with a fitting check digit are one in eleven numbers, so a check digit
alone never suffices where the number has no shape of its own.

Every scanner walks the text once; patterns have no nested repetition without a bound, so that hostile input costs no more than its length.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import phonenumbers
from spacy.language import Language
from spacy.tokens import Doc
from stdnum import iban, luhn
from stdnum.gb import nhs, utr
from stdnum.iso7064 import mod_97_10

from nlp.language.tokens import text_of

_DATA = tomllib.loads((Path(__file__).parent / "data" / "identifiers.toml").read_text("utf-8"))


class Kind(StrEnum):
    """What an identifier is."""

    NHS_NUMBER = "nhs-number"
    NATIONAL_INSURANCE = "national-insurance"
    UTR = "utr"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving-licence"
    VEHICLE = "vehicle"
    UPRN = "uprn"
    BANK_ACCOUNT = "bank-account"
    IBAN = "iban"
    CARD = "card"
    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"
    STREET_ADDRESS = "street-address"
    DATE_OF_BIRTH = "date-of-birth"
    COUNCIL_TAX = "council-tax"
    BENEFIT = "benefit"
    HOUSING = "housing"
    CASE_REFERENCE = "case-reference"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier: `text[start:end]` (code points) is how it was written, `value` how it compares with others.

    Values: numbers and plates without separators in capitals, phones in E.164 (";ext=" before an extension), dates in ISO 8601,
    email addresses and street addresses in lower case with single spaces, a bank account as sort code, "/", account number.
    """

    kind: Kind
    start: int
    end: int
    certainty: float  # 0 to 1
    value: str


def find(text: str) -> tuple[Identifier, ...]:
    """Give the identifiers of `text` in order of their start; none overlaps another."""
    source = _Source(text)
    found: list[Identifier] = []
    if "@" in text:
        found.extend(_emails(source))
    if _DIGITS.search(source.lower):
        for scanner in _NUMERIC:
            found.extend(scanner(source))
    found.extend(_named_houses(source))
    return _without_overlaps(found)


@Language.component("uk_identifiers", assigns=["doc._.identifiers"])
def uk_identifiers(doc: Doc) -> Doc:
    """Set `doc._.identifiers` to what `find` gives."""
    doc._.identifiers = find(text_of(doc))
    return doc


if not Doc.has_extension("identifiers"):
    Doc.set_extension("identifiers", default=())


# --- the text and its cues ---------------------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,180}+[0-9]++)*+")
_ANNOUNCES = re.compile(r"[\s\w.]{0,12}(?::|[0-9])")  # behind a cue: it belongs to what follows
_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u2060\u3000"
_PLAIN = str.maketrans(  # one code point for one, so that offsets hold
    {
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys("\u00ad\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-"),
        "\u2019": "'",
        "\u02bc": "'",
        "\uff0b": "+",
        "\uff20": "@",
    }
    | {chr(0xFF10 + n): str(n) for n in range(10)}
)
_ABBREVIATED = r"(?<!\bno)(?<!\bnos)(?<!\bref)(?<!\btel)(?<!\bmob)(?<!\bdob)(?<!\bo\.b)(?<!\bext)(?<!\bacc)(?<!\bst)"
_BREAK = re.compile(rf"[?!]\s|{_ABBREVIATED}\.\s|\n\s*\n")  # where what was announced has ended


def _phrase(words: str) -> str:
    return re.escape(words).replace(r"\ ", r"[\s-]{1,3}").replace(r"\*", r"\w*")


def _cue_pattern() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One pattern for every cue and the topic of each of its groups; by first letter, since most words begin no cue."""
    # Longer ones first, so that "council tax reduction" is not read as "council tax".
    cues = sorted(
        ((words, topic) for topic, all_words in _DATA["cues"].items() for words in all_words), key=lambda c: (c[0][0], -len(c[0]))
    )
    letters = [
        f"{letter}(?:{'|'.join(f'({_phrase(words[1:])})' for words, _ in group)})" for letter, group in groupby(cues, key=lambda c: c[0][0])
    ]
    return re.compile(rf"(?<![\w@])(?=[a-z])(?:{'|'.join(letters)})(?!\w)"), tuple(topic for _, topic in cues)


_CUE, _CUE_TOPICS = _cue_pattern()
_TOPICS = frozenset(_CUE_TOPICS)


class _Cue(NamedTuple):
    topic: str
    start: int
    end: int


class _Source:
    """A text in two forms of equal length: `plain` with one kind of space, hyphen and digit, and `lower`."""

    def __init__(self, text: str) -> None:
        self.plain = text.translate(_PLAIN)
        lower = self.plain.lower()
        # A few letters grow when lowered ("İ"); they stay as they are, or every offset behind them would shift.
        self.lower = lower if len(lower) == len(text) else "".join(low if len(low := c.lower()) == 1 else c for c in self.plain)

    @cached_property
    def _zones(self) -> list[tuple[int, int]]:
        """The stretches around digits: little of a letter lies there, and nothing with a number lies elsewhere."""
        return [(max(0, m.start() - 60), min(len(self.lower), m.end() + 120)) for m in _DIGITS.finditer(self.lower)]

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """The matches of `pattern` in `lower` near digits."""
        for start, end in self._zones:
            yield from pattern.finditer(self.lower, start, end)

    @cached_property
    def _cues(self) -> tuple[list[_Cue], list[int], list[int]]:
        cues = [_Cue(_CUE_TOPICS[m.lastindex - 1], m.start(), m.end()) for m in self.matches(_CUE) if m.lastindex]
        return cues, [c.start for c in cues], [c.end for c in cues]

    @cached_property
    def _topics(self) -> frozenset[str]:
        return frozenset(cue.topic for cue in self._cues[0])

    @cached_property
    def _breaks(self) -> list[int]:
        return [m.start() for m in self.matches(_BREAK)]

    def _broken(self, start: int, end: int) -> bool:
        index = bisect_left(self._breaks, start)
        return index < len(self._breaks) and self._breaks[index] < end

    def before(self, position: int, reach: int = 45) -> Iterator[_Cue]:
        """The cues that end within `reach` characters before `position` and in the same sentence, nearest first."""
        cues, _, ends = self._cues
        index = bisect_right(ends, position) - 1
        while index >= 0 and position - ends[index] <= reach and not self._broken(ends[index], position):
            yield cues[index]
            index -= 1

    def cued(self, topic: str, start: int, end: int | None = None, reach: int = 45) -> bool:
        """Whether `topic` is announced before `start`, or named right behind `end` ("… is her NHS number")."""
        if topic not in self._topics:
            return False
        if any(cue.topic == topic for cue in self.before(start, reach)):
            return True
        if end is None:
            return False
        cues, starts, _ = self._cues
        for cue in cues[(index := bisect_left(starts, end)) : index + 3]:
            if cue.start - end > 20 or self._broken(end, cue.start) or "\n" in self.lower[end : cue.start]:
                return False
            if cue.topic == topic:
                return not _ANNOUNCES.match(self.lower, cue.end)
        return False

    def nearest(self, position: int, topics: frozenset[str], reach: int = 45) -> _Cue | None:
        return next((cue for cue in self.before(position, reach) if cue.topic in topics), None)


def _compact(written: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", written.upper())


# --- numbers with a check digit or a structure of their own ------------------------------------------------------------------------------

_S = "[ .-]?"  # what people type between groups
_BEFORE = r"(?<![\w£$€/#@=-])(?<!\d[.,:])"
_AFTER = r"(?![\w@=]|[/-]\w|[.,:]\d)"


@dataclass(frozen=True, slots=True)
class _Shape:
    """A number that a pattern finds, and how certain it is with its cue and without (0: not at all), well-formed and not."""

    kind: Kind
    pattern: re.Pattern[str]  # on lower case
    topic: str
    valid: Callable[[str], bool] = lambda value: True
    cued: float = 0.97
    cued_invalid: float = 0.0  # a slip of the pen in a number that is announced by name is still somebody's number
    bare: Callable[[str], float] = lambda written: 0.0  # of a valid number, from how it was written

    def __call__(self, source: _Source) -> Iterator[Identifier]:
        for m in source.matches(self.pattern):
            start, end = m.span()
            value = _compact(m.group())
            valid = self.valid(value)
            certainty = self.bare(source.plain[start:end]) if valid else 0.0
            if certainty and certainty < 0.6 and source.nearest(start, _OTHER_NUMBERS):
                certainty = 0.0
            best = self.cued if valid else self.cued_invalid
            if best > certainty and source.cued(self.topic, start, end):
                certainty = best
            if certainty:
                yield Identifier(self.kind, start, end, certainty, value)


_OTHER_NUMBERS = frozenset({"phone", "reference", "public"})  # what ten or sixteen bare digits are then


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(_BEFORE + f"(?:{pattern})" + _AFTER)


_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")  # HMRC manual NIM39110
_LICENCE = re.compile(
    r"[A-Z]{1,5}9{0,4}(?<=^.{5})[0-9](?:[05][1-9]|[16][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9][A-Z][A-Z9][0-9][A-Z]{2}(?:[0-9]{2})?"
)
# DVLA memory tags (INF104): the letters that registration offices have, and the age identifiers of September 2001 up to 2029.
_PLATE = re.compile(r"(?:[A-HK-PRSVWY][A-HJ-PR-Y]|X[A-F])(?:0[2-9]|[12][0-9]|5[1-9]|[67][0-9])[A-HJ-PR-Z]{3}")
_CARD_START = re.compile(r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6011|65|64[4-9]|35(?:2[89]|[3-8])|5[0678]|6[37]")


def _is_nhs_number(value: str) -> bool:
    return bool(nhs.is_valid(value)) and len(set(value)) > 1


def _is_card(value: str) -> bool:
    sizes = {"3": (15, 16), "4": (13, 16, 19), "2": (16,), "5": (16,)}.get(value[0], range(16, 20))
    return len(value) in sizes and _CARD_START.match(value) is not None and bool(luhn.is_valid(value))


def _spaced_as_nhs(written: str) -> float:
    spaced = re.fullmatch(r"[1-9]\d\d([ -])\d{3}\1\d{4}", written)
    return 0.0 if spaced is None else 0.5 if spaced[1] == " " else 0.4  # with hyphens, Americans write their phones so


def _nino_as_written(written: str) -> float:
    letters = re.sub("[^A-Za-z]", "", written)
    return 0.95 if letters.isupper() else 0.8 if letters.islower() and len(written) in (9, 13) else 0.0


_SHAPES = (
    _Shape(
        Kind.NHS_NUMBER,
        _shape(rf"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{4}}|[0-9]{{6}}{_S}[0-9]{{4}}"),
        "nhs",
        _is_nhs_number,
        0.99,
        0.7,
        _spaced_as_nhs,
    ),
    _Shape(
        Kind.NATIONAL_INSURANCE,
        _shape(rf"[a-z]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}(?:{_S}[a-z])?"),
        "national_insurance",
        lambda value: _NINO.fullmatch(value) is not None,
        0.99,
        0.7,
        _nino_as_written,
    ),
    _Shape(Kind.UTR, _shape(r"[0-9]{5}[ -]?[0-9]{5}k?|k[0-9]{10}"), "utr", lambda value: bool(utr.is_valid(value.strip("K"))), 0.97, 0.6),
    _Shape(Kind.PASSPORT, _shape(r"[0-9]{3} ?[0-9]{3} ?[0-9]{3}|[a-z][0-9]{8}|[a-z]{2}[0-9]{7}"), "passport", cued=0.95),
    _Shape(
        Kind.DRIVING_LICENCE,
        _shape(r"(?=[a-z9]{5} ?[0-9])[a-z9]{5} ?[0-9]{6} ?[a-z9]{2} ?[0-9] ?[a-z]{2}(?: ?[0-9]{2})?"),
        "driving_licence",
        lambda value: _LICENCE.fullmatch(value) is not None,
        0.99,
        0.6,
        lambda written: 0.95 if written.isupper() else 0.85,
    ),
    _Shape(Kind.DRIVING_LICENCE, _shape(r"[0-9]{8}"), "driving_licence", cued=0.7),  # Northern Ireland
    _Shape(Kind.UPRN, _shape(r"[0-9]{6,12}"), "uprn", cued=0.97),
    _Shape(
        Kind.VEHICLE,
        _shape(r"[a-z]{2}[0-9]{2}[ -]?[a-z]{3}"),
        "vehicle",
        lambda value: _PLATE.fullmatch(value) is not None,
        0.95,
        0.0,
        lambda written: 0.7 if written.isupper() else 0.0,
    ),
    _Shape(
        Kind.CARD,
        _shape(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?:\1[0-9]{3})?|3[47][0-9]{2}([ -])[0-9]{6}\2[0-9]{5}|[0-9]{13,19}"),
        "card",
        _is_card,
        0.98,
        0.0,
        lambda written: 0.5 if written.isdigit() else 0.9,
    ),
)

_OLD_PLATE = _shape(
    r"[a-hj-npr-tv-y][0-9]{1,3} ?[a-z]{3}|[a-z]{3} ?[0-9]{1,3}[a-hj-npr-tv-y]|[a-z]{0,2}[iz][a-z]? ?[0-9]{1,4}|[a-z]{3} ?[0-9]{1,4}"
)
_NORTHERN = re.compile(r"[A-Z][IZ][A-Z]? ?[0-9]{1,4}|[A-Z]{2}[IZ] ?[0-9]{1,4}")  # Northern Ireland: an I or a Z among its letters
_PLATE_WORD = re.compile(r"(?:reg(?:istration|n)?|plates?)\b(?: ?(?:no|number|plate|mark)\b)?[\s.:,(is]{0,8}$")


def _old_plates(source: _Source) -> Iterator[Identifier]:
    """Plates of before 2001 and of Northern Ireland: too much else looks like them without a word of cars before."""
    for m in source.matches(_OLD_PLATE):
        start, end = m.span()
        named = _PLATE_WORD.search(source.lower, max(0, start - 30), start) is not None
        dated = re.match(r"[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,3}[a-z]", m.group()) is not None
        written = source.plain[start:end]
        if named and (written.isupper() or dated):
            yield Identifier(Kind.VEHICLE, start, end, 0.9, _compact(written))
        elif written.isupper() and (dated or _NORTHERN.fullmatch(written)) and source.cued("vehicle", start):
            yield Identifier(Kind.VEHICLE, start, end, 0.75, _compact(written))


_IBAN = re.compile(_BEFORE + r"[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?!\w)")


def _is_iban(written: str) -> bool:
    number = _compact(written)
    return bool(mod_97_10.is_valid(number[4:] + number[:4]) and iban.is_valid(number))  # the first is the quicker by far


def _ibans(source: _Source) -> Iterator[Identifier]:
    for m in source.matches(_IBAN):
        start, end = m.span()
        # The pattern may have taken the word behind the number for its last groups.
        while end - start >= 15 and not _is_iban(source.lower[start:end]):
            end = source.lower.rfind(" ", start, end)
        if end - start >= 15:
            yield Identifier(Kind.IBAN, start, end, 0.99, _compact(source.lower[start:end]))
        elif source.cued("iban", m.start()):
            yield Identifier(Kind.IBAN, m.start(), m.end(), 0.6, _compact(m.group()))


# --- bank accounts -----------------------------------------------------------------------------------------------------------------------

_SORT_CODE = r"(?P<sort>[0-9]{2}(?P<gap>[- ]?)[0-9]{2}(?P=gap)[0-9]{2})"
_ACCOUNT = r"(?P<account>[0-9]{8}|[0-9]{4}[ -][0-9]{4})"
_BETWEEN = r"(?:[\s,;:/.()&|-]|and|account|acc|acct|a/c|bank|number|no|num|is|the|sort|code|sortcode|s/c|my|his|her|their|with){0,14}"
_BANK_FORMS = (
    re.compile(rf"{_BEFORE}{_SORT_CODE}(?!\d){_BETWEEN}(?<!\d){_ACCOUNT}{_AFTER}"),
    re.compile(rf"{_BEFORE}{_ACCOUNT}(?!\d){_BETWEEN}(?<!\d){_SORT_CODE}{_AFTER}"),
)
_SORT_ALONE = re.compile(rf"{_BEFORE}{_SORT_CODE}{_AFTER}")
_ACCOUNT_ALONE = re.compile(rf"{_BEFORE}{_ACCOUNT}{_AFTER}")


def _bank_accounts(source: _Source) -> Iterator[Identifier]:
    """A sort code with its account number as one span; either alone only where it is announced."""
    for form in _BANK_FORMS:
        for m in source.matches(form):
            cued = source.cued("bank", m.start()) or "sort" in m.group()
            certainty = 0.98 if cued else {"-": 0.9, " ": 0.5, "": 0.0}[m["gap"]]
            if certainty:
                yield Identifier(Kind.BANK_ACCOUNT, m.start(), m.end(), certainty, f"{_compact(m['sort'])}/{_compact(m['account'])}")
    for m in source.matches(_SORT_ALONE):
        if re.search(r"(?:sort[ -]?code|s/c)[\s:.,=is]{0,8}$", source.lower[max(0, m.start() - 24) : m.start()]):
            yield Identifier(Kind.BANK_ACCOUNT, m.start(), m.end(), 0.75, f"{_compact(m['sort'])}/")
    for m in source.matches(_ACCOUNT_ALONE):
        nearest = source.nearest(m.start(), _TOPICS - {"reference"})
        if nearest and nearest.topic == "bank" and re.search(r"\b(?:account|acc|acct|a/c)\b", source.lower[nearest.start : m.start()]):
            yield Identifier(Kind.BANK_ACCOUNT, m.start(), m.end(), 0.8, f"/{_compact(m['account'])}")


# --- phones and email --------------------------------------------------------------------------------------------------------------------

_PHONE = re.compile(
    r"(?<![\w£$€/#@=.-])(?<!\d[,:])"
    r"(?:(?P<country>\+[0-9]{1,3}|00[1-9][0-9]{0,2})[ .-]{0,2}(?:\(0\)[ .-]?)?\(?[0-9]{1,12}\)?|\(?0[1-9][0-9]{1,9}\)?)"
    r"(?:[ .-]{1,3}[0-9]{2,8}|(?<=\))[0-9]{2,8}){0,5}(?![0-9])"
)
_EXTENSION = re.compile(r"[ ,]{0,2}(?:ext(?:n|ension)?|x)[ .:]{0,2}([0-9]{1,6})(?!\w)")
_RUNS_ON = re.compile(r"[\w@=]|[/-]\w|[.:,]\d")
_NAMES_NUMBER = re.compile(r"[\s:.#=-]*(?:(?:no|number|num|ref|reference|id|is|was|code|account)\b[\s:.#=-]*){0,3}")
_COUNTRIES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def _phones(source: _Source) -> Iterator[Identifier]:
    """UK and international numbers, by libphonenumber's *possible*: the ranges that Ofcom keeps for drama are never assigned, yet written.

    Only the number's pieces are ours: PhoneNumberMatcher and parse() cost some hundred times more.
    """
    position = 0
    while m := _PHONE.search(source.lower, position):
        start, end = m.span()
        position = end
        if end - start < 9:
            continue
        number = None
        while number is None and end > start:
            number = _phone_number(source.lower[start:end], international=m["country"] is not None)
            if number is None:  # perhaps the last group belongs to something else
                last = max(source.lower.rfind(c, start, end) for c in " .-)")
                end = last if last > start else start
                while end > start and not source.lower[end - 1].isdigit():
                    end -= 1
        if number is None or _RUNS_ON.match(source.lower, end):
            continue
        certainty = _phone_certainty(source, start, end, number)
        if certainty:
            start += 0 if ")" in source.lower[start:end] or source.lower[start] != "(" else 1
            value = f"+{number.country_code}{number.national_number}"
            if extension := _EXTENSION.match(source.lower, end):
                end, value = extension.end(), f"{value};ext={extension[1]}"
            position = max(end, start + 1)
            yield Identifier(Kind.PHONE, start, end, certainty, value)


def _phone_number(written: str, *, international: bool) -> phonenumbers.PhoneNumber | None:
    """The number, if it is a possible one."""
    country, digits = "44", re.sub(r"[^0-9]", "", written.replace("(0)", ""))
    if international:
        digits = digits.removeprefix("00") if written[0] == "0" else digits
        country = next((digits[:n] for n in (1, 2, 3) if digits[:n] in _COUNTRIES), "")
        digits = digits[len(country) :]
    if not country or not 7 <= len(digits) <= 14:
        return None
    if country == "44":
        digits = digits.removeprefix("0")
        if len(digits) not in (9, 10) or digits[0] not in "1235789":
            return None
    number = phonenumbers.PhoneNumber(country_code=int(country), national_number=int(digits))
    return number if phonenumbers.is_possible_number(number) else None


_NO_PHONE = frozenset(
    {
        "reference",
        "public",
        "case",
        "council_tax",
        "benefit",
        "housing",
        "nhs",
        "utr",
        "uprn",
        "passport",
        "driving_licence",
        "card",
        "iban",
        "bank",
    }
)


def _phone_certainty(source: _Source, start: int, end: int, number: phonenumbers.PhoneNumber) -> float:
    written = source.lower[start:end]
    international = written[0] == "+"
    compact = written.isdigit()
    cue = source.nearest(start, _NO_PHONE | {"phone"}, 40)
    if cue and cue.topic == "phone":
        return 0.97
    # "case 0123456789", "ref 01632 960417"; a word further away does not claim a number that is spaced as a phone.
    claimed = cue is not None and (compact or start - cue.end <= 8) and _NAMES_NUMBER.fullmatch(source.lower, cue.end, start)
    if claimed and not international:
        return 0.0
    if international:
        return 0.95
    digits = str(number.national_number)
    if compact:
        return 0.85 if digits[0] == "7" and len(digits) == 10 else 0.65 if len(digits) == 10 and digits[0] in "1238" else 0.0
    area = re.match(r"\(?(0[0-9]+)", written)
    plausible = area is not None and (3 <= len(area[1]) <= 6 or digits[0] == "7")
    return 0.9 if plausible and len(digits) == 10 else 0.6 if plausible else 0.0


_LOCAL = r"\w.!#$%'*+^`{|}~-"  # RFC 5321 atext, less / = ? &, which in mail stand for the parts of a link
_EMAIL = re.compile(rf'(?:(?<![{_LOCAL}])[{_LOCAL}]{{1,64}}+|(?<!\w)"[^"\n@]{{1,62}}")@(?P<domain>[\w-]++(?:\.[\w-]++)++)')


def _emails(source: _Source) -> Iterator[Identifier]:
    for m in _EMAIL.finditer(source.lower):
        local = m.group()[: -len(m["domain"]) - 1]
        start = m.start() + len(local) - len(local.lstrip(".'*|#`!$%^{}~_"))
        end = m.end() - (len(m["domain"]) - len(m["domain"].rstrip("_-")))
        last = source.lower[m.start("domain") : end].rpartition(".")[2]
        # Content ids and message ids end in numbers; a top-level domain does not (RFC 3696 section 2).
        if (
            start < m.start("domain") - 1
            and len(last) >= 2
            and (last.isalpha() or last.startswith("xn--"))
            and source.lower[start - 2 : start] != "//"
        ):
            yield Identifier(Kind.EMAIL, start, end, 0.99, source.lower[start:end])


# --- postcodes and addresses -------------------------------------------------------------------------------------------------------------

_AREAS = frozenset(_DATA["postcodes"]["areas"].lower().split())
# Royal Mail PAF programmer's guide: third and fourth positions, and no c, i, k, m, o, v in the inward part.
_POSTCODE_FORM = r"(?P<area>[a-pr-uwyz][a-hk-y]?)[0-9][0-9a-hjkmnp-y]? {0,2}[0-9][abd-hjlnp-uw-z]{2}"
_POSTCODE = re.compile(rf"(?<![\w£$€/#@=.-]){_POSTCODE_FORM}(?![\w@=]|[/-]\w)")


def _postcodes(source: _Source) -> Iterator[Identifier]:
    for m in source.matches(_POSTCODE):
        written = source.plain[m.start() : m.end()]
        known, spaced = m["area"] in _AREAS, " " in written
        outward, inward = written[:-3].strip(), written[-3:]
        if written.isupper():
            # An area that does not exist is a slip or an invented place; without its space it is more likely a code of something.
            certainty = (0.95 if spaced else 0.75) if known else 0.65 if spaced else 0.0
        elif re.search(r"(?:st|nd|rd|th)$", inward) or not (outward[0].isupper() or written.islower()):
            certainty = 0.0  # "in A1 2nd": an ordinal
        else:
            certainty = (0.75 if known else 0.55) if spaced else 0.4 if known and len(written) > 5 else 0.0
        if certainty:
            yield Identifier(Kind.POSTCODE, m.start(), m.end(), certainty, f"{outward} {inward}".upper())


_STREETS = _DATA["streets"]
_SURE, _LOOSE = frozenset(_STREETS["sure"]), frozenset(_STREETS["loose"])
_COUNTED, _NEVER, _ORDERED = (frozenset(_STREETS[key]) for key in ("counted", "never", "ordered"))
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_TYPE = "(?:" + "|".join(sorted(_SURE | _LOOSE, key=len, reverse=True)) + r")(?!\w|'[^s])"
_WORD = r"[^\W\d_][\w'-]*\.?"
_BLOCK = r"(?:[a-z'-]+ ){1,3}(?:house|court|lodge|buildings?|towers?|point|mansions|heights|place|view)(?!\w)"
_INSIDE = (
    r"(?:(?:flat|apartment|apt|unit|room|plot|studio|maisonette|floor)\.? {1,2}[0-9]{0,4}[a-z]?(?:[/-][0-9a-z]{1,3})?,? ?\s?"
    rf"(?:{_BLOCK}[,\s]{{1,2}})?)?"
)
_HOUSE = r"(?P<house>[0-9]{1,4}(?:[a-z](?![\w'])| [a-d](?=,? [a-z]))?(?: ?[/-] ?[0-9]{1,4}[a-z]?(?![\w]))?)"
_ADDRESS = re.compile(
    rf"(?<![\w£$€#@=./-])(?<!\d[,:])(?P<flat>{_INSIDE}){_HOUSE},?[ \n](?:"
    rf"(?P<typed>(?:{_WORD} ){{1,4}}?{_TYPE}(?: {_TYPE}){{0,2}}(?: (?:north|south|east|west)(?!\w))?)"
    rf"|(?P<the>the (?:{_TYPE}|[a-z]+s)(?!\w))"
    rf"|(?P<first>(?:{'|'.join(_STREETS['first'])})(?: (?:yr?|{_WORD})){{1,3}})"
    rf")"
)
_FLAT_ONLY = re.compile(
    rf"(?<!\w)(?:flat|apartment|apt)\.? {{1,2}}(?:no\.? ?)?[0-9]{{1,3}}[a-z]?(?:/[0-9]{{1,2}})?,? {{1,2}}(?P<name>{_BLOCK})"
)
_LOCALITY = re.compile(rf"(?:,?[ \n]{{1,3}}(?!(?:is|was|has|and|for|the|to)\b)[a-z][\w'-]*){{0,6}}[,.]?[ \n]{{1,3}}{_POSTCODE_FORM}(?!\w)")
_NEXT_WORDS = re.compile(r" ([\w']+)(?: ([\w']+))?")
_CAPITAL_NEXT = re.compile(r" [A-Z][a-z]")
_HOME = re.compile(
    r"(?<!\w)(?:(?P<home>(?:lives?|lived|living|resid(?:es?|ing)|stays?|staying|moved|housed|home)"
    r"(?: (?:now|back|still|alone|there|is|was))?(?: (?:at|to|in|is)|:)|(?:address|addr)(?: (?:is|was|of|at))?:?"
    r"|(?:we are|we're|i am|i'm|she is|she's|he is|he's|they are)(?: (?:now|back|still))? at)"
    r"|(?P<of>of)|(?P<at>at)|(?P<name>(?:mr|mrs|ms|miss|mx) [a-z'-]+(?: [a-z'-]+)?(?:,| \()))"
    r"(?:[ \n]{1,2}|(?<=\())(?P<no>no\.? ?|number |nos\.? )?(?=[0-9])"
)
_SOMEBODY = re.compile(r"(?:[A-Z][\w'-]+,?|\b(?:tenant|occupier|resident|owner|householder|family)s?,?) $")
_UNTYPED = re.compile(
    r"(?P<house>[0-9]{1,4}[a-z]?(?: ?[/-] ?[0-9]{1,3}[a-z]?)?),? (?P<name>(?:the )?[^\W\d_][\w'-]+(?: [A-Z][\w'-]+){0,2})", re.IGNORECASE
)


def _addresses(source: _Source) -> Iterator[Identifier]:
    """A house number with a street: by the street's type, or after words that say that somebody lives there."""
    for m in source.matches(_ADDRESS):
        street = m.lastgroup or ""
        certainty = _street_certainty(source, m, street)
        if certainty:
            yield _with_postcode(source, m.start(), m.end(), certainty)
    for m in source.matches(_FLAT_ONLY):
        if source.plain[m.start("name")].isupper() and not set(m["name"].split()) & _NEVER:
            yield _with_postcode(source, m.start(), m.end(), 0.85)
    for m in source.matches(_HOME):
        if (address := _UNTYPED.match(source.plain, m.end())) and (found := _untyped(source, m, address)):
            yield found


def _street_certainty(source: _Source, m: re.Match[str], group: str) -> float:
    house, start, end = m["house"], m.start("house"), m.end()
    words = m[group].split()
    written = source.plain[m.start(group) : end].split()
    previous = _previous_word(source.lower, m.start())
    home = _home_before(source, m.start())
    postcode = _LOCALITY.match(source.lower, end) is not None
    strong = home or postcode or bool(m["flat"])
    if (
        _counts_something(source, end, previous)
        or (not home and previous in _ORDERED)
        or (house.isdigit() and 1900 <= int(house) <= 2099 and not strong)
    ):
        return 0.0
    name = words[:-1] if group == "typed" else words[1:]
    capital = all(w[0].isupper() or w in ("the", "of", "and", "on", "y", "yr") for w in written[: len(name)]) and written[0][0].isupper()
    if name and name[0] in _MONTHS and not strong:
        return 0.0
    alone = start == 0 or source.lower[start - 1] == "\n"  # a line that begins with the number may be a heading or a row of a table
    if "\n" in source.lower[m.end("house") : m.start(group)] and (alone or group != "typed") and not strong:
        return 0.0
    if group == "the":
        typed = words[-1] in _SURE or words[-1] in _LOOSE
        if words[-1] in _COUNTED or not written[-1][0].isupper() or (alone and not typed and not strong):
            return 0.0
        return 0.9 if strong else 0.7 if written[0][0].isupper() else 0.0
    if group == "first":
        return 0.85 if written[0][0].isupper() and written[-1][0].isupper() else 0.0
    sure = words[-1] in _SURE or (len(words) > 2 and words[-1] in ("north", "south", "east", "west"))
    if capital and not (set(name[1:]) & _NEVER) and name[0] not in _NEVER - {"new", "old", "first", "second", "main"}:
        titled = written[-1][0].isupper()
        if strong:
            return 0.95
        if sure:
            return 0.9 if titled else 0.65
        return 0.0 if not titled or _CAPITAL_NEXT.match(source.plain, end) else 0.75
    # Typed in a hurry: every word must be able to be a name, since "2 way street" and "3 doors down the road" are none.
    if any(w in _NEVER or w in _COUNTED or w in _SURE - {"st"} for w in name) or len(name) > 2 or (start != m.start() > 0 and not strong):
        return 0.0
    return 0.85 if strong else 0.6 if sure and (len(name) == 1 or "".join(written).islower()) else 0.0


def _previous_word(lower: str, position: int) -> str:
    m = re.search(r"([\w']+)[ \n(\"']{1,2}$", lower[max(0, position - 24) : position])
    return m[1] if m else ""


def _home_before(source: _Source, position: int) -> bool:
    window = source.lower[max(0, position - 40) : position]
    return any(m["home"] and len(window) - m.end() <= 3 for m in re.finditer(_HOME_LOOSE, window))


_HOME_LOOSE = re.compile(
    r"(?<!\w)(?P<home>(?:lives?|lived|living|resid\w+|stays?|staying|moved|housed|home|address|addr|visit(?:ed)?|call(?:ed)? on"
    r"|tenant|occupier|house|flat)(?: (?:is|was|now|back|still|alone|there))?(?: (?:at|to|of|in)|:| is)?(?: no\.?| number)?)"
    r"(?=[\s:]*$|[\s:])"
)


def _counts_something(source: _Source, end: int, previous: str) -> bool:
    m = _NEXT_WORDS.match(source.lower, end)
    if not m:
        return False
    if m[1] in _COUNTED or (m[2] in _COUNTED and m[1] not in _NEVER and not m[1].endswith("s")):
        return True
    return (
        previous in ("the", "these", "those", "all", "about", "nearly", "other", "our", "were", "are")
        and re.fullmatch(r"[a-z]{3,}[^s]s", m[1]) is not None
    )


def _untyped(source: _Source, cue: re.Match[str], m: re.Match[str]) -> Identifier | None:
    """An address whose street has no type ("41 Beckside"), from the words before it."""
    words = m["name"].split()
    words = words[: next((n for n, w in enumerate(words) if n and not w[0].isupper() and words[0].lower() != "the"), len(words))]
    lowered = [w.lower() for w in words]
    capital = words[0][0].isupper() and not words[0].isupper() if lowered[0] != "the" else len(words) > 1  # "72 MW" is a quantity
    if lowered == ["the"] or not (_NEVER | _COUNTED | set(_MONTHS)).isdisjoint(lowered):
        return None
    end = m.start("name") + sum(map(len, words)) + len(words) - 1
    number = int(re.match(r"\d+", m["house"])[0])
    if cue["home"]:
        certainty = 0.85 if capital else 0.55 if number > 1 else 0.0
    elif not capital:
        certainty = 0.0
    elif cue["of"]:
        somebody = _SOMEBODY.search(source.plain[max(0, cue.start() - 30) : cue.start()]) is not None
        certainty = 0.7 if somebody and (lowered[0] == "the" or not lowered[-1].endswith("s")) else 0.0
    elif cue["name"]:
        certainty = 0.65
    else:
        # "at 7 Thursday", "at 10 Cabinet meets": a small number may be the time.
        certainty = 0.7 if cue["no"] or lowered[0] == "the" else 0.55 if number > 12 else 0.4
    if not certainty or _counts_something(source, end, ""):
        return None
    return _with_postcode(source, m.start(), end, certainty)


_HOUSE_NAMES = "|".join(w.title() for w in _STREETS["houses"])
_TITLED_TYPE = "|".join(w.title() for w in sorted(_SURE | _LOOSE))
_TITLED = r"[A-Z][\w'-]+ "
_NAMED_HOUSE = re.compile(
    rf"(?<![\w'])(?P<name>{_TITLED}(?:{_TITLED})?(?:{_HOUSE_NAMES})),[ \n](?:{_TITLED}){{1,3}}(?:{_TITLED_TYPE})(?!\w)"
)


def _named_houses(source: _Source) -> Iterator[Identifier]:
    """ "Rose Cottage, Mill Lane": a house that has a name for a number."""
    for m in _NAMED_HOUSE.finditer(source.plain):
        private = m["name"].rpartition(" ")[2] in ("Cottage", "Farm", "Lodge", "Barn", "Bungalow", "Villa", "Farmhouse", "Croft")
        certainty = 0.9 if _home_before(source, m.start()) else 0.6 if private else 0.4
        yield _with_postcode(source, m.start(), m.end(), certainty)


def _with_postcode(source: _Source, start: int, end: int, certainty: float) -> Identifier:
    if m := _LOCALITY.match(source.lower, end):
        end, certainty = m.end(), max(certainty, 0.9)
    value = re.sub(r"[\s,]+", " ", source.lower[start:end]).strip()
    return Identifier(Kind.STREET_ADDRESS, start, end, certainty, value)


# --- dates of birth ----------------------------------------------------------------------------------------------------------------------

_MONTH = r"(?P<{0}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{{0,6}}\.?"
_DATE = re.compile(
    r"(?<![\w.,/-])(?:(?P<y1>[12][0-9]{3})-(?P<m1>[0-9]{2})-(?P<d1>[0-9]{2})"
    r"|(?P<d2>[0-9]{1,2}) ?(?P<sep>[./-]) ?(?P<m2>[0-9]{1,2}) ?(?P=sep) ?(?P<y2>(?:1[89]|20)?[0-9]{2})"
    rf"|(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?[ .-](?:of )?{_MONTH.format('m3')},?[ -](?P<y3>(?:1[89]|20)?[0-9]{{2}})"
    rf"|{_MONTH.format('m4')} (?P<d4>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>(?:1[89]|20)[0-9]{{2}}))(?![\w/]|[.-]\d)"
)


def _births(source: _Source) -> Iterator[Identifier]:
    """A date with its year that is said to be somebody's birth: any other date is a meeting's."""
    for m in source.matches(_DATE):
        if not source.cued("birth", m.start(), m.end(), 30):
            continue
        n = next(n for n in "1234" if m[f"d{n}"])
        day, month, year = int(m[f"d{n}"]), m[f"m{n}"], int(m[f"y{n}"])
        month_number = int(month) if month.isdigit() else next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(month))
        year += 0 if year > 99 else 1900 if year >= 30 else 2000
        try:
            value = date(year, month_number, day).isoformat()
        except ValueError:
            continue
        yield Identifier(Kind.DATE_OF_BIRTH, m.start(), m.end(), 0.95, value)


# --- references to a person's affairs ----------------------------------------------------------------------------------------------------

_NEUTRAL = frozenset({"reference", "vehicle", "birth"})  # words that may stand between a topic and its number
_PREFIXES = _DATA["prefixes"]
_AFFAIRS = {
    "council_tax": (Kind.COUNCIL_TAX, 0.9),
    "benefit": (Kind.BENEFIT, 0.9),
    "housing": (Kind.HOUSING, 0.85),
    "case": (Kind.CASE_REFERENCE, 0.6),
}
_REFERENCE = re.compile(
    r"(?<![\w£$€.,:@=/-])(?<!\d )(?:[a-z]{1,6}[0-9]?[/-]|[a-z]{1,4} ?)?"
    r"(?P<rest>[0-9][0-9a-z]{0,15}(?:[/-][0-9a-z]{1,12}){0,3}(?: [0-9]{2,6}(?![\w.,/-])){0,3})(?![\w@=%]|[.,:]\d|/\w|-\w| ?%)"
)
_NOUN = re.compile(r"\b(?:account|acct|acc|a/c|ref|refs|reference|no|nos|number|num|nr|claim|id|application|tenancy|is)\b|[#:]")
_IN_CASE = re.compile(r"\b(?:in|this|that|any|which|each|just)\s+$")
_PLANNING = re.compile(
    r"[a-z/]*[0-9]{2,4}/[0-9]{3,6}/[a-z]{2,5}[0-9]?|(?:app|en|enf)/\w.*|[0-9]{1,4}/[0-9]{2,4}|(?:19|20)[0-9]{2}(?:[/-](?:19|20)?[0-9]{2})?|[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2,4}"
)


def _references(source: _Source) -> Iterator[Identifier]:
    """A number that a council keeps a person's affairs under, by the nearest word that says which."""
    for m in source.matches(_REFERENCE):
        start, end = m.span()
        prefix = source.plain[start : m.start("rest")]
        if prefix.endswith(" ") and (len(prefix) < 3 or not prefix.isupper() or prefix in ("NO ", "REF ")):
            start, prefix = m.start("rest"), ""  # a word of the sentence
        value = source.lower[start:end]
        digits = sum(map(str.isdigit, value))
        if digits < (4 if prefix else 5) or _PLANNING.fullmatch(value):
            continue
        cue = next((c for c in source.before(start) if c.topic not in _NEUTRAL), None)
        topic = cue.topic if cue else ""
        if cue is None and (cue := source.nearest(start, _NEUTRAL, 15)):
            topic = _PREFIXES.get(prefix.strip(" /-").lower(), "")  # "claim no. HB2231907", "ref CT/7004182"
        if cue is None or topic not in _AFFAIRS:
            continue
        kind, certainty = _AFFAIRS[topic]
        public = any(c.topic == "public" for c in source.before(cue.start, 25))  # a planning enforcement case, an FOI case
        if kind is Kind.CASE_REFERENCE and (public or _IN_CASE.search(source.lower, max(0, cue.start - 8), cue.start)):
            continue
        if not _NOUN.search(source.lower, cue.start, start):
            # "case ASB-20931" stands close together; "in this case 20000 people" has no letters and few digits.
            if start - cue.end > (20 if prefix else 3) or not (prefix or digits >= 6):
                continue
            certainty -= 0.1
        yield Identifier(kind, start, end, certainty, value.upper().replace(" ", ""))


# --- one answer ----------------------------------------------------------------------------------------------------------------------

_NUMERIC: tuple[Callable[[_Source], Iterable[Identifier]], ...] = (
    *_SHAPES,
    _old_plates,
    _ibans,
    _bank_accounts,
    _phones,
    _postcodes,
    _addresses,
    _births,
    _references,
)


def _without_overlaps(found: list[Identifier]) -> tuple[Identifier, ...]:
    """Of identifiers that share characters, the address that holds a postcode, else the more certain, else the longer."""
    found.sort(key=lambda i: (i.start, -i.end))
    kept: list[Identifier] = []
    for candidate in found:
        while kept and candidate.start < kept[-1].end:
            if _weight(candidate) <= _weight(kept[-1]):
                break
            kept.pop()
        else:
            kept.append(candidate)
    return tuple(kept)


def _weight(identifier: Identifier) -> tuple[bool, float, int]:
    return identifier.kind is Kind.STREET_ADDRESS, identifier.certainty, identifier.end - identifier.start
