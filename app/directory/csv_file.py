"""The directory file as a council writes it: CSV in, entries and every fault with its line out.

Faults name lines and kinds and repeat no address or name of the file, so they may go into a log.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from pathlib import Path

from nlp.draft import Role
from nlp.protocols import Fault

COLUMNS = ("address", "name", "role", "post", "grade", "ward", "party", "manager", "aliases", "member_of")
REQUIRED = ("address", "role")
ROLES = tuple(role for role in Role if role is not Role.UNKNOWN)
GRADES = ("chief", "director", "manager", "staff")
NOT_FOR_DOMAINS = ("grade", "ward", "party", "manager", "aliases", "member_of")
LARGEST = 64 * 2**20  # bytes; a hundred thousand people need a tenth of it
LONGEST = 254  # of an address: RFC 5321, 4.5.3.1.3 less its angle brackets

_DOMAIN = r"(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])?"
_domain = re.compile(_DOMAIN)
_local = re.compile(r"[^\s@<>(),;:\"\\\[\].]+(?:\.[^\s@<>(),;:\"\\\[\].]+)*")


class DirectoryError(ValueError):
    """A directory file that cannot be used. `faults` lists all that is wrong with it, in the order of lines."""

    def __init__(self, path: Path, faults: Iterable[Fault]) -> None:
        self.path, self.faults = path, sorted(faults, key=lambda f: f.line)
        super().__init__(f"{path}: " + "; ".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a person, a list, or (where `address` begins with @) everybody of a domain. Addresses are spelled as in the file."""

    line: int  # 1-based; of the row's first line where a quoted field spans several
    address: str
    role: Role
    name: str = ""
    post: str = ""
    grade: str = ""
    ward: str = ""
    party: str = ""
    manager: str = ""
    aliases: tuple[str, ...] = ()
    member_of: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.address.lower()

    @property
    def is_domain(self) -> bool:
        return self.address.startswith("@")


def bare(written: str) -> str:
    """An address without what people and programs put around it: white space, a name and angle brackets, quotes, `mailto:`."""
    text = written.strip()
    if text.endswith(">"):
        text = text.rpartition("<")[2]
    text = text.strip(" \t\r\n<>'\"")
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0].strip()
    return text


def read(path: Path) -> list[Entry]:
    """The rows of a directory file, in its order.

    Raises `DirectoryError` with every fault and its line, and `OSError` where the file cannot be opened.
    """
    faults: list[Fault] = []
    text = _text(path, faults)
    entries = list(_entries(text, faults)) if text is not None else []
    faults += _between(entries)
    if faults:
        raise DirectoryError(path, faults)
    return entries


def is_domain(text: str) -> bool:
    """Whether this is a mail domain: at least two labels of letters, digits and hyphens (international ones too)."""
    return _domain.fullmatch(text) is not None


def _is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return len(text) <= LONGEST and _local.fullmatch(local) is not None and is_domain(domain)


