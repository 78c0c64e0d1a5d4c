"""What can go wrong with a request, and how it is told: RFC 9457 problem details.

Problem                500  our own fault
├── Unreadable         400  the body cannot be read at all
├── NotFound           404
├── WrongMethod        405
├── TooLarge           413
├── UnknownType        415
├── WrongField         422  a field is wrong: which, and why
└── NotReady           503

A problem never repeats what was sent: neither text of a message nor an address.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from app.mail import UnreadableMessage
from nlp.lint import UnknownProtocol

Model = TypeVar("Model", bound=BaseModel)
MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("clausewise")


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="where it stands, steps parted by dots", examples=["to.0.address"])
    detail: str = Field(description="why it is wrong")


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="what kind of problem this is: an address that explains it", examples=["/docs#problem-too-large"])
    title: str = Field(description="the kind of problem in words")
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str | None = Field(None, description="this problem in words")
    errors: list[FieldError] = Field([], description="the fields that are wrong")


class Problem(HTTPException):
    """Something went wrong. The class says what kind of thing, `detail` is a sentence about this one."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "unexpected"
    title: ClassVar[str] = "Something went wrong in the service"
    help: ClassVar[str] = "The service failed, not the request. The log says where; nothing of the message is logged."

    def __init__(self, detail: str = "", errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(self.status, detail or self.title, headers)
        self.errors = list(errors)

    def details(self) -> ProblemDetails:
        said = None if self.detail == self.title else self.detail
        return ProblemDetails(type=f"/docs#problem-{self.slug}", title=self.title, status=self.status, detail=said, errors=self.errors)

    @property
    def json(self) -> bytes:
        return self.details().model_dump_json(exclude_defaults=True).encode()

    def response(self) -> Response:
        return Response(self.json, self.status, {**(self.headers or {}), "Cache-Control": "no-store"}, MEDIA_TYPE)


class Unreadable(Problem):
    status, slug, title = 400, "unreadable", "This cannot be read"
    help = "The body breaks off, is no JSON, or holds no message."


class NotFound(Problem):
    status, slug, title = 404, "not-found", "There is nothing here"
    help = "No such address, protocol or check."


class WrongMethod(Problem):
    status, slug, title = 405, "wrong-method", "This address does not do that"
    help = "The Allow header says what the address does."


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "This is too large"
    help = "The request has more bytes, or the batch more drafts, than the service takes."


class UnknownType(Problem):
    status, slug, title = 415, "unknown-type", "This is not a kind of content that is read here"
    help = "The Content-Type header names something else than this address reads."


class WrongField(Problem):
    status, slug, title = 422, "wrong-field", "A field is wrong"
    help = "`errors` says which fields and why."

    @classmethod
    def of(cls, found: Iterable[ErrorDetails]) -> WrongField:
        """From what pydantic says of an input, without the input. Twenty errors are enough to see what is wrong."""
        errors = [FieldError(field=".".join(map(str, e["loc"])), detail=_why(e)) for e in list(found)[:20]]
        return cls("; ".join(f"{e.field or 'the body'}: {e.detail}" for e in errors[:3]), errors)


class NotReady(Problem):
    status, slug, title = 503, "not-ready", "The service is not ready"
    help = "The service is starting, or feedback cannot be stored at the moment. The Retry-After header says when to ask again."


KINDS: dict[int, type[Problem]] = {kind.status: kind for kind in (Problem, *Problem.__subclasses__())}


def problem(error: Exception) -> Problem:
    """The problem that an exception amounts to. One that nobody foresaw is logged by its kind and place only."""
    match error:
        case Problem():
            return error
        case UnknownProtocol():
            why = f"there is no such protocol; there are {', '.join(error.known)}"
            return WrongField(f"protocol: {why}", [FieldError(field="protocol", detail=why)])
        case UnreadableMessage(reason=reason):
            return Unreadable(reason)
        case HTTPException(status_code=status) if status in KINDS:
            return KINDS[status](headers=error.headers)
    log_unexpected(error)
    return Problem(f"Clausewise failed at this with a {type(error).__name__}. The fault is its own, and its log says where.")


def validated(model: type[Model], given: object) -> Model:
    """`given` as the model, or `WrongField` with every field that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise WrongField.of(error.errors(include_url=False, include_input=False, include_context=False)) from None


def log_unexpected(error: Exception) -> None:
    """Where it happened, and never `str(error)`, which may hold text of a message."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    way = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("unexpected %s at %s", type(error).__name__, way)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems (and 500, which any may)."""
    schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": KINDS[status].title, "content": schema} for status in (*statuses, 500)}


def install(app: FastAPI) -> None:
    """Have every error answered as a problem. The ones nobody foresaw are caught in `app.front`."""

    def told(_: Request, error: Exception) -> Response:
        return problem(error).response()

    def wrong(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        if found[0]["type"] == "json_invalid":
            return Unreadable(f"The body is no JSON: it breaks off or goes wrong at character {found[0]['loc'][-1]}.").response()
        # The first step of a place ("body", "query", "path") says nothing that the name does not.
        return WrongField.of([{**e, "loc": e["loc"][1:]} for e in found]).response()

    app.add_exception_handler(HTTPException, told)
    app.add_exception_handler(UnknownProtocol, told)
    app.add_exception_handler(UnreadableMessage, told)
    app.add_exception_handler(RequestValidationError, wrong)


def _why(error: ErrorDetails) -> str:
    if error["type"] in ("model_type", "model_attributes_type"):  # "a valid dictionary or instance of Draft"
        return "input should be a JSON object"
    said = error["msg"].removeprefix("Value error, ")
    return said[:1].lower() + said[1:]
