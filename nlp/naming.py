"""How people are named in letters: which words mean somebody of the directory, and where a text says that somebody has a copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from nlp.draft import Party, Role, Roster
from nlp.language.people import PersonName, parse_name
from nlp.reading import Reading
from nlp.words import words

TOLD, NOT_TOLD = words("copies", "told"), words("copies", "not_told")
PRONOUN = re.compile(r"\b(?:him|her|them|both)\b", re.I)
PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:b?cc\b|copy|copied))", re.I)
STOP = re.compile(r"(?<=[.!?])(?<!\b\w\.)(?<!cllr\.)(?<!mrs\.)(?<!\b[md][rs]\.)\s+", re.I)  # ends a sentence, unless "Cllr. I. Osei"
ENOUGH = 20_000


@lru_cache(maxsize=4096)
def name_of(party_name: str, address: str) -> PersonName:
    """A person's name as its parts; from the address ("a.khan@…") where no display name is known."""
    return parse_name(party_name or address.rpartition("@")[0])


@lru_cache(maxsize=4096)
def _named(name: str, address: str, post: str, is_list: bool) -> re.Pattern[str]:
    if is_list:
        # a list is named by the words of its display name before any bracket, or by its local part
        said = re.sub(r"\s*\(.*", "", name).strip()
        words = [re.escape(said)] if said else []
        words.append(r"[ .\-]?".join(map(re.escape, re.split(r"[.\-_]", address.rpartition("@")[0]))))
        return re.compile(rf"\b(?:{'|'.join(w for w in words if w)})\b", re.I)
    person = name_of(name, address)
    words = [re.escape(w) for w in (person.family, person.given, address) if len(w) > 1]
    head = re.split(r"\s*[,;(]| of | for | and ", post)[0].strip()
    if head.lower() in {"mayor", "leader", "chair", "deputy leader", "deputy mayor", "chief executive", "monitoring officer"}:
        words.append(rf"the {head}")
    return re.compile(rf"(?<!\w)(?:{'|'.join(words) or '(?!)'})(?!\w)", re.I)


def names(text: str, party: Party) -> bool:
    """Whether a text names this person (family name, given name, address or a singular post such as the Leader) or list."""
    return _named(party.name, party.address, party.post, party.is_list).search(text) is not None


def copy_sentences(reading: Reading) -> list[str]:
    """What the author writes of copies of this letter: each sentence that says somebody has, or is given, one.

    Where it says "her" or "them" the sentence before it in the paragraph comes with it. No letter speaks of its copies at length, so
    after `ENOUGH` characters nothing more is looked for.
    """
    found: dict[str, None] = {}
    left = ENOUGH
    for paragraph in PARAGRAPH.split(reading.signed):
        before = ""
        for sentence in STOP.split(paragraph.strip()):
            if TOLD.search(sentence) and not NOT_TOLD.search(sentence) and "?" not in sentence:
                found[f"{before} {sentence}" if PRONOUN.search(sentence) else sentence] = None
                left -= len(sentence)
                if left < 0:
                    return list(found)
            before = sentence
    return list(found)


def discloses(sentences: Iterable[str], party: Party, hidden: Sequence[Party]) -> bool:
    """Whether these sentences of copies name this person or list; for a list, naming all `hidden` in it will do."""
    return any(
        names(sentence, party) or (party.is_list and bool(hidden) and all(names(sentence, p) for p in hidden)) for sentence in sentences
    )


def foot_line(party: Party) -> str:
    """The line that tells of a copy, as Pitstone 5 P1 puts it at the foot of a letter."""
    person = name_of(party.name, party.address)
    known = " ".join(w for w in (person.given, person.family) if w)
    if party.is_list:
        return f"CC {party.name.partition('(')[0].strip() or party.address}"
    return f"CC {'Councillor ' if known and party.role is Role.MEMBER else ''}{known or party.address}"


@lru_cache(maxsize=8)
def _index(roster: Roster) -> dict[str, tuple[Party, ...]]:
    found: dict[str, list[Party]] = {}
    for party in roster.people:
        if party.is_list:
            continue
        person = name_of(party.name, party.address)
        for word in {person.given.lower(), person.family.lower()} - {""}:
            found.setdefault(word, []).append(party)
    return {word: tuple(parties) for word, parties in found.items()}


def people_named(reading: Reading, start: int, end: int) -> list[Party]:
    """The council's people whom these words name. A given name that several share means the one who takes part in the letter, if any."""
    index = _index(reading.draft.roster)
    said = reading.said[start:end]
    found: dict[str, Party] = {}
    for match in re.finditer(r"[^\W\d_][\w'’-]*", said):
        word = re.sub(r"['’]s$", "", match[0])
        if not word[0].isupper():
            continue
        meant = index.get(word.lower(), ())
        if len(meant) > 1:
            fuller = [p for p in meant if all(w in said for w in (name_of(p.name, p.address).given, name_of(p.name, p.address).family))]
            meant = tuple(fuller or [p for p in meant if p.identity in reading.taking_part])
        elif meant and _somebody_else(said, match, meant[0]):
            continue
        for party in meant:
            found[party.identity] = party
    return list(found.values())


def _somebody_else(said: str, match: re.Match[str], party: Party) -> bool:
    """ "Mark Ryland" is not the council's Mark Sugden, and Elin Road is no person."""
    person = name_of(party.name, party.address)
    after = re.match(r"['’]?s?\s+([A-Z][\w'’-]+)", said[match.end() :])
    before = re.search(r"([A-Z][\w'’-]+)\s+$", said[: match.start()])
    if match[0].lower() == person.given.lower() and after and not after[0].startswith(("'", "’")):
        return after[1].lower() != person.family.lower()
    if match[0].lower() == person.family.lower() and before and person.given:
        known = {person.given.lower(), "cllr", "councillor", "mr", "mrs", "ms", "miss", "dr", "mx", "dear", "your", "officer", "clerk"}
        return before[1].lower() not in known and before[1].lower()[0] != person.given.lower()[0]
    return False


def writing_together(reading: Reading, people: Iterable[Party]) -> bool:
    """Whether one of these people has already written to all the others on this thread, so that they know each other's addresses."""
    wanted = {p.address.lower() for p in people}
    threads = reading.text.messages if wanted else ()
    return any(wanted <= quoted.addresses and quoted.sender.address.lower() in wanted for quoted in threads)
