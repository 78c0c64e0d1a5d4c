"""What can be warned about and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from app import catalogue
from app.errors import NotFound, problems
from app.service import Running

router = APIRouter(prefix="/v1", tags=["catalogue"])

Id = Annotated[str, Path(max_length=100)]


@router.get("/protocols", responses=problems(503))
def protocols(service: Running) -> catalogue.Protocols:
    """The protocols in force here."""
    return catalogue.protocols(service.engine)


@router.get("/protocols/{id}", responses=problems(404, 422, 503))
def protocol(id: Id, service: Running) -> catalogue.ProtocolDetails:
    """One protocol: its clauses, and what is looked for under it."""
    if found := catalogue.protocol(service.engine, id):
        return found
    raise NotFound("There is no such protocol; /v1/protocols lists those there are.")


@router.get("/checks", responses=problems(503))
def checks(service: Running) -> catalogue.Checks:
    """All checks, the core ones first."""
    return catalogue.all_checks(service.engine)


@router.get("/checks/{id}", responses=problems(404, 422, 503))
def check(id: Id, service: Running) -> catalogue.CheckDetails:
    """One check: why, what to do instead, examples, and the clauses behind it."""
    if found := catalogue.check(service.engine, id):
        return found
    raise NotFound("There is no such check; /v1/checks lists those there are.")
