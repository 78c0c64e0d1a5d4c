"""The directory: what a file may hold, what is wrong with it and where, and what is guessed of people whom it does not name."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest

from app.directory import EXAMPLE, Directory, DirectoryError, LiveDirectory, roles
from nlp.draft import Draft, Party, Role

HEADER = "address,name,role,post,grade,ward,party,manager,aliases,member_of"
COUNCIL = """\
address,name,role,post,grade,ward,party,manager,aliases,member_of
a.khan@northmere.gov.uk,Cllr Aisha Khan,member,,,Castle,Labour,,Aisha.Khan@northmere.gov.uk;mayor@northmere.gov.uk,members@northmere.gov.uk
T.Rowe@Northmere.gov.uk,Cllr Ted Rowe,member,,,Castle,Green,,,audit@northmere.gov.uk
p.lowe@northmere.gov.uk,Peter Lowe,officer,Planner,staff,,,HEAD@northmere.gov.uk,,planners@northmere.gov.uk
v.head@northmere.gov.uk,Vera Head,officer,Head of Planning,manager,,,,head@northmere.gov.uk,
jo@lowefamily.example,Jo Lowe,constituent,,,,,,,
members@northmere.gov.uk,All Members,list,,,,,,councillors@northmere.gov.uk,
audit@northmere.gov.uk,Audit Committee,list,,,,,,,members@northmere.gov.uk;everybody@northmere.gov.uk
planners@northmere.gov.uk,Planners,list,,,,,,,everybody@northmere.gov.uk
everybody@northmere.gov.uk,Everybody,list,,,,,,,
clerk@brook.example,Wyn Hart,parish,Clerk,,,,,,
s.bold@bold.example,Sam Bold,contractor,,,,,,,
@dales.example,Dales Gazette,press,,,,,,,
@letters.dales.example,Dales Letters,external,,,,,,,
@justice.example,Justice Department,government,Ministry,,,,,,
"""


def directory(tmp_path: Path, text: str = COUNCIL, **kwargs: object) -> Directory:
    path = tmp_path / "directory.csv"
    path.write_text(text, encoding="utf-8")
    return Directory.from_csv(path, **kwargs)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    return directory(tmp_path_factory.mktemp("council"))


def one(council: Directory, address: str, name: str = "", role: Role = Role.UNKNOWN) -> Party:
    """Somebody as the only recipient of a letter by an officer."""
    return council.resolve(Draft(Party("p.lowe@northmere.gov.uk"), to=(Party(address, name, role),))).to[0]


def faults(tmp_path: Path, data: str | bytes) -> list[tuple[int, str]]:
    path = tmp_path / "faulty.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(DirectoryError) as caught:
        Directory.from_csv(path)
    assert [f.line for f in caught.value.faults] == sorted(f.line for f in caught.value.faults)
    return [(f.line, f.message) for f in caught.value.faults]


# --- rows ---


def test_a_row_gives_all_that_it_knows(council: Directory) -> None:
    khan = one(council, "a.khan@northmere.gov.uk")
    assert (khan.name, khan.role, khan.ward, khan.party, khan.identity) == (
        "Cllr Aisha Khan",
        Role.MEMBER,
        "Castle",
        "Labour",
        "a.khan@northmere.gov.uk",
    )
    lowe = one(council, "p.lowe@northmere.gov.uk")
    assert (lowe.post, lowe.grade, lowe.manager) == ("Planner", "staff", "v.head@northmere.gov.uk"), "a manager's alias is the manager"


@pytest.mark.parametrize(
    "written",
    [
        "A.Khan@NORTHMERE.gov.uk",
        "  a.khan@northmere.gov.uk ",
        "<a.khan@northmere.gov.uk>",
        "mailto:a.khan@northmere.gov.uk",
        "<MAILTO:a.khan@northmere.gov.uk?subject=Hello>",
        "Aisha <a.khan@northmere.gov.uk>",
        "'a.khan@northmere.gov.uk'",
        "a.khan+planning@northmere.gov.uk",
        "AISHA.KHAN@northmere.gov.uk",
        "aisha.khan+x+y@northmere.gov.uk",
        "Cllr  aisha KHAN",  # Exchange has left the name in the place of the address
    ],
)
def test_one_person_however_the_address_is_written(council: Directory, written: str) -> None:
    found = one(council, written)
    assert (found.role, found.identity) == (Role.MEMBER, "a.khan@northmere.gov.uk")
    assert found.address == written, "the warning must show what the user wrote"


@pytest.mark.parametrize("written", ["", "Aisha", "a.khan@northmere.gov.uk"])
def test_the_directory_knows_the_full_name(council: Directory, written: str) -> None:
    assert one(council, "a.khan@northmere.gov.uk", written).name == "Cllr Aisha Khan", "letters name people by their family names"


def test_addresses_keep_their_spelling_for_display(council: Directory) -> None:
    rowe = council.find("t.rowe@northmere.gov.uk")
    assert rowe is not None
    assert (rowe.address, rowe.identity) == ("T.Rowe@Northmere.gov.uk", "t.rowe@northmere.gov.uk")


def test_a_name_that_two_bear_names_nobody(tmp_path: Path) -> None:
    two = directory(tmp_path, "address,name,role\na@n.gov.uk,Jo Hill,officer\nb@n.gov.uk,Jo Hill,officer\nc@n.gov.uk,Jo Dale,officer\n")
    assert two.find("Jo Hill") is None
    assert two.find("Jo Dale") is not None


def test_all_parties_are_resolved_and_the_roster_travels_along(council: Directory) -> None:
    draft = Draft(
        Party("a.khan@northmere.gov.uk"),
        to=(Party("p.lowe@northmere.gov.uk"), Party("x@gmail.com")),
        cc=(Party("members@northmere.gov.uk"),),
        bcc=(Party("clerk@brook.example"),),
        subject="Mill Lane",
        compose_type="reply",
    )
    found = council.resolve(draft)
    assert [p.role for p in (found.sender, *found.recipients)] == [
        Role.MEMBER,
        Role.OFFICER,
        Role.CONSTITUENT,
        Role.LIST,
        Role.PARISH,
    ]
    assert (found.subject, found.compose_type) == ("Mill Lane", "reply")
    assert found.roster is council.roster
    assert draft.sender.role is Role.UNKNOWN, "a draft is a value"


def test_the_roster_holds_no_private_individual_and_no_list(council: Directory) -> None:
    assert {p.identity.partition("@")[0] for p in council.roster.people} == {"a.khan", "t.rowe", "p.lowe", "v.head", "clerk", "s.bold"}
    assert council.roster.domains == {"northmere.gov.uk"}
    assert one(council, "jo@lowefamily.example").role is Role.CONSTITUENT


# --- lists ---


def test_nested_lists_reach_everybody_once(council: Directory) -> None:
    def reached(address: str) -> list[str]:
        return [p.identity.partition("@")[0] for p in one(council, address).members]

    assert reached("audit@northmere.gov.uk") == ["t.rowe"]
    assert reached("members@northmere.gov.uk") == ["a.khan", "t.rowe"]
    assert reached("Councillors@northmere.gov.uk") == ["a.khan", "t.rowe"], "an alias of a list is the list"
    assert reached("everybody@northmere.gov.uk") == ["t.rowe", "p.lowe"]
    assert all(p.role is not Role.LIST for p in one(council, "everybody@northmere.gov.uk").members)


def test_members_of_a_list_are_whole_people(council: Directory) -> None:
    khan = one(council, "members@northmere.gov.uk").members[0]
    assert khan == council.find("a.khan@northmere.gov.uk")
    assert khan.ward == "Castle"


def test_who_is_reached_twice_is_there_once(tmp_path: Path) -> None:
    rows = ["p@n.gov.uk,officer,a@n.gov.uk;b@n.gov.uk", "a@n.gov.uk,list,c@n.gov.uk", "b@n.gov.uk,list,c@n.gov.uk", "c@n.gov.uk,list,"]
    found = directory(tmp_path, "\n".join(["address,role,member_of", *rows])).find("c@n.gov.uk")
    assert found is not None
    assert [p.identity for p in found.members] == ["p@n.gov.uk"]


def test_a_long_chain_of_lists_is_followed_to_its_end(tmp_path: Path) -> None:
    chain = "".join(f"l{n}@n.gov.uk,list,l{n + 1}@n.gov.uk\n" for n in range(1_500))
    found = directory(tmp_path, f"address,role,member_of\np@n.gov.uk,officer,l0@n.gov.uk\n{chain}l1500@n.gov.uk,list,\n").find(
        "l1500@n.gov.uk"
    )
    assert found is not None
    assert [p.identity for p in found.members] == ["p@n.gov.uk"]


# --- the form of the file ---


@pytest.mark.parametrize(
    "data",
    [
        COUNCIL.encode("utf-8-sig"),
        COUNCIL.replace("\n", "\r\n").encode(),
        COUNCIL.replace("\n", "\r").encode(),
        COUNCIL.rstrip("\n").encode(),
        COUNCIL.replace("\n", "\n\n,,,,,,,,,\n").encode(),
        "\n".join(",".join(reversed(line.split(","))) for line in COUNCIL.splitlines()).encode(),  # any order of columns
        COUNCIL.replace("address,name", " Address , NAME").encode(),
        COUNCIL.replace(",member,", ", Member ,").replace(",staff,", ",STAFF,").encode(),
    ],
)
def test_the_same_directory_however_the_file_is_written(tmp_path: Path, council: Directory, data: bytes) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(data)
    assert Directory.from_csv(path).roster.people == council.roster.people


def test_quoted_fields_and_missing_columns(tmp_path: Path) -> None:
    found = directory(tmp_path, 'role,address,post\nofficer,z@n.gov.uk,"Manager, Parks\nand ""Gardens"""\n').find("z@n.gov.uk")
    assert found is not None
    assert (found.post, found.name) == ('Manager, Parks\nand "Gardens"', "")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (",A,member,,,,,,,", "the address is missing"),
        ("a.n.gov.uk,A,member,,,,,,,", "the address is malformed"),
        ("a b@n.gov.uk,A,member,,,,,,,", "the address is malformed"),
        ("a..b@n.gov.uk,A,member,,,,,,,", "the address is malformed"),
        ("a@n..uk,A,member,,,,,,,", "the address is malformed"),
        ("a@-n.uk,A,member,,,,,,,", "the address is malformed"),
        (f"{'a' * 250}@n.uk,A,member,,,,,,,", "the address is malformed"),
        ("@n,A,officer,,,,,,,", "the address is malformed"),
        ("a@n.gov.uk,A,,,,,,,,", "the role is missing"),
        ("a@n.gov.uk,A,councillor,,,,,,,", "the role is unknown"),
        ("a@n.gov.uk,A,unknown,,,,,,,", "the role is unknown"),
        ("a@n.gov.uk,A,officer,,senior,,,,,", "the grade is unknown"),
        ("a@n.gov.uk,A,member,,chief,,,,,", "only officers have a grade"),
        ("a@n.gov.uk,A,officer,,,,,m@n.gov.uk,,", "the manager is nobody's address"),
        ("a@n.gov.uk,A,officer,,,,,a@n.gov.uk,,", "this row is their own manager"),
        ("a@n.gov.uk,A,officer,,,,,,nonsense,", "aliases: address 1 is malformed"),
        ("a@n.gov.uk,A,officer,,,,,,a@n.gov.uk,", "aliases: address 1 is given twice in this row"),
        ("a@n.gov.uk,A,officer,,,,,,b@n.gov.uk;B@n.gov.uk,", "aliases: address 2 is given twice in this row"),
        ("a@n.gov.uk,A,officer,,,,,,,l@n.gov.uk", "member_of: address 1 is nobody's"),
        ("a@n.gov.uk,A,officer,,,,,,,a@n.gov.uk", "member_of: address 1 (line 2) is no list"),
        ("a@n.gov.uk,A,list,,,,,,,a@n.gov.uk", "this row is a list within itself"),
        ("a@n.gov.uk,A,list,,staff,,,,,", "a list has no grade"),
        ("@n.gov.uk,A,list,,,,,,,", "a domain is no list"),
        ("@n.gov.uk,A,officer,,staff,,,,,", "a domain has no grade"),
        ("@n.gov.uk,A,officer,,,,,m@n.gov.uk,,", "a domain has no manager"),
        ("@n.gov.uk,A,officer,,,,,,b@n.gov.uk,", "a domain has no aliases"),
        ("@n.gov.uk,A,officer,,,,,,,l@n.gov.uk", "a domain has no member_of"),
        ("a@n.gov.uk,A,officer,,,,,,,,spilt", "this row has 11 fields, the header only 10"),
        ('a@n.gov.uk,"A"x,officer,,,,,,,', "this is no CSV"),
        ('a@n.gov.uk,"A,officer,,,,,,,', "a quote is opened here and never closed"),
    ],
)
def test_what_is_wrong_with_one_row(tmp_path: Path, rows: str, expected: str) -> None:
    [(line, message)] = faults(tmp_path, f"{HEADER}\n{rows}\n")
    assert line == 2
    assert message.startswith(expected)