def _text(path: Path, faults: list[Fault]) -> str | None:
    """The file's text; None where it is none at all. Lines that are no UTF-8 are faults, the others are still read."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        faults.append(Fault(0, f"the file is larger than {LARGEST // 2**20} MiB"))
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.append(Fault(1, "this is UTF-16; save the file as CSV in UTF-8"))
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            faults += (Fault(n, "this line is no UTF-8 text") for n, line in enumerate(data.splitlines(), 1) if not _decodes(line))
            return data.decode("utf-8-sig", errors="replace")
    return None


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _records(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank with its first line. What is no CSV is a fault; reading goes on behind it."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "unexpected end of data" in str(error)
            faults.append(Fault(line, "a quote is opened here and never closed" if open_quote else f"this is no CSV ({error})"))
            continue
        if any(field.strip() for field in fields):
            yield line, [field.strip() for field in fields]


def _entries(text: str, faults: list[Fault]) -> Iterator[Entry]:
    records = _records(text, faults)
    line, header = next(records, (1, []))
    columns = [name.lower() for name in header]
    if not set(REQUIRED) & set(columns):
        faults.append(Fault(line, f"there is no header row; the first row names the columns: {', '.join(COLUMNS)}"))
        return
    for number, name in enumerate(columns, 1):
        if name not in COLUMNS:
            faults.append(Fault(line, f"the name of column {number} is unknown; there are {', '.join(COLUMNS)}"))
        elif name in columns[: number - 1]:
            faults.append(Fault(line, f"the column {name} stands here twice"))
    if missing := [name for name in REQUIRED if name not in columns]:
        faults.append(Fault(line, f"the column {missing[0]} is missing"))
        return
    for line, fields in records:
        if any(fields[len(columns) :]):
            faults.append(Fault(line, f"this row has {len(fields)} fields, the header only {len(columns)}"))
        entry = _entry(line, dict(zip(columns, fields, strict=False)), faults)
        if entry:
            yield entry


def _entry(line: int, row: Mapping[str, str], faults: list[Fault]) -> Entry | None:
    """One row by its own lights. None where it says of nobody who that is, so that other rows cannot be held against it."""
    address, role, grade = bare(row.get("address", "")), row.get("role", "").lower(), row.get("grade", "").lower()
    domain = address.startswith("@")
    wrong: list[str] = []
    if not address:
        wrong.append("the address is missing")
    elif not (is_domain(address[1:]) if domain else _is_address(address)):
        wrong.append("the address is malformed")
    known = bool(address) and not wrong
    if role not in ROLES:
        wrong.append(f"the role {'is unknown' if role else 'is missing'}; there are {', '.join(ROLES)}")
    if grade and grade not in GRADES:
        wrong.append(f"the grade is unknown; there are {', '.join(GRADES)}")
    aliases, member_of = _many(row.get("aliases", "")), _many(row.get("member_of", ""))
    for column, addresses in (("aliases", aliases), ("member_of", member_of)):
        wrong += (f"{column}: address {n} is malformed" for n, one in enumerate(addresses, 1) if not _is_address(one))
    manager = bare(row.get("manager", ""))
    if domain:
        wrong += (f"a domain has no {column}" for column in NOT_FOR_DOMAINS if row.get(column))
        if role == Role.LIST:
            wrong.append("a domain is no list")
    elif role == Role.LIST:
        wrong += (f"a list has no {column}" for column in ("grade", "manager") if row.get(column))
    elif grade and role in ROLES and role != Role.OFFICER:
        wrong.append("only officers have a grade")
    faults += (Fault(line, message) for message in wrong)
    if not known:
        return None
    return Entry(
        line=line,
        address=address,
        role=Role(role) if role in ROLES else Role.UNKNOWN,
        name=row.get("name", ""),
        post=row.get("post", ""),
        grade=grade,
        ward=row.get("ward", ""),
        party=row.get("party", ""),
        manager="" if domain else manager,
        aliases=() if domain else tuple(one for one in aliases if _is_address(one)),
        member_of=() if domain else tuple(one for one in member_of if _is_address(one)),
    )


def _many(field: str) -> list[str]:
    return [address for part in field.split(";") if (address := bare(part))]


def _between(entries: list[Entry]) -> Iterator[Fault]:
    """What is wrong between rows: addresses given twice, managers and lists that are none, circles."""
    owners: dict[str, Entry] = {}
    for entry in entries:
        first = owners.setdefault(entry.key, entry)
        if first is not entry:
            yield Fault(entry.line, f"this {'domain' if entry.is_domain else 'address'} stands in line {first.line} already")
    for entry in entries:
        for number, alias in enumerate(entry.aliases, 1):
            first = owners.get(alias.lower())
            if first is entry:
                yield Fault(entry.line, f"aliases: address {number} is given twice in this row")
            elif first:
                yield Fault(entry.line, f"aliases: address {number} belongs to line {first.line} already")
            owners.setdefault(alias.lower(), entry)
    managers: dict[int, list[int]] = {}
    lists: dict[int, list[int]] = {}
    for entry in entries:
        if entry.manager:
            manager = owners.get(entry.manager.lower())
            if manager is None:
                yield Fault(entry.line, "the manager is nobody's address")
            elif manager.role not in (Role.OFFICER, Role.UNKNOWN):
                yield Fault(entry.line, f"the manager (line {manager.line}) is no officer")
            else:
                managers[entry.line] = [manager.line]
        for number, address in enumerate(entry.member_of, 1):
            target = owners.get(address.lower())
            if target is None:
                yield Fault(entry.line, f"member_of: address {number} is nobody's")
            elif target.role not in (Role.LIST, Role.UNKNOWN):
                yield Fault(entry.line, f"member_of: address {number} (line {target.line}) is no list")
            elif entry.role is Role.LIST:
                lists.setdefault(entry.line, []).append(target.line)
    yield from _circles(managers, "is their own manager")
    yield from _circles(lists, "is a list within itself")


def _circles(edges: Mapping[int, list[int]], what: str) -> Iterator[Fault]:
    """One fault for each circle, at its first line. A hundred are enough for one reading."""

    def found() -> Iterator[list[int]]:
        left = dict(edges)
        while True:
            try:
                TopologicalSorter(left).prepare()
            except CycleError as error:
                circle = sorted(set(error.args[1]))
                yield circle
                left = {line: to for line, to in left.items() if line not in circle}
            else:
                return

    for first, *others in islice(found(), 100):
        through = f" through line{'s' if len(others) > 1 else ''} {', '.join(map(str, others))}" if others else ""
        yield Fault(first, f"this row {what}{through}")
