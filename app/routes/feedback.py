"""What people did about warnings."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from app import wire
from app.errors import FieldError, WrongField, problems
from app.routes.lint import json_only
from app.service import Running
from nlp.checks import checks

router = APIRouter(tags=["feedback"])


@router.post(
    "/v1/feedback", status_code=204, response_class=Response, dependencies=[Depends(json_only)], responses=problems(400, 413, 415, 422, 503)
)
def feedback(told: wire.Feedback, service: Running) -> None:
    """Say that a warning was set aside, or that the message was sent all the same. Nothing but counts is kept."""
    # Only names that are known already, so that no text can be slipped into the store.
    for field, name, known in (("check", told.check, checks()), ("protocol", told.protocol, service.engine.linter.protocols)):
        if name is not None and name not in known:
            why = f"there is none of this name; there are {', '.join(sorted(known))}"
            raise WrongField(f"{field}: {why}", [FieldError(field=field, detail=why)])
    service.feedback.add(told)