@pytest.mark.parametrize(
    ("rows", "line", "expected"),
    [
        (["a@n.gov.uk,,officer,,,,,,,", "A@N.gov.uk,,member,,,,,,,"], 3, "this address stands in line 2 already"),
        (["@n.gov.uk,,officer,,,,,,,", "@N.GOV.UK,,member,,,,,,,"], 3, "this domain stands in line 2 already"),
        (
            ["a@n.gov.uk,,officer,,,,,,x@n.gov.uk,", "b@n.gov.uk,,officer,,,,,,X@n.gov.uk,"],
            3,
            "aliases: address 1 belongs to line 2 already",
        ),
        (["a@n.gov.uk,,officer,,,,,,b@n.gov.uk,", "b@n.gov.uk,,officer,,,,,,,"], 2, "aliases: address 1 belongs to line 3 already"),
        (["a@n.gov.uk,,officer,,,,,b@n.gov.uk,,", "b@n.gov.uk,,member,,,,,,,"], 2, "the manager (line 3) is no officer"),
        (["a@n.gov.uk,,officer,,,,,b@n.gov.uk,,", "b@n.gov.uk,,officer,,,,,x@n.gov.uk,x@n.gov.uk,"], 3, "this row is their own manager"),
        (
            ["a@n.gov.uk,,officer,,,,,b@n.gov.uk,,", "b@n.gov.uk,,officer,,,,,a@n.gov.uk,,"],
            2,
            "this row is their own manager through line 3",
        ),
        (["a@n.gov.uk,,list,,,,,,,b@n.gov.uk", "b@n.gov.uk,,list,,,,,,,a@n.gov.uk"], 2, "this row is a list within itself through line 3"),
        (["a@n.gov.uk,,officer,,,,,@b.gov.uk,,", "@b.gov.uk,,press,,,,,,,"], 2, "the manager (line 3) is no officer"),
        (['a@n.gov.uk,"two', 'lines",officer,,,,,,,', "b@n.gov.uk,,nobody,,,,,,,"], 4, "the role is unknown"),
        (["", "", "b@n.gov.uk,,nobody,,,,,,,"], 4, "the role is unknown"),
    ],
)
def test_what_is_wrong_between_rows(tmp_path: Path, rows: list[str], line: int, expected: str) -> None:
    [(found, message)] = faults(tmp_path, "\n".join([HEADER, *rows]))
    assert found == line
    assert message.startswith(expected)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ",,member,,,,,,,",
        "a@n.gov.uk,,boss,,top,,,x@n.gov.uk,,",
        "b@n.gov.uk,,officer,,,,,c@n.gov.uk,,",
        "c@n.gov.uk,,officer,,,,,b@n.gov.uk,,",
        "d@n.gov.uk,,officer,,,,,e@n.gov.uk,,",
        "e@n.gov.uk,,officer,,,,,d@n.gov.uk,,",
        "d@n.gov.uk,,officer,,,,,,,",
    ]
    assert [line for line, _ in faults(tmp_path, "\r\n".join(rows))] == [2, 3, 3, 3, 4, 6, 8]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a@n.gov.uk,A,officer", "there is no header row"),
        ("", "there is no header row"),
        ("address;role;name", "there is no header row"),
        ("address,name", "the column role is missing"),
        ("role,name", "the column address is missing"),
        ("address,role,salary", "the name of column 3 is unknown"),
        ("address,role,name,Name", "the column name stands here twice"),
    ],
)
def test_what_is_wrong_with_a_header(tmp_path: Path, header: str, expected: str) -> None:
    [(line, message)] = faults(tmp_path, f"{header}\n")
    assert line == 1
    assert message.startswith(expected)


