"""The JSON that clients see, and its way into the engine and back.

Inside the engine offsets count code points. Here, and nowhere else, they become what the client counts in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nlp import draft as core

Unit = Literal["unicode", "utf-16"]
BodyType = Literal["text", "html"]
ComposeType = Literal["new", "reply", "forward"]
Recipients = Literal["to", "cc", "bcc"]
Severity = Literal["info", "warning", "error"]
Verdict = Literal["clear", "info", "warn", "block"]


def well_formed(text: Any) -> Any:
    """The text with every lone surrogate as U+FFFD, which moves no offset in either unit. Anything else is left alone."""
    if not isinstance(text, str):
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text


def number(value: Any) -> Any:
    """The value, unless only Python takes it for a number: true, or digits in quotes."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    return value


# Half an emoji comes from an editor that cut it in two: no reason to refuse a letter.
Text = Annotated[str, BeforeValidator(well_formed)]
# Filled with what this service knows when the OpenAPI description is made (see app.openapi).
ProtocolId = Annotated[str, BeforeValidator(well_formed), Field(json_schema_extra={"x-known": "protocols"})]
CheckId = Annotated[str, BeforeValidator(well_formed), Field(json_schema_extra={"x-known": "checks"})]


# ---- a draft ----


class Party(BaseModel):
    """The sender or a recipient."""

    address: Annotated[Text, Field(min_length=1, max_length=2000)]
    name: Annotated[Text, Field(max_length=2000)] = ""
    role: core.Role | None = Field(None, description="a hint; the directory knows better")

    def party(self) -> core.Party:
        return core.Party(self.address, self.name, self.role or core.Role.UNKNOWN)


class Attachment(BaseModel):
    """A file that travels with the draft. Its contents are read from whole messages only."""

    name: Annotated[Text, Field(max_length=2000)]
    content_type: Annotated[Text, Field(max_length=2000)] = ""
    size: Annotated[int, Field(ge=0, le=2**53), BeforeValidator(number)] = Field(0, description="bytes")


