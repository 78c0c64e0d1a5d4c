"""The five protocols, the loader and its faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.checks import checks
from nlp.checks.cast import draft_of
from nlp.lint import Linter
from nlp.protocols import ProtocolError, lines_of, load, shipped

# The clauses that stand behind each check, protocol by protocol (the product's own definition of its checks).
BEHIND = {
    "uttlesford": {
        "hidden-copy": "5.6",
        "undisclosed-copy": "5.6, 5.7",
        "over-familiar": "5.3, 4.1, 4.2, 4.3, 3.1",
        "criticism": "10.2, 10.3, 13.1",
        "criticism/by-officer": "3.67",
        "personal-data": "5.6, 4.1, 7.4",
        "obligation": "5.8, 12.1",
        "instruction": "2.2, 8.4, 12.1",
        "pressure": "8.2, 8.3, 3.89, 3.2",
        "capacity": "5.8, 13.2",
        "party-political": "3.34, 9.6",
        "confidential": "5.6, 9.7",
        "exposed-recipients": "4.1",
        "disrespect": "10.1, 3.1",
    },
    "knutsford": {
        "hidden-copy": "12.1",
        "undisclosed-copy": "12.1",
        "over-familiar": "4.3, 4.4",
        "criticism": "15.2",
        "criticism/by-officer": "4.9",
        "personal-data": "10.1, 10.5, 10.7",
        "obligation": "12.4, 2.9 c, 11.5 e",
        "instruction": "12.4, 2.9, 4.6",
        "pressure": "2.11, 4.7, 4.10, 9.5",
        "capacity": "12.2, 12.5, 11.5 a",
        "party-political": "14.1, 14.3, 8.3",
        "confidential": "10.7, 8.14",
        "exposed-recipients": "10.7",
        "disrespect": "1.4, 2.12",
    },
    "joint-standards": {
        "hidden-copy": "2.1, 3.2",
        "over-familiar": "3.2, 2.1",
        "criticism": "3.5, 2.4",
        "criticism/by-officer": "2.1",
        "personal-data": "6.2, 6.3",
        "obligation": "3.3",
        "instruction": "3.3",
        "pressure": "2.2, 3.2",
        "capacity": "2.6",
        "party-political": "2.3, 5.1",
        "confidential": "6.2, 6.3",
        "exposed-recipients": "6.2",
        "disrespect": "2.1, 3.4, 4.5",
    },
    "pitstone": {
        "hidden-copy": "5 P1",
        "undisclosed-copy": "5 P1",
        "over-familiar": "2 P3, 3 General principles",
        "criticism": "3 The Relationship",
        "criticism/by-officer": "3 The Relationship",
        "personal-data": "4, 5 P3",
        "obligation": "5 P2, 3.1",
        "instruction": "5 P2, 3 General principles",
        "pressure": "3 Officers",
        "capacity": "5 P2",
        "party-political": "3.1, 6",
        "confidential": "5 P3",
        "exposed-recipients": "4",
        "disrespect": "3.1",
    },
    "district-v1": {
        "hidden-copy": "13.2.1, 13.2.2",
        "undisclosed-copy": "13.2.1",
        "over-familiar": "1.9, 9.1, 12.9",
        "criticism": "4.3, 4.4, 15.3",
        "criticism/by-officer": "4.5",
        "personal-data": "13.2.2, 8.6",
        "obligation": "13.2.4, 2.2 k, 12.5 d",
        "instruction": "13.2.4, 2.2 h, 11.5",
        "pressure": "2.2 h, 2.2 i, 2.2 j, 3.4, 14.4, 15.6",
        "capacity": "13.1.1, 13.2.4, 12.5 a",
        "party-political": "13.1.1, 7.2, 2.3 ii",
        "confidential": "13.2.5, 8.10",
        "exposed-recipients": "13.2.2",
        "disrespect": "2.1, 3.1, 4.2",
    },
}

OWN = """\
id = "our-town"
title = "Our Town Council: protocol"
council = "town"

[[clauses]]
ref = "1"
heading = "Letters"
summary = "Copies of letters are open."
strength = "should"