def test_bytes_that_are_no_utf8_are_told_by_line_and_the_rest_is_read(tmp_path: Path) -> None:
    data = f"{HEADER}\nz@n.gov.uk,Zoë,officer,,,,,,,\ny@n.gov.uk,,nobody,,,,,,,\nx@n.gov.uk,José,officer,,,,,,,\n".encode("cp1252")
    found = faults(tmp_path, data)
    assert [line for line, _ in found] == [2, 3, 4]
    assert found[0][1] == found[2][1] == "this line is no UTF-8 text"
    assert "UTF-16" in faults(tmp_path, COUNCIL.encode("utf-16"))[0][1]


def test_faults_tell_nothing_of_people(tmp_path: Path) -> None:
    rows = [
        "secret..person@n.gov.uk,Jo Private,hushed,,whispered,,,mystery@n.gov.uk,oops,",
        "b@n.gov.uk,Private,officer,,,,,who@n.gov.uk,,lost@n.gov.uk",
    ]
    said = " ".join(message for _, message in faults(tmp_path, "\n".join([HEADER, *rows]))).lower()
    assert not [word for word in ("secret", "private", "hushed", "whispered", "mystery", "oops", "who@", "lost") if word in said]


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Directory.from_csv(tmp_path / "none.csv")


def test_hostile_fields_are_faults_or_nobody_known(tmp_path: Path) -> None:
    long = "a." * 60_000
    found = faults(tmp_path, f"{HEADER}\n{long}@{long},,officer,,,,,,,\na@n.gov.uk,,officer,,,,,,{'x;' * 50_000},\n")
    assert found[0] == (2, "this is no CSV (field larger than field limit (131072))")
    council = directory(tmp_path)
    for text in ("a." * 500_000, "@" * 1_000_000, "<" * 1_000_000, "Cllr " * 200_000, "x@" + "a." * 500_000, "x@" + "-" * 1_000_000):
        assert one(council, text, text).role in (Role.CONSTITUENT, Role.MEMBER)


