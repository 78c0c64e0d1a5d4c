"""Running the service: is it alive, is it ready, what does it count, what does it offer.

What needs no file is `async`, so that it is answered while every thread reads letters.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from app.errors import NotFound, problems
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
async def healthz() -> Alive:
    """Whether the process answers at all."""
    return Alive(status="alive")


@router.get("/readyz", responses=problems(503))
def readyz(service: Running) -> Ready:
    """Whether drafts can be read: the engine is warm and knows the council's people.

    A directory file that was broken since does not make the service unready, for the version before it stays in force: `directory` and
    the metric `clausewise_directory_ready` say so.
    """
    people = f"{len(service.engine.directory.current().roster.people):,} people"
    faulty = " (the file has faults since, see the log; the version before is in force)" if service.engine.directory.problem else ""
    return Ready(status="ready", engine=model_name(service.engine.linter.model), directory=people + faulty)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(503)}
)
async def metrics(service: Running) -> Response:
    """Counts for Prometheus."""
    ready = service.engine.directory.problem is None
    return Response(service.metrics.exposition(ready), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get("/openapi.json", include_in_schema=False)
def description(request: Request, service: Running) -> Any:
    """This service in the words of OpenAPI."""
    if not service.settings.docs:
        raise NotFound
    return JSONResponse(describe(request.app, service.engine))