class Draft(BaseModel):
    """A message that is about to be sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sender": {"address": "a.khan@northmere.gov.uk", "name": "Cllr Aisha Khan", "role": "member"},
                    "to": [{"address": "p.lowe@northmere.gov.uk", "name": "Peter Lowe"}],
                    "bcc": [{"address": "j.reid@northmere.gov.uk"}],
                    "subject": "Mill Lane",
                    "body": "When will the verges be cut?",
                }
            ]
        }
    )

    sender: Party
    to: list[Party] = []
    cc: list[Party] = []
    bcc: list[Party] = []
    subject: Text = ""
    body: Text = ""
    body_type: BodyType = Field("text", description="for `html`, offsets are into the `text` that the report returns")
    attachments: list[Attachment] = []
    compose_type: ComposeType | None = None
    protocol: ProtocolId | None = Field(None, description="left out: the council's own")
    offsets: Unit = Field("unicode", description="what offsets count: code points, or UTF-16 code units as JavaScript does")

    def draft(self) -> core.Draft:
        """As the engine reads it; roles are hints until the directory has been asked."""
        return core.Draft(
            sender=self.sender.party(),
            to=tuple(p.party() for p in self.to),
            cc=tuple(p.party() for p in self.cc),
            bcc=tuple(p.party() for p in self.bcc),
            subject=self.subject,
            body=self.body,
            body_type=self.body_type,
            attachments=tuple(core.Attachment(a.name, a.content_type, a.size) for a in self.attachments),
            compose_type=self.compose_type,
            protocol=self.protocol or None,
        )


def clean(draft: core.Draft) -> core.Draft:
    """A draft that was read from a message, fit for UTF-8: whatever a broken charset left in it goes no further."""
    each = lambda parties: tuple(replace(p, address=well_formed(p.address), name=well_formed(p.name), identity="") for p in parties)
    files = tuple(replace(a, name=well_formed(a.name), text=well_formed(a.text)) for a in draft.attachments)
    texts = {"subject": well_formed(draft.subject), "body": well_formed(draft.body), "unread": tuple(map(well_formed, draft.unread))}
    (sender,) = each([draft.sender])
    return replace(draft, sender=sender, to=each(draft.to), cc=each(draft.cc), bcc=each(draft.bcc), attachments=files, **texts)


class DraftRead(BaseModel):
    """The draft that a message held: a `Draft`, which may be sent to `/v1/lint` after a change."""

    sender: dict[str, Any]
    to: list[dict[str, Any]]
    cc: list[dict[str, Any]]
    bcc: list[dict[str, Any]]
    subject: str
    body: str
    body_type: BodyType
    attachments: list[Attachment]
    compose_type: ComposeType | None

    @classmethod
    def of(cls, draft: core.Draft) -> DraftRead:
        person = lambda p: {"address": p.address, "name": p.name, "role": p.role.value}
        return cls(
            sender=person(draft.sender),
            to=[person(p) for p in draft.to],
            cc=[person(p) for p in draft.cc],
            bcc=[person(p) for p in draft.bcc],
            subject=draft.subject,
            body=draft.body,
            body_type=draft.body_type,
            attachments=[Attachment(name=a.name[:2000], content_type=a.content_type[:2000], size=a.size) for a in draft.attachments],
            compose_type=draft.compose_type,
        )


# ---- a report ----


class TextLocation(BaseModel):
    """A stretch of the subject or the body, half-open."""

    part: Literal["subject", "body"]
    start: int
    end: int


class RecipientLocation(BaseModel):
    """Recipients, as they were written."""

    part: Recipients
    start: Literal[0] = 0
    end: Literal[0] = 0
    address: str = Field(description="the first of them")
    addresses: list[str]


class AttachmentLocation(BaseModel):
    """An attachment, by its name."""

    part: Literal["attachments"]
    start: Literal[0] = 0
    end: Literal[0] = 0
    attachment: str


class TextEdit(BaseModel):
    """Put `text` in the place of a stretch of the subject or the body."""

    part: Literal["subject", "body"]
    start: int
    end: int
    text: str


class RecipientEdit(BaseModel):
    """Move a recipient, or take it out (`to` is null)."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    op: Literal["move", "remove"]
    address: str
    source: Recipients = Field(alias="from")
    target: Recipients | None = Field(alias="to")


class Fix(BaseModel):
    """One way out. All its edits together make the warning go away."""

    title: str
    edits: list[TextEdit]
    recipients: list[RecipientEdit]


class Clause(BaseModel):
    """A clause of a protocol, in our own words."""

    protocol: str
    ref: str
    title: str
    summary: str
    strength: Literal["must", "should", "guidance"]

    @classmethod
    def of(cls, clause: core.Clause) -> Clause:
        return cls(protocol=clause.protocol, ref=clause.ref, title=clause.heading, summary=clause.summary, strength=clause.strength)


class LintWarning(BaseModel):
    """One thing that the council's protocol would say about the draft."""

    check: str
    severity: Severity
    message: str
    location: TextLocation | RecipientLocation | AttachmentLocation
    excerpt: str = Field(description="the words at the location")
    confidence: Annotated[float, Field(ge=0, le=1)]
    fingerprint: str = Field(description="stable across small edits elsewhere")
    clauses: list[Clause]
    fixes: list[Fix]


class ProtocolName(BaseModel):
    id: str
    title: str


class EngineName(BaseModel):
    version: str
    model: str


class Report(BaseModel):
    """What was found in a draft."""

    verdict: Verdict = Field(description="the highest severity found")
    protocol: ProtocolName
    warnings: list[LintWarning]
    text: str | None = Field(description="for HTML: the text that offsets in the body index")
    complete: bool = Field(description="whether all of the draft was read")
    unread: list[str] = Field(description="what was not read, in words")
    engine: EngineName
    elapsed_ms: float


class Header(BaseModel):
    name: str
    value: str


class MessageReport(Report):
    """What was found in a message, and what a gateway is to do with it."""

    action: Literal["accept", "hold", "reject"]
    headers: list[Header] = Field(description="for the gateway to add")
    draft: DraftRead | None = Field(None, description="the draft that was read, where it was asked for")