# --- domains and hints ---


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("anybody@dales.example", Role.PRESS),
        ("anybody@sport.DALES.example", Role.PRESS),
        ("anybody@letters.dales.example", Role.EXTERNAL),  # the longest match
        ("anybody@a.letters.dales.example", Role.EXTERNAL),
        ("anybody@otherdales.example", Role.CONSTITUENT),  # no subdomain
        ("anybody@justice.example", Role.GOVERNMENT),
    ],
)
def test_a_domain_row_is_for_everybody_there(council: Directory, address: str, role: Role) -> None:
    assert one(council, address).role is role
    assert one(council, address, "Cllr Jo Rowe", Role.OFFICER).role is (Role.OFFICER if role is Role.CONSTITUENT else role)


def test_a_domain_row_lends_its_post_but_no_name(council: Directory) -> None:
    found = one(council, "Jo@justice.example")
    assert (found.post, found.name, found.address, found.identity) == ("Ministry", "", "Jo@justice.example", "jo@justice.example")


def test_rows_overrule_hints_and_hints_overrule_guesses(council: Directory) -> None:
    assert one(council, "p.lowe@northmere.gov.uk", role=Role.MEMBER).role is Role.OFFICER
    assert one(council, "jo@gmail.com", role=Role.PRESS).role is Role.PRESS
    assert one(council, "new@northmere.gov.uk", role=Role.MEMBER).role is Role.MEMBER
    sender = council.resolve(Draft(Party("new@gmail.com", role=Role.MEMBER))).sender
    assert sender.role is Role.MEMBER
    assert council.resolve(Draft(Party("new@northmere.gov.uk"))).sender.role is Role.OFFICER