[checks.hidden-copy]
clauses = ["1"]
"""


@pytest.mark.parametrize("protocol", BEHIND)
def test_each_check_stands_on_its_clauses(protocol: str):
    rules = shipped()[protocol].rules
    named = {check.partition("/")[0] for check in BEHIND[protocol]}
    assert set(rules) == named
    for entry, refs in BEHIND[protocol].items():
        check, _, aspect = entry.partition("/")
        aspects = [aspect] if aspect else [a for a in checks()[check].aspects if a != "by-officer"]
        behind = {clause.ref for a in aspects for clause in rules[check].clauses[a]}
        assert set(refs.split(", ")) <= behind, entry


@pytest.mark.parametrize("protocol", shipped().values(), ids=lambda p: p.id)
def test_clauses_are_short_summaries(protocol):
    assert len(protocol.clauses) >= 25
    for clause in protocol.clauses:
        assert clause.heading
        assert 10 <= len(clause.summary) <= 400, clause.ref
        assert clause.summary.endswith((".", "?", "!")), clause.ref


def test_the_differences_between_councils_are_data():
    rules = {name: protocol.rules for name, protocol in shipped().items()}
    assert rules["knutsford"]["hidden-copy"].options == {"covers": "anyone", "disclosure_excuses": False}
    assert rules["knutsford"]["hidden-copy"].severities == {"councillor": "error", "anyone": "warning"}
    assert rules["uttlesford"]["undisclosed-copy"].options["same_ward_excuses"]
    assert "undisclosed-copy" not in rules["joint-standards"]
    assert "chair" in rules["pitstone"]["criticism"].options["concern_to"]
    assert {n: r["capacity"].options["state_to"] for n, r in rules.items()} == {
        "uttlesford": "press",
        "knutsford": "outside",
        "joint-standards": "nobody",
        "pitstone": "nobody",
        "district-v1": "outside",
    }


def test_a_councils_own_file_works_from_anywhere(tmp_path: Path):
    file = tmp_path / "ours.toml"
    file.write_text(OWN, encoding="utf-8")
    own = load(file)
    draft = draft_of(checks()["hidden-copy"].flagged[0])
    report = Linter({"our-town": own}, "our-town").lint(draft.__class__(**{**draft.__dict__, "protocol": None}))
    assert [(f.check, f.severity, f.clauses[0].ref) for f in report.findings] == [("hidden-copy", "warning", "1")]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('strength = "should"', 'strength = "perhaps"', 9, "strength"),
        ('heading = "Letters"\n', "", 5, "heading is missing"),
        ('title = "Our Town Council: protocol"', 'title = "x"\nmotto = "y"', 3, "motto is no setting"),
        ("[checks.hidden-copy]", "[checks.hiden-copy]", 11, "there is no check 'hiden-copy'"),
        ('clauses = ["1"]', 'clauses = ["2"]', 12, "the clause '2', which this file does not have"),
        ('clauses = ["1"]', 'clauses = ["1"]\noptions = { cover = "anyone" }', 13, "no option 'cover'"),
        ('clauses = ["1"]', 'clauses = ["1"]\n\n[checks.hidden-copy.options]\ncovers = "everybody"', 15, "covers may be"),
        ('clauses = ["1"]', 'clauses = ["1"]\n\n[checks.hidden-copy.aspects.nobody]\nclauses = ["1"]', 14, "no aspect 'nobody'"),
        ('id = "our-town"', 'id = "Our Town"', 1, "id"),
        ('strength = "should"', "strength = should", 9, "no TOML"),
    ],
)
def test_every_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str):
    file = tmp_path / "ours.toml"
    file.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load(file)
    assert [(f.line, said in f.message) for f in caught.value.faults] == [(line, True)], str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path):
    again = '\n[[clauses]]\nref = "1"\nheading = "Again"\nsummary = "The same clause once more."\nstrength = "must"\n'
    file = tmp_path / "ours.toml"
    file.write_text(OWN.replace('["1"]', '["2", "3"]') + again, encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load(file)
    assert [f.line for f in caught.value.faults] == [12, 12, 15]


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path):
    file = tmp_path / "ours.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProtocolError, match="no UTF-8"):
        load(file)


def test_lines_are_found_in_tables_arrays_and_dotted_keys():
    source = 'a = 1\n[b.c]\nd.e = """\n[not.a.table]\n"""\n[[f]]\ng = 1\n[[f]]\ng = 2\n'
    assert lines_of(source) == {("a",): 1, ("b",): 2, ("b", "c"): 2, ("b", "c", "d"): 3, ("b", "c", "d", "e"): 3} | {
        ("f",): 6, ("f", 0): 6, ("f", 0, "g"): 7, ("f", 1): 8, ("f", 1, "g"): 9,
    }  # fmt: skip
