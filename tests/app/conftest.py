"""The real service on a free loopback port, and a client for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings


@contextmanager
def run(app: FastAPI) -> Iterator[str]:
    """Run `app` with uvicorn in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < give_up, "the service did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="session")
def serve():
    """`with serve(app) as address` for a service of one's own."""
    return run


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    return Settings(state_dir=tmp_path_factory.mktemp("state"), max_request_bytes=4_000_000, max_batch=200, workers=2)


@pytest.fixture(scope="session")
def service(settings) -> Iterator[str]:
    """The address of a service with small caps and the invented council."""
    with run(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="session")
def client(service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=60) as client:
        yield client
