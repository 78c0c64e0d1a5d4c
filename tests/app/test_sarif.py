"""SARIF as other tools will take it.

The official schema is not ours to copy, so the objects that we make are held here to a smaller one, written after the standard's own
tables (SARIF 2.1.0, section 3): what must be there, what may be, and nothing else.
"""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.output.sarif import Log, uri
from nlp.checks import checks
from nlp.draft import Clause, Draft, Edit, Finding, Fix, Location, Party, RecipientEdit, Report

TEXT, NUMBER = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(required: str, optional: str = "", **properties: Any) -> dict[str, Any]:
    assert set(properties) == {*required.split(), *optional.split()}
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def many(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


MESSAGE = closed("text", text=TEXT)
MARKDOWN = closed("text", "markdown", text=TEXT, markdown=TEXT)
CONTENT = closed("text", text={"type": "string"})
ARTIFACT = closed("uri", uri={"type": "string", "pattern": r"^([!#-;=?-\[\]_a-z~]|%[0-9A-F]{2})+$"})  # RFC 3986's characters
LINE = {"type": "integer", "minimum": 1}
REGION = closed(
    "startLine",
    "startColumn endLine endColumn charOffset charLength snippet",
    startLine=LINE,
    startColumn=LINE,
    endLine=LINE,
    endColumn=LINE,
    charOffset=NUMBER,
    charLength=NUMBER,
    snippet=CONTENT,
)
LOCATION = closed(
    "physicalLocation",
    "logicalLocations",
    physicalLocation=closed("artifactLocation", "region", artifactLocation=ARTIFACT, region=REGION),
    logicalLocations=many(closed("name fullyQualifiedName kind", name=TEXT, fullyQualifiedName=TEXT, kind=TEXT), 1),
)
REPLACEMENT = closed("deletedRegion insertedContent", deletedRegion=REGION, insertedContent=CONTENT)
CHANGE = closed("artifactLocation replacements", artifactLocation=ARTIFACT, replacements=many(REPLACEMENT, 1))
RESULT = closed(
    "ruleId ruleIndex level message locations partialFingerprints properties",
    "fixes",
    ruleId=TEXT,
    ruleIndex=NUMBER,
    level=LEVEL,
    message=MESSAGE,
    locations=many(LOCATION, 1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    fixes=many(closed("description artifactChanges", description=MESSAGE, artifactChanges=many(CHANGE, 1)), 1),
    properties={"type": "object"},
)
RULE = closed(
    "id name shortDescription fullDescription help", id=TEXT, name=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, help=MARKDOWN
)
NOTIFICATION = closed("level message locations", level=LEVEL, message=MESSAGE, locations=many(LOCATION))
RUN = closed(
    "tool invocations columnKind results",
    tool=closed("driver", driver=closed("name version rules", name=TEXT, version=TEXT, rules=many(RULE))),
    invocations=many(
        closed(
            "executionSuccessful",
            "toolExecutionNotifications",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=many(NOTIFICATION),
        )
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=many(RESULT),
)
LOG = closed("$schema version runs", **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": many(RUN, 1)})

BODY = "Dear Ruth,\r\n\r\n🙂 Thank you,\r\ndarling. Bye."
CLAUSE = Clause("pitstone", "5 P1", "Correspondence", "Write so that everybody may read it.", "should")
START, END = BODY.index("Thank"), BODY.index(" Bye")


def log() -> dict[str, Any]:
    words = Finding(
        "over-familiar",
        "main",
        Location("body", START, END),
        "Too familiar.",
        0.85,
        BODY[START:END],
        (Fix("Leave it out", (Edit("body", START, END, ""),)),),
        "info",
        (CLAUSE,),
        "abc123",
    )
    copy = Finding(
        "hidden-copy",
        "anyone",
        Location("bcc", addresses=("j.reid@north.gov.uk", "a.b@c.uk")),
        "They are not told.",
        1.0,
        "j.reid@north.gov.uk",
        (Fix("Move to Cc", recipients=(RecipientEdit("j.reid@north.gov.uk", "bcc", "cc"),)),),
        "error",
        (CLAUSE,),
        "def456",
    )
    file = Finding("personal-data", "main", Location("attachments", attachment="list.csv"), "A list.", 1.0, "list.csv", fingerprint="9")
    made = Log("1.0", checks())
    draft = Draft(Party("a@b.uk"), body=BODY)
    made.add("out/my letter.eml", 0, draft, Report("pitstone", "P", (words, copy, file)))
    made.add("drafts.jsonl", 7, draft, Report("pitstone", "P", (words, copy)))
    made.fail("bad.eml", 0, "The message is empty.")
    made.fail("drafts.jsonl", 8, "This is no JSON.")
    return made.document()


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    return log()["runs"][0]["results"]


def test_the_log_holds_what_the_standard_knows() -> None:
    faults = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(LOG).iter_errors(log())]
    assert faults == []


def test_a_log_of_nothing_is_sound() -> None:
    empty = Log("1.0", checks()).document()
    assert list(Draft202012Validator(LOG).iter_errors(empty)) == []
    assert empty["runs"][0]["results"] == []
    assert empty["runs"][0]["invocations"] == [{"executionSuccessful": True}]


def test_every_check_is_a_rule_and_results_point_at_theirs(results: list[dict[str, Any]]) -> None:
    rules = log()["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(checks())
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_words_are_located_by_offset_and_by_line(results: list[dict[str, Any]]) -> None:
    place = results[0]["locations"][0]["physicalLocation"]
    region = place["region"]
    assert place["artifactLocation"]["uri"] == "out/my%20letter.eml#/body"
    assert BODY[region["charOffset"] :][: region["charLength"]] == region["snippet"]["text"] == "Thank you,\r\ndarling."
    lines = BODY.splitlines()
    assert lines[region["startLine"] - 1][region["startColumn"] - 1 :] == "Thank you,"
    assert lines[region["endLine"] - 1][: region["endColumn"] - 1] == "darling."


def test_recipients_and_files_are_logical_locations(results: list[dict[str, Any]]) -> None:
    copy, file = results[1]["locations"][0], results[2]["locations"][0]
    assert copy["physicalLocation"] == {"artifactLocation": {"uri": "out/my%20letter.eml"}}
    assert [place["fullyQualifiedName"] for place in copy["logicalLocations"]] == ["bcc/j.reid@north.gov.uk", "bcc/a.b@c.uk"]
    assert [place["fullyQualifiedName"] for place in file["logicalLocations"]] == ["attachments/list.csv"]


def test_a_draft_among_json_lines_is_located_by_its_line(results: list[dict[str, Any]]) -> None:
    words, copy = (result["locations"][0]["physicalLocation"] for result in results[3:])
    assert words["artifactLocation"]["uri"] == "drafts.jsonl#/6/body"
    assert copy == {"artifactLocation": {"uri": "drafts.jsonl"}, "region": {"startLine": 7}}


def test_levels_fingerprints_and_clauses(results: list[dict[str, Any]]) -> None:
    assert [result["level"] for result in results[:3]] == ["note", "error", "warning"]
    assert results[0]["partialFingerprints"] == {"clausewise/v1": "abc123"}
    assert results[0]["message"]["text"] == "Too familiar. (pitstone 5 P1 Correspondence)"


def test_text_fixes_can_be_applied_and_others_are_named(results: list[dict[str, Any]]) -> None:
    (change,) = results[0]["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "out/my%20letter.eml#/body"
    assert change["replacements"][0]["deletedRegion"]["charOffset"] == START
    assert "fixes" not in results[1]
    assert results[1]["properties"]["ways-out"] == ["Move to Cc"]


def test_what_could_not_be_read_is_a_notification() -> None:
    (invocation,) = log()["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == ["The message is empty.", "This is no JSON."]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.eml", "a.eml"),
        ("out/Mill Lane #2 50%.eml", "out/Mill%20Lane%20%232%2050%25.eml"),
        ("a:b.eml", "a%3Ab.eml"),
        ("Brücke.eml", "Br%C3%BCcke.eml"),
        ("/tmp/a b.eml", "file:///tmp/a%20b.eml"),
        ("-", "-"),
    ],
)
def test_paths_become_uris(path: str, expected: str) -> None:
    assert uri(path) == expected