# --- inference ---


@pytest.mark.parametrize(
    ("address", "name", "role"),
    [
        # the council's own domain
        ("new.person@northmere.gov.uk", "", Role.OFFICER),
        ("new.person@parks.northmere.gov.uk", "", Role.OFFICER),
        ("new.person@northmere.gov.uk", "Cllr New Person", Role.MEMBER),
        ("all-members@northmere.gov.uk", "All Councillors", Role.OFFICER),
        ("cllrs@northmere.gov.uk", "Cllrs (all)", Role.OFFICER),
        ("press@northmere.gov.uk", "Press Office", Role.OFFICER),
        ("enquiries@northmere.gov.uk", "Councillor Enquiries", Role.OFFICER),
        ("/O=NORTHMERE/OU=HQ/CN=RECIPIENTS/CN=NPERSON", "New Person", Role.OFFICER),
        ("/O=NORTHMERE/OU=HQ/CN=RECIPIENTS/CN=AKHAN", "Cllr Aisha Khan", Role.MEMBER),
        ("support@northmere.gov.uk", "Cllr Support Team", Role.OFFICER),
        # councillors by display name
        ("jo@gmail.com", "Cllr Jo Rowe", Role.MEMBER),
        ("jo@gmail.com", "Cllr. Jo Rowe", Role.MEMBER),
        ("jo@gmail.com", "CLLR JO ROWE", Role.MEMBER),
        ("jo@gmail.com", "Councillor Jo O'Rowe", Role.MEMBER),
        ("jo@gmail.com", "Rowe, Cllr Jo", Role.MEMBER),
        ("jo@gmail.com", "Jo Rowe (Cllr)", Role.MEMBER),
        ("jo@gmail.com", "Jo Rowe (Councillor) ", Role.MEMBER),
        ("jo@rowes.example", '"Cllr Jo Rowe"', Role.MEMBER),
        ("Cllr Jo Rowe", "", Role.MEMBER),  # a name in the place of the address
        ("jo@gmail.com", "Jo Rowe for Cllr", Role.CONSTITUENT),
        ("jo@gmail.com", "Cllr", Role.CONSTITUENT),
        ("jo@gmail.com", "Cllr Rowe's Office", Role.CONSTITUENT),
        ("jo@gmail.com", "Secretary, Cllr Rowe", Role.CONSTITUENT),
        ("jo@gmail.com", "Councillors Watch", Role.CONSTITUENT),
        ("cllr.rowe@gmail.com", "Jo Rowe", Role.CONSTITUENT),  # an address alone is no reason
        # other councils' people are none of this council's members
        ("jo@otherdistrict.gov.uk", "Cllr Jo Rowe", Role.GOVERNMENT),
        ("jo@hill-pc.gov.uk", "Cllr Jo Rowe", Role.PARISH),
        ("jo@brook.example", "Cllr Jo Rowe", Role.PARISH),  # a neighbour of the parish clerk whom the directory knows
        # town and parish councils
        ("clerk@hill-pc.gov.uk", "", Role.PARISH),
        ("clerk@hill-pc.org.uk", "", Role.PARISH),
        ("jo@hillparishcouncil.gov.uk", "", Role.PARISH),
        ("jo@hill-parish-council.example", "", Role.PARISH),
        ("jo@mere-tc.example", "", Role.PARISH),
        ("jo@meretowncouncil.gov.uk", "", Role.PARISH),
        ("clerk@hillparish.example", "", Role.PARISH),
        ("jo@hillparish.example", "", Role.CONSTITUENT),  # a church has parishioners too
        ("hillparishcouncil@gmail.com", "", Role.PARISH),
        ("jo@repair-pc.com", "", Role.CONSTITUENT),
        # government
        ("jo@otherdistrict.gov.uk", "", Role.GOVERNMENT),
        ("private.office@defra.gov.uk", "", Role.GOVERNMENT),
        ("jo.rowe.mp@parliament.uk", "", Role.GOVERNMENT),
        ("jo@gmail.com", "Jo Rowe MP", Role.GOVERNMENT),
        ("jo@gmail.com", "Rowe, Jo (MP)", Role.GOVERNMENT),
        ("jo@gmail.com", "Jo Kemp", Role.CONSTITUENT),
        ("jo@gmail.com", "Jo RAMP", Role.CONSTITUENT),
        ("jo@notgov.uk", "", Role.CONSTITUENT),
        # public bodies and organisations
        ("jo@north.police.uk", "", Role.EXTERNAL),
        ("jo@trust.nhs.uk", "", Role.EXTERNAL),
        ("jo@nhs.net", "", Role.EXTERNAL),
        ("jo@york.ac.uk", "", Role.EXTERNAL),
        ("jo@brook.northshire.sch.uk", "", Role.EXTERNAL),
        ("info@walkers.example", "", Role.EXTERNAL),
        ("Info2@walkers.example", "", Role.EXTERNAL),
        ("No-Reply@walkers.example", "", Role.EXTERNAL),
        ("bookings@gmail.com", "Hill Village Hall", Role.EXTERNAL),
        ("jo.sales@walkers.example", "Jo Sales", Role.CONSTITUENT),
        ("other@bold.example", "Kit Ray", Role.CONTRACTOR),  # a colleague of somebody in the directory
        # press
        ("newsdesk@thelantern.example", "", Role.PRESS),
        ("news.desk@thelantern.example", "", Role.PRESS),
        ("editor@thelantern.example", "", Role.PRESS),
        ("jo@bbc.co.uk", "", Role.PRESS),
        # private individuals
        ("jo@gmail.com", "Jo Rowe", Role.CONSTITUENT),
        ("jo@rowes.example", "Jo Rowe", Role.CONSTITUENT),
        ("other@lowefamily.example", "", Role.CONSTITUENT),  # a neighbour of a private individual is one
        ("jo", "", Role.CONSTITUENT),
        ("", "", Role.CONSTITUENT),
    ],
)
def test_what_is_guessed(council: Directory, address: str, name: str, role: Role) -> None:
    assert one(council, address, name).role is role


