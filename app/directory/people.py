"""The directory as the service uses it: an immutable snapshot that resolves drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nlp.draft import Draft, Party, Role, Roster

from . import csv_file, roles
from .csv_file import Entry, bare

EXAMPLE = Path(__file__).with_name("example.csv")  # an invented council, in force where no directory is named


@dataclass(frozen=True, eq=False)
class Directory:
    """Who is who to a council. Immutable, safe to share between threads.

    `roster`: the council's people and own mail domains. Private individuals of the file are not in it, as their names
    stay private, and lists are no people.
    """

    roster: Roster = field(default_factory=Roster)
    _known: Mapping[str, Party] = field(default_factory=dict)  # by address and alias
    _named: Mapping[str, Party] = field(default_factory=dict)  # by name, where only one bears it
    _domains: Mapping[str, Party] = field(default_factory=dict)
    _around: roles.Surroundings = field(default_factory=roles.Surroundings)

    @classmethod
    def from_csv(cls, path: Path | str, council_domains: Iterable[str] = ()) -> Directory:
        """Read a directory file; `council_domains` are the council's own besides those that its officers' addresses show.

        Raises `DirectoryError` with every fault and its line, and `OSError` where the file cannot be opened.
        """
        return cls.of(csv_file.read(Path(path)), council_domains)

    @classmethod
    def of(cls, entries: Iterable[Entry], council_domains: Iterable[str] = ()) -> Directory:
        """The directory that holds these entries, which must be free of faults."""
        entries = list(entries)
        domains = {e.key[1:]: Party(e.address, e.name, e.role, e.post) for e in entries if e.is_domain}
        rows = [e for e in entries if not e.is_domain]
        owner = {address.lower(): e.key for e in rows for address in (e.address, *e.aliases)}
        persons = {e.key: _party(e, owner) for e in rows if e.role is not Role.LIST}
        lists = {e.key: replace(_party(e, owner), members=members) for e, members in _expanded(rows, owner, persons)}
        everybody = persons | lists

        own = roles.own_domains(p.domain for p in persons.values() if p.role is Role.OFFICER)
        own |= {domain for domain, row in domains.items() if row.role.inside}
        own |= {bare(domain).lower().removeprefix("@") for domain in council_domains}

        bearers: defaultdict[str, list[Party]] = defaultdict(list)
        for party in everybody.values():
            bearers[_folded(party.name)].append(party)
        return cls(
            roster=Roster(tuple(p for p in persons.values() if p.role is not Role.CONSTITUENT), frozenset(own)),
            _known={address: everybody[key] for address, key in owner.items()},
            _named={name: same[0] for name, same in bearers.items() if name and len(same) == 1},
            _domains=domains,
            _around=roles.Surroundings(frozenset(own), roles.neighbours(persons.values())),
        )

    def find(self, address: str, name: str = "") -> Party | None:
        """The person or list with this address or alias (`a.khan+anything@` is `a.khan@`), as the directory has it.

        Where Exchange has left no Internet address, but an X.500 name or nothing at all, it is whoever alone bears the name.
        """
        key = bare(address).lower()
        local, at, domain = key.rpartition("@")
        if not at:
            return self._named.get(_folded(name or key))
        return self._known.get(key) or self._known.get(f"{local.partition('+')[0]}@{domain}")

    def resolve(self, draft: Draft) -> Draft:
        """The draft with a role for every party, lists expanded, and this roster.

        Addresses stay as they were written; names are the directory's.

        A row of the directory overrules the row of a domain, that one the role that came with the request, and that one inference.
        """
        parties = {party: self._by_row(party) for party in (draft.sender, *draft.recipients)}
        unknown = [p for p in parties.values() if p.role is Role.UNKNOWN]
        organisations = roles.organisations(unknown)

        def role_of(party: Party) -> Party:
            found = parties[party]
            if found.role is not Role.UNKNOWN:
                return found
            return replace(found, role=roles.infer(found.name or found.address, found.identity, self._around, organisations))

        return draft.resolved(role_of, self.roster)

    def _by_row(self, party: Party) -> Party:
        """The party as the directory's rows know it, else with its own role and its bare address for identity."""
        if known := self.find(party.address, party.name):
            # a mail's "Isaac" is the directory's Cllr Isaac Osei
            return replace(known, address=party.address, name=known.name or party.name)
        identity = bare(party.address).lower()
        for domain in roles.within(roles.domain_of(identity)):
            if row := self._domains.get(domain):
                return replace(party, role=row.role, post=party.post or row.post, identity=identity)
        return replace(party, identity=identity)


def _party(entry: Entry, owner: Mapping[str, str]) -> Party:
    return Party(
        address=entry.address,
        name=entry.name,
        role=entry.role,
        post=entry.post,
        grade=entry.grade,
        ward=entry.ward,
        party=entry.party,
        manager=owner.get(entry.manager.lower(), ""),
    )


def _expanded(rows: list[Entry], owner: Mapping[str, str], persons: Mapping[str, Party]) -> Iterable[tuple[Entry, tuple[Party, ...]]]:
    """Each list with everybody whom it reaches through whatever lists, each person once, in the order of the file."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        for target in row.member_of:
            inside[owner[target.lower()]].append(row.key)
    order = {key: number for number, key in enumerate(persons)}
    for row in rows:
        if row.role is Role.LIST:
            reached, waiting = {row.key}, [row.key]
            while waiting:
                new = [key for key in inside[waiting.pop()] if key not in reached]
                reached.update(new)
                waiting += new
            yield row, tuple(persons[key] for key in sorted(reached & order.keys(), key=order.__getitem__))


def _folded(name: str) -> str:
    return " ".join(name[:500].casefold().split())
