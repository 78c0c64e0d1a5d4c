"""Reports as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for tools that gather findings of many linters.

The text of a letter is seldom the text of its file: it may be encoded, or HTML. So the words that a warning means are located in the
artifact `letter.eml#/body` (written as RFC 6901 names the body of a JSON draft), with lines and columns of the letter's own text.
Recipients are logical locations such as `bcc/j.reid@northmere.gov.uk`. Columns and offsets count code points, as `columnKind` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from app.output.cells import plain
from app.output.lines import Lines
from nlp.checks.base import Check
from nlp.draft import Draft, Finding, Fix, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}


class Log:
    """A SARIF log with one run. `add` each report, `fail` what could not be read, and take the `document`."""

    def __init__(self, version: str, checks: Mapping[str, Check]) -> None:
        self._rules = {check: index for index, check in enumerate(checks)}
        self._results: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []
        self._driver = {"name": "Clausewise", "version": version, "rules": [_rule(check) for check in checks.values()]}

    def add(self, file: str, line: int, draft: Draft, report: Report) -> None:
        """The findings on the letter in `file` (a path), at `line` of it (1-based; 0 where the file is the letter)."""
        text = draft.body if report.text is None else report.text
        parts = {"subject": Lines(draft.subject), "body": Lines(text)}
        for finding in report.findings:
            self._results.append(self._result(uri(file), line, finding, parts))

    def fail(self, file: str, line: int, why: str) -> None:
        """Something that could not be read."""
        where = {"artifactLocation": {"uri": uri(file)}} | ({"region": {"startLine": line}} if line else {})
        self._failures.append({"level": "error", "message": {"text": why}, "locations": [{"physicalLocation": where}]})

    def document(self) -> dict[str, Any]:
        invocation: dict[str, Any] = {"executionSuccessful": not self._failures}
        if self._failures:
            invocation["toolExecutionNotifications"] = self._failures
        run = {
            "tool": {"driver": self._driver},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": self._results,
        }
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def _result(self, file: str, line: int, finding: Finding, parts: Mapping[str, Lines]) -> dict[str, Any]:
        where = finding.location
        fragment = f"{file}#/{line - 1}/" if line else f"{file}#/"
        physical: dict[str, Any] = {"artifactLocation": {"uri": file}}
        if where.part in parts:
            physical["artifactLocation"] = {"uri": fragment + where.part}
            physical["region"] = region(parts[where.part], where.start, where.end) | {"snippet": {"text": finding.excerpt}}
        elif line:
            physical["region"] = {"startLine": line}
        named = where.addresses or ((where.attachment,) if where.attachment else ())
        logical = [{"name": name, "fullyQualifiedName": f"{where.part}/{name}", "kind": "element"} for name in named]
        fixes = [made for fix in finding.fixes if (made := _fix(fix, fragment, parts))]
        return {
            "ruleId": finding.check,
            "ruleIndex": self._rules[finding.check],
            "level": LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [{"physicalLocation": physical} | ({"logicalLocations": logical} if logical else {})],
            "partialFingerprints": {"clausewise/v1": finding.fingerprint},
            **({"fixes": fixes} if fixes else {}),
            "properties": {
                "confidence": finding.certainty,
                "clauses": [f"{clause.protocol} {clause.ref}" for clause in finding.clauses],
                "ways-out": [fix.title for fix in finding.fixes],
            },
        }


def uri(path: str) -> str:
    """A path as a relative, percent-encoded URI reference; a path from the root becomes a file URI (RFC 8089)."""
    pure = PurePath(path)
    if pure.is_absolute():
        return pure.as_uri()
    return quote(pure.as_posix(), safe="/")


def region(text: Lines, start: int, end: int) -> dict[str, Any]:
    """The span as a SARIF region: lines and columns from 1, the end column behind the last character."""
    first, last = text.spanned(start, end)
    return {
        "startLine": first + 1,
        "startColumn": start - text.starts[first] + 1,
        "endLine": last + 1,
        "endColumn": end - text.starts[last] + 1,
        "charOffset": start,
        "charLength": end - start,
    }


def _message(finding: Finding) -> str:
    cited = "; ".join(f"{clause.protocol} {clause.ref} {clause.heading}" for clause in finding.clauses)
    return plain(f"{finding.message} ({cited})" if cited else finding.message)


def _fix(fix: Fix, fragment: str, parts: Mapping[str, Lines]) -> dict[str, Any] | None:
    """A fix that edits text. SARIF has no words for moving a recipient: those are only named, in `properties`."""
    changes = [
        {"artifactLocation": {"uri": fragment + part}, "replacements": replacements}
        for part, text in parts.items()
        if (replacements := [
            {"deletedRegion": region(text, edit.start, edit.end), "insertedContent": {"text": edit.text}}
            for edit in fix.edits
            if edit.part == part
        ])
    ]  # fmt: skip
    if not changes or fix.recipients:
        return None
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _rule(check: Check) -> dict[str, Any]:
    instead = check.instead
    return {
        "id": check.id,
        "name": "".join(word.capitalize() for word in check.id.split("-")),
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.summary},
        "help": {"text": f"{check.why}\n\n{instead}", "markdown": f"{check.why}\n\n**Instead:** {instead}"},
    }
