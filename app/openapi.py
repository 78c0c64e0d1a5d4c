"""The service in the words of OpenAPI, with the names that this service knows filled in."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.engine import Engine
from app.errors import ProblemDetails
from nlp.checks import checks


def describe(app: FastAPI, engine: Engine) -> dict[str, Any]:
    """The description of `app`. Where a field's schema says `x-known`, it becomes a list of the protocols or checks there are."""
    known = {"protocols": sorted(engine.linter.protocols), "checks": sorted(checks())}
    described = _filled(app.openapi(), known)
    described["components"]["schemas"].setdefault("ProblemDetails", ProblemDetails.model_json_schema())
    return described


def _filled(part: Any, known: dict[str, list[str]]) -> Any:
    if isinstance(part, list):
        return [_filled(one, known) for one in part]
    if not isinstance(part, dict):
        return part
    filled = {key: _filled(value, known) for key, value in part.items() if key != "x-known"}
    return filled | {"enum": known[part["x-known"]]} if "x-known" in part else filled