def test_a_colleague_is_taken_for_one_only_where_all_of_a_domain_are_the_same(tmp_path: Path) -> None:
    rows = [
        "a@n.gov.uk,officer",
        "agency@n.gov.uk,contractor",
        "a@rowes.example,member",
        "a@gmail.com,contractor",
        "a@mixed.example,contractor",
        "b@mixed.example,constituent",
        "a@builders.example,contractor",
    ]
    found = directory(tmp_path, "\n".join(["address,role", *rows]))
    assert one(found, "new@n.gov.uk").role is Role.OFFICER
    assert one(found, "spouse@rowes.example").role is Role.CONSTITUENT
    assert one(found, "new@gmail.com").role is Role.CONSTITUENT
    assert one(found, "new@mixed.example").role is Role.CONSTITUENT
    assert one(found, "new@site.builders.example").role is Role.CONTRACTOR


@pytest.mark.parametrize(
    ("people", "role"),
    [
        ([("jo.rowe@walkers.example", "Jo Rowe"), ("kit.ray@walkers.example", "Kit Ray")], Role.EXTERNAL),
        ([("jo.rowe@walkers.example", ""), ("kit.ray@walkers.example", "")], Role.EXTERNAL),
        ([("jo@walkers.example", ""), ("kit@walkers.example", "")], Role.EXTERNAL),
        ([("jo@rowes.example", "Jo Rowe"), ("kit@rowes.example", "Rowe, Kit")], Role.CONSTITUENT),
        ([("jo.rowe@home.example", ""), ("kit.rowe@home.example", "Kit Rowe")], Role.CONSTITUENT),
        ([("jo@walkers.example", "Jo Rowe"), ("JO@walkers.example", "Jo")], Role.CONSTITUENT),
        ([("jo@walkers.example", "Jo Rowe"), ("kit@climbers.example", "Kit Ray")], Role.CONSTITUENT),
        ([("jo@gmail.com", "Jo Rowe"), ("kit@gmail.com", "Kit Ray")], Role.CONSTITUENT),
        ([("jo@hillmail.example", "Jo Rowe"), ("kit@hillmail.example", "Kit Ray")], Role.CONSTITUENT),
    ],
)
def test_unrelated_people_of_one_domain_are_an_organisation(council: Directory, people: list[tuple[str, str]], role: Role) -> None:
    first, second = (Party(address, name) for address, name in people)
    sender = Party("a.khan@northmere.gov.uk")
    for draft in (Draft(sender, to=(first, second)), Draft(sender, to=(first,), bcc=(second,)), Draft(first, cc=(second,))):
        found = council.resolve(draft)
        assert {p.role for p in (found.sender, *found.recipients)} - {Role.MEMBER} == {role}


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.co.uk",
        "live.co.uk",
        "msn.com",
        "yahoo.co.uk",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "btinternet.com",
        "sky.com",
        "talktalk.net",
        "virginmedia.com",
        "ntlworld.com",
        "jo.plus.com",
        "protonmail.com",
        "proton.me",
        "gmx.net",
        "fastmail.com",
        "tiscali.co.uk",
        "blueyonder.co.uk",
        "example.com",
        "example.org",
        "example.net",
        "dalesinbox.example",
        "thepost.example",
    ],
)
def test_public_providers(domain: str) -> None:
    assert roles.is_public(domain)