class Offsets:
    """Turns code point offsets of one text into the client's unit."""

    def __init__(self, text: str, unit: Unit) -> None:
        # Each character beyond the basic plane takes two UTF-16 code units, so an offset grows by how many lie before it.
        self._wide = [] if unit == "unicode" else [m.start() for m in re.finditer("[\U00010000-\U0010ffff]", text)]

    def __call__(self, at: int) -> int:
        return at + bisect_left(self._wide, at)


@dataclass(frozen=True)
class _Parts:
    subject: Offsets
    body: Offsets

    def place(self, part: str, start: int, end: int) -> dict[str, Any]:
        turn = self.subject if part == "subject" else self.body
        return {"part": part, "start": turn(start), "end": turn(end)}


def report(found: core.Report, draft: core.Draft, unit: Unit, elapsed_ms: float) -> Report:
    """The report on `draft` as clients see it, with offsets in `unit`."""
    return Report(
        verdict=found.verdict,
        protocol=ProtocolName(id=found.protocol, title=found.title),
        warnings=warnings(found, draft, unit),
        text=found.text,
        complete=not found.unread,
        unread=list(found.unread),
        engine=EngineName(version=version(), model=found.model),
        elapsed_ms=round(elapsed_ms, 2),
    )


def warnings(found: core.Report, draft: core.Draft, unit: Unit = "unicode") -> list[LintWarning]:
    parts = _Parts(Offsets(draft.subject, unit), Offsets(draft.body if found.text is None else found.text, unit))
    return [_warning(finding, parts) for finding in found.findings]


def _warning(finding: core.Finding, parts: _Parts) -> LintWarning:
    return LintWarning(
        check=finding.check,
        severity=finding.severity,
        message=finding.message,
        location=_location(finding.location, parts),
        excerpt=finding.excerpt,
        confidence=finding.certainty,
        fingerprint=finding.fingerprint,
        clauses=[Clause.of(c) for c in finding.clauses],
        fixes=[_fix(fix, parts) for fix in finding.fixes],
    )


def _location(where: core.Location, parts: _Parts) -> TextLocation | RecipientLocation | AttachmentLocation:
    match where.part:
        case "subject" | "body":
            return TextLocation(**parts.place(where.part, where.start, where.end))
        case "attachments":
            return AttachmentLocation(part="attachments", attachment=where.attachment)
        case part:
            return RecipientLocation(part=part, address=next(iter(where.addresses), ""), addresses=list(where.addresses))


def _fix(fix: core.Fix, parts: _Parts) -> Fix:
    edits = [TextEdit(**parts.place(e.part, e.start, e.end), text=e.text) for e in fix.edits]
    moves = [
        RecipientEdit(op="move" if e.target else "remove", address=e.address, source=e.source, target=e.target) for e in fix.recipients
    ]
    return Fix(title=fix.title, edits=edits, recipients=moves)


def gateway_headers(answer: Report) -> list[Header]:
    """What a gateway adds to the message, so that a rule of the mail system can act on it."""
    headers = [Header(name="X-Clausewise-Verdict", value=answer.verdict)]
    if raised := _unique(w.check for w in answer.warnings):
        headers.append(Header(name="X-Clausewise-Checks", value=", ".join(raised)))
    if not answer.complete:
        headers.append(Header(name="X-Clausewise-Incomplete", value="yes"))
    return headers


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


@cache
def version() -> str:
    """The version of the installed package."""
    try:
        return metadata.version("clausewise")
    except metadata.PackageNotFoundError:
        return "0+source"


# ---- feedback ----


class Feedback(BaseModel):
    """What somebody did about a warning. There is no field that could hold words of a message."""

    fingerprint: str = Field(pattern=r"^[0-9a-f]{8,64}(-[0-9]{1,6})?$", description="the warning's")
    action: Literal["dismissed", "sent-anyway"]
    reason: Literal["misread", "justified", "agreed", "other"] = Field(
        "other",
        description="`misread`: the words do not mean that; `justified`: right in this case; `agreed`: those concerned have agreed",
    )
    check: CheckId | None = None
    protocol: ProtocolId | None = None
