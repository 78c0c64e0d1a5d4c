"""The service: `create_app()` puts it together, and its lifespan starts the engine. Nothing happens at import."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app import errors, wire
from app.engine import Engine
from app.feedback import FeedbackStore
from app.front import Front
from app.metrics import Metrics
from app.pool import Pool
from app.routes import catalogue, feedback, lint, operations, pages
from app.service import Service, State
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service under these settings, or those of the environment."""
    settings = settings or Settings()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        _set_up_log(settings.log_level)
        engine = await run_in_threadpool(Engine.start, settings)
        pool = Pool(engine, settings.workers)
        try:
            yield {"service": Service(settings, engine, pool, FeedbackStore(settings.feedback_path), metrics)}
        finally:
            await run_in_threadpool(pool.close)

    app = FastAPI(
        title="Clausewise",
        version=wire.version(),
        summary="Reads a council's letters before they are sent, and warns where its protocol would.",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,  # served by app.routes.operations, with what this service knows filled in
        docs_url=None,  # served by app.routes.pages, since the usual ones load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    for routes in (lint, catalogue, feedback, operations, pages):
        app.include_router(routes.router)
    app.mount("/static", pages.Files(directory=pages.HERE), name="static")
    app.add_middleware(Front, max_bytes=settings.max_request_bytes, metrics=metrics)
    return app


def _set_up_log(level: str) -> None:
    log = logging.getLogger("clausewise")
    log.setLevel(level.upper())
    if not log.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
    # Its lines hold whole addresses, and the envelope of a message stands in their queries.
    logging.getLogger("uvicorn.access").disabled = True