@pytest.mark.parametrize(
    "domain",
    ["", "walkers.example", "liverpool.gov.uk", "post-hill.gov.uk", "live.northmere.org.uk", "some.co.uk", "acme.com", "whisky.com"],
)
def test_no_public_providers(domain: str) -> None:
    assert not roles.is_public(domain)


@pytest.mark.parametrize(
    ("officers", "own"),
    [
        (["n.gov.uk", "n.gov.uk", "n.gov.uk"], {"n.gov.uk"}),
        (["n.example", "n.example", "partner.example"], {"n.example"}),  # one officer at a partner's
        (["n.example", "n.example", "county.gov.uk"], {"n.example", "county.gov.uk"}),
        (["n.example", "n.example", "n.example", "trust.example", "trust.example"], {"n.example", "trust.example"}),
        (["hill.example"], {"hill.example"}),  # a parish's only officer
        (["gmail.com"], set()),  # anybody may have a mailbox there
        (["gmail.com", "gmail.com", "hill-pc.gov.uk"], {"hill-pc.gov.uk"}),
        ([], set()),
    ],
)
def test_the_council_s_own_domains(officers: list[str], own: set[str]) -> None:
    assert roles.own_domains(officers) == own


def test_domain_rows_and_settings_add_own_domains(tmp_path: Path) -> None:
    rows = "address,role\na@n.gov.uk,officer\n@cllr.n.example,member\n@staff.example,officer\n@paper.example,press\n"
    found = directory(tmp_path, rows, council_domains=["@Old-Name.example"])
    assert found.roster.domains == {"n.gov.uk", "cllr.n.example", "staff.example", "old-name.example"}
    assert one(found, "jo@old-name.example").role is Role.OFFICER


# --- the example ---


