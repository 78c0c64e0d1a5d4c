"""Drafts and messages in, reports out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app import wire
from app.engine import Engine
from app.errors import FieldError, Problem, ProblemDetails, TooLarge, UnknownType, Unreadable, WrongField, problems, validated
from app.service import Running

router = APIRouter(prefix="/v1/lint", tags=["lint"])

Absent = SkipJsonSchema[None]  # a query has no null
MESSAGES = ("message/rfc822", "application/vnd.ms-outlook", "application/octet-stream")


async def json_only(request: Request) -> None:
    kind = media_type(request)
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnknownType("Send application/json.")


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


# ---- one draft ----


@router.post("", response_model=wire.Report, dependencies=[Depends(json_only)], responses=problems(400, 413, 415, 422, 503))
def lint(draft: wire.Draft, service: Running) -> Response:
    """Read a draft before it is sent."""
    read = service.engine.lint(draft.draft())
    service.metrics.draft(read.counts)
    return _json(read.answer(draft.offsets))


# ---- many drafts ----


class Batch(BaseModel):
    drafts: list[Any] = Field(description="each a Draft; one that is not gets a problem in its place")


class Batched(BaseModel):
    reports: list[wire.Report | ProblemDetails] = Field(description="in the order of the drafts")


@router.post("/batch", response_model=Batched, dependencies=[Depends(json_only)], responses=problems(400, 413, 415, 422, 503))
def lint_batch(batch: Batch, service: Running) -> Response:
    """Read many drafts, on all cores. What is wrong with one harms no other."""
    most = service.settings.max_batch
    if len(batch.drafts) > most:
        raise TooLarge(f"A batch may hold {most:,} drafts.")
    answers = list(service.pool.answers(Engine.answer, batch.drafts))
    for answer in answers:
        service.metrics.draft(None if isinstance(answer, Problem) else answer.counts)
    content = b'{"reports":[%s]}' % b",".join(answer.json for answer in answers)
    return Response(content, media_type="application/json")


# ---- a message ----


class MessageOptions(BaseModel):
    """What may be said about a message, in the query or as fields of a form."""

    envelope_from: wire.Text | Absent = Field(None, description="who sends it, where the message does not say")
    envelope_to: list[wire.Text] = Field([], description="whom it goes to; those whom no header shows are blind copies")
    protocol: wire.ProtocolId | Absent = Field(None, description="left out: the council's own")
    offsets: wire.Unit = "unicode"
    draft: bool = Field(False, description="whether to return the draft that was read")


@dataclass(frozen=True)
class Upload:
    data: bytes
    options: MessageOptions


class _Parser(MultiPartParser):
    spool_max_size = 2**62  # letters are kept in memory: never in a file, however briefly


async def upload(request: Request, service: Running, asked: Annotated[MessageOptions, Query()]) -> Upload:
    kind = media_type(request)
    if kind in MESSAGES:
        return Upload(await request.body(), asked)
    if kind != "multipart/form-data":
        raise UnknownType(f"Send {', '.join(MESSAGES)} or multipart/form-data.")
    fields = service.settings.max_recipients + len(MessageOptions.model_fields)
    try:
        form = await _Parser(request.headers, request.stream(), max_files=1, max_fields=fields).parse()
    except MultiPartException:
        raise Unreadable("The form is damaged, or holds more than one file or too many fields.") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise WrongField("file: is missing", [FieldError(field="file", detail="is missing")])
    said = {name: form[name] for name in MessageOptions.model_fields if form.get(name)}
    if "envelope_to" in said:
        said["envelope_to"] = [*asked.envelope_to, *form.getlist("envelope_to")]
    return Upload(await file.read(), validated(MessageOptions, asked.model_dump(exclude_unset=True) | said))


def _content() -> dict[str, Any]:
    """The body in the words of OpenAPI: FastAPI cannot say that one address takes several types."""
    message = "From: a.khan@northmere.gov.uk\r\nTo: p.lowe@northmere.gov.uk\r\nSubject: Mill Lane\r\n\r\nWhen will the verges be cut?\r\n"
    binary = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    options = MessageOptions.model_json_schema()["properties"]
    form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}, **options}, "required": ["file"]}
    contents = dict.fromkeys(MESSAGES, binary) | {"message/rfc822": binary | {"example": message}, "multipart/form-data": {"schema": form}}
    return {"required": True, "content": contents}


@router.post(
    "/message", response_model=wire.MessageReport, openapi_extra={"requestBody": _content()}, responses=problems(400, 413, 415, 422, 503)
)
def lint_message(given: Annotated[Upload, Depends(upload)], service: Running) -> Response:
    """Read a whole message (RFC 5322 or Outlook), as a mail gateway has it."""
    asked, settings = given.options, service.settings
    message = service.engine.open(given.data, asked.envelope_from, asked.envelope_to)
    read = service.engine.lint(replace(message.draft, protocol=asked.protocol))
    service.metrics.draft(read.counts)
    report = read.answer(asked.offsets)
    action = {"block": settings.action_on_error, "warn": settings.action_on_warning}.get(report.verdict, "accept")
    draft = wire.DraftRead.of(read.draft) if asked.draft else None
    answer = wire.MessageReport(**dict(report), action=action, headers=wire.gateway_headers(report), draft=draft)
    return _json(answer, {"draft"} if draft is None else set())


def _json(answer: BaseModel, without: set[str] | None = None) -> Response:
    """Written as it is: FastAPI would check the whole report a second time."""
    return Response(answer.model_dump_json(exclude=without), media_type="application/json")
