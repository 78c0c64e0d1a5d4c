"""Running the service: is it alive, is it ready, what does it count, what does it offer."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from app.errors import FieldError, NotFound, NotReady, problems
from app.openapi import describe
from app.service import Running
from nlp.language import model_name

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    status: Literal["alive"]


class Ready(BaseModel):
    status: Literal["ready"]
    engine: str = Field(description="the model that reads")
    directory: str = Field(description="the people it knows")


@router.get("/healthz", responses=problems())
def healthz() -> Alive:
    """Whether the process answers at all."""
    return Alive(status="alive")


@router.get("/readyz", responses=problems(503))
def readyz(service: Running) -> Ready:
    """Whether drafts can be read: the engine is warm, and the directory file is in force as it stands."""
    directory = service.engine.directory.current()
    if service.engine.directory.problem:
        why = "The file has faults (see the log); the version before stays in force."
        raise NotReady(f"directory: {why}", [FieldError(field="directory", detail=why)], {"Retry-After": "10"})
    return Ready(status="ready", engine=model_name(), directory=f"{len(directory.roster.people):,} people")


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(503)}
)
def metrics(service: Running) -> Response:
    """Counts for Prometheus."""
    ready = service.engine.directory.problem is None
    return Response(service.metrics.exposition(ready), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get("/openapi.json", include_in_schema=False)
def description(request: Request, service: Running) -> Any:
    """This service in the words of OpenAPI."""
    if not service.settings.docs:
        raise NotFound
    return JSONResponse(describe(request.app, service.engine))
