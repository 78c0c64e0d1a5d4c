"""What the routes work with, made once when the service starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from fastapi import Depends, Request

from app.engine import Engine
from app.errors import NotReady
from app.feedback import FeedbackStore
from app.metrics import Metrics
from app.pool import Pool
from app.settings import Settings


@dataclass(frozen=True)
class Service:
    settings: Settings
    engine: Engine
    pool: Pool
    feedback: FeedbackStore
    metrics: Metrics


class State(TypedDict):
    """What the lifespan hands to every request."""

    service: Service


async def _service(request: Request) -> Service:
    try:
        return request.state.service
    except AttributeError:
        raise NotReady("The service is still starting.", headers={"Retry-After": "2"}) from None


Running = Annotated[Service, Depends(_service)]
