"""Who somebody is whom no row of the directory names: careful guesses from display name and address alone.

Nobody is taken for a councillor without a reason, and a person of whom nothing is known is a private individual.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from nlp.draft import Party, Role

_LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4; what is longer is no domain and not looked into
_LONGEST_NAME = 200

_councillor = re.compile(r"\W*(?:([^\W\d_][\w'’-]*),\s*)?(?:cllr|councillor)\b(?!['’])\.?\s*([^\W\d_][\w.-]*)(['’]s\b)?", re.I)
_councillor_behind = re.compile(r"\(\s*(?:cllr|councillor)\.?\s*\)\s*\Z", re.I)
_mp = re.compile(r"(?<!\w)MP\W{0,3}\Z")
_public_ending = re.compile(r"[a-z]{2,3}(?:\.[a-z]{2,3})?")


@dataclass(frozen=True)
class Surroundings:
    """What a directory tells about addresses that it does not hold.

    `own`: the council's own mail domains. `neighbours`: domains of organisations whose people, as far as the directory knows
    any, all have this role.
    """

    own: frozenset[str] = frozenset()
    neighbours: Mapping[str, Role] = field(default_factory=dict)


def domain_of(address: str) -> str:
    """The domain of an address in lower case; "" where it has none."""
    _, at, domain = address.rpartition("@")
    return domain.lower() if at and len(domain) <= _LONGEST_DOMAIN else ""


def within(domain: str) -> Iterator[str]:
    """The domain and every domain that it lies in, the longest first."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def is_public(domain: str) -> bool:
    """Whether anybody may have a mailbox there, so that two people of this domain have nothing in common."""
    public = _places()["public"]
    if _lies_in(domain, ("gov.uk",)):
        return False
    labels = domain.split(".")
    return (
        _lies_in(domain, public["domains"])
        or (labels[0] in public["names"] and _public_ending.fullmatch(".".join(labels[1:])) is not None)
        or any(part in label for label in labels[:-1] for part in public["parts"])
    )


def is_councillor(name: str) -> bool:
    """Whether a display name says that its bearer is a councillor: "Cllr Jo Rowe", "Rowe, Cllr Jo", "Jo Rowe (Cllr)"."""
    if _councillor_behind.search(name[-_LONGEST_NAME:]):
        return True
    said = _councillor.match(name[:_LONGEST_NAME])
    no_names = _places()["councillor"]["no_names"]
    return said is not None and not said[3] and not any(word and word.lower().strip(".") in no_names for word in said.group(1, 2))


def infer(name: str, address: str, around: Surroundings, organisations: frozenset[str] = frozenset()) -> Role:
    """The role of somebody whom neither the directory nor the request gives one.

    `address` is bare and in lower case. `organisations` are domains at which several unrelated people take part in the draft.
    """
    local, domain = address.rpartition("@")[0].partition("+")[0], domain_of(address)
    places = _places()
    if _lies_in(domain, around.own) or address.startswith("/o="):  # an X.500 name: somebody in the same Exchange as the sender
        return Role.MEMBER if is_councillor(name) else Role.OFFICER
    if neighbour := next((around.neighbours[d] for d in within(domain) if d in around.neighbours), None):
        return neighbour
    if _is_parish(local, domain):
        return Role.PARISH
    if _lies_in(domain, places["domains"]["government"]):
        return Role.GOVERNMENT
    if is_councillor(name):
        return Role.MEMBER
    if _mp.search(name[-_LONGEST_NAME:]):
        return Role.GOVERNMENT
    mailbox = re.sub(r"[\W\d_]", "", local[:64])
    for role in (Role.EXTERNAL, Role.PRESS):
        if _lies_in(domain, places["domains"][role]):
            return role
    for role in (Role.EXTERNAL, Role.PRESS):
        if domain and mailbox in places["mailboxes"][role]:
            return role
    return Role.EXTERNAL if domain in organisations else Role.CONSTITUENT


def organisations(people: Iterable[Party]) -> frozenset[str]:
    """The domains, no public mail providers, at which people of different surnames are: a family is no organisation."""
    at: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for person in people:
        domain = domain_of(person.identity)
        if domain and not is_public(domain):
            at[domain][person.identity] = _surname(person) or person.identity
    return frozenset(domain for domain, surnames in at.items() if len(set(surnames.values())) > 1)


def own_domains(officers: Iterable[str]) -> frozenset[str]:
    """The council's own domains, by the domains of its officers' addresses (one for each officer).

    A domain that one officer alone holds (a clerk's private one, a partner's) does not count where more share another,
    unless it is under gov.uk; a public mail provider never does.
    """
    held: defaultdict[str, int] = defaultdict(int)
    for domain in officers:
        held[domain] += 1
    most = max(held.values(), default=0)
    shared = {domain for domain, count in held.items() if (count > 1 or count == most) and not is_public(domain)}
    return frozenset(shared | {domain for domain in held if _lies_in(domain, ("gov.uk",))})


def neighbours(people: Iterable[Party]) -> dict[str, Role]:
    """The domains of organisations that the directory knows by their people, with the role that all of these have."""
    outside = {Role.PARISH, Role.PRESS, Role.CONTRACTOR, Role.GOVERNMENT, Role.EXTERNAL}
    roles: defaultdict[str, set[Role]] = defaultdict(set)
    for person in people:
        roles[domain_of(person.identity)].add(person.role)
    return {domain: next(iter(found)) for domain, found in roles.items() if len(found) == 1 and found <= outside and not is_public(domain)}


def _is_parish(local: str, domain: str) -> bool:
    parish = _places()["parish"]
    if local.startswith("clerk") and "parish" in domain:
        return True
    if any(fnmatchcase(domain, shape) for shape in parish["shapes"]):
        return True
    address = re.sub(r"[._-]", "", f"{local[:64]}@{domain}")
    return any(word in address for word in parish["words"])


def _lies_in(domain: str, domains: Iterable[str]) -> bool:
    return any(one in domains for one in within(domain))


def _surname(person: Party) -> str:
    """ "Rowe" of "Jo Rowe", "Rowe, Jo" and jo.rowe@; "" where nothing tells it."""
    name = re.sub(r"\(.*", "", person.name[:_LONGEST_NAME])
    if name.strip() and "@" not in name:
        before, comma, _ = name.partition(",")
        words = re.findall(r"[^\W\d_][\w'’-]*", before)
        return words[-1].lower() if (comma and words) or len(words) > 1 else ""
    words = re.findall(r"[^\W\d_]+", person.local_part[:64].partition("+")[0])
    return words[-1] if len(words) > 1 else ""


@cache
def _places() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("places.toml").read_text(encoding="utf-8"))