def test_the_example_holds_whom_the_page_and_the_documentation_name() -> None:
    council = Directory.from_csv(EXAMPLE)
    assert council.roster.domains == {"dunmoor.gov.uk"}
    known = {p.identity: p for p in council.roster.people}

    def fields(who: str, *names: str) -> tuple[str, ...]:
        return tuple(getattr(known[f"{who}@dunmoor.gov.uk"], name) for name in names)

    assert fields("c.bramhall", "name", "role", "ward", "party") == ("Cllr Carol Bramhall", "member", "Riverside", "Independent")
    assert fields("i.osei", "name", "role", "ward", "party") == ("Cllr Isaac Osei", "member", "Riverside", "Labour")
    assert fields("d.pym", "name", "role", "ward", "party") == ("Cllr Dot Pym", "member", "Hill", "Conservative")
    assert fields("m.ashe", "name", "role", "post") == ("Cllr Morag Ashe", "member", "Mayor and Chair of the Council")
    assert fields("r.tandy", "post", "grade", "manager") == ("Planning Officer", "staff", "s.varma@dunmoor.gov.uk")
    assert fields("s.varma", "post", "grade", "manager") == ("Head of Planning", "manager", "j.peel@dunmoor.gov.uk")
    assert fields("j.peel", "name", "post", "grade") == ("Joan Peel", "Chief Executive", "chief")
    assert fields("o.siddiq", "post", "grade") == ("Monitoring Officer", "director")
    assert fields("t.bede", "name", "post") == ("Tom Bede", "Communications and Press Officer")
    assert known["l.frost@dunmoor.gov.uk"].role is Role.OFFICER
    councillors = council.find("councillors@dunmoor.gov.uk")
    assert councillors is not None
    assert {p.identity for p in councillors.members} == {p.identity for p in known.values() if p.role is Role.MEMBER}
    outside = ("news@dunmoorpost.example", "clerk@stokeley-pc.example", "p.hale@halesurfacing.example", "jo@communities.gov.uk")
    assert [one(council, address).role for address in outside] == [Role.PRESS, Role.PARISH, Role.CONTRACTOR, Role.GOVERNMENT]


# --- reload ---


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rewrite(path: Path, text: str) -> None:
    """Put a new file in the place of the old, as an editor or an orchestrator does."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105


@pytest.fixture
def live(tmp_path: Path) -> tuple[LiveDirectory, Path, Clock]:
    path, clock = tmp_path / "live.csv", Clock()
    path.write_text("address,role\na@n.gov.uk,officer\n", encoding="utf-8")
    return LiveDirectory(path, every=2.0, clock=clock), path, clock


def test_a_changed_file_is_read_anew_but_not_at_every_call(live: tuple[LiveDirectory, Path, Clock]) -> None:
    directory, path, clock = live
    first = directory.current()
    rewrite(path, "address,role\na@n.gov.uk,member\n")
    clock.now = 1.9
    assert directory.current() is first
    clock.now = 2.0
    second = directory.current()
    assert second is not first
    assert one(second, "a@n.gov.uk").role is Role.MEMBER
    clock.now = 10
    assert directory.current() is second, "what has not changed is not read again"
    assert directory.problem is None


def test_a_broken_version_is_refused_and_logged_once(live: tuple[LiveDirectory, Path, Clock], caplog: pytest.LogCaptureFixture) -> None:
    directory, path, clock = live
    first = directory.current()
    rewrite(path, "address,role\na@n.gov.uk,officer\njo.private@n.gov.uk,hushed\n")
    with caplog.at_level(logging.INFO):
        for clock.now in (5, 10, 15):
            assert directory.current() is first
    assert directory.problem is not None
    assert [f.line for f in directory.problem.faults] == [3]
    [record] = caplog.records
    assert "line 3: the role is unknown" in record.getMessage()
    assert "private" not in record.getMessage()
    assert "hushed" not in record.getMessage()
    assert record.name == "clausewise", "the log that the service shows"
    rewrite(path, "address,role\na@n.gov.uk,officer\nb@n.gov.uk,officer\n")
    clock.now = 20
    assert len(directory.current().roster.people) == 2
    assert directory.problem is None


def test_a_file_that_vanishes_leaves_the_old_version_in_force(live: tuple[LiveDirectory, Path, Clock]) -> None:
    directory, path, clock = live
    first = directory.current()
    path.rename(path.with_suffix(".away"))
    clock.now = 5
    assert directory.current() is first
    assert directory.problem is not None
    path.with_suffix(".away").rename(path)
    clock.now = 10
    directory.current()
    assert directory.problem is None


def test_there_is_no_live_directory_of_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("address,role\nx,member\n", encoding="utf-8")
    with pytest.raises(DirectoryError):
        LiveDirectory(path)
    with pytest.raises(FileNotFoundError):
        LiveDirectory(tmp_path / "none.csv")


def test_nobody_waits_while_another_thread_reads_the_file(live: tuple[LiveDirectory, Path, Clock], monkeypatch: pytest.MonkeyPatch) -> None:
    directory, path, clock = live
    first = directory.current()
    reading, go_on = threading.Event(), threading.Event()
    real = Directory.from_csv

    def slow(*args: object) -> Directory:
        reading.set()
        assert go_on.wait(10)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(Directory, "from_csv", slow)
    rewrite(path, "address,role\na@n.gov.uk,member\n")
    clock.now = 5
    reader = threading.Thread(target=directory.current)
    reader.start()
    assert reading.wait(10)
    assert directory.current() is first, "the other thread still reads"
    go_on.set()
    reader.join(10)
    assert directory.current() is not first
