"""Listens on a socket and runs the service until it is told to stop."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import uvicorn

from app.main import create_app
from app.settings import Settings


class _Server(uvicorn.Server):
    """Tells when it answers requests."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Run the service. `ready` is called once with the address of its page. Raises `OSError` where it cannot listen there."""
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # any will do for a browser on this machine
    server = _Server(
        uvicorn.Config(create_app(settings), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=10)
    )
    server.ready = lambda: ready(f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/")
    server.run([listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Said to be TCP in so many words: asyncio sends small answers at once (TCP_NODELAY) only where it is.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address[:2])
        listening.listen(2048)
        return listening
    except OSError as error:
        raise OSError(error.errno, (error.strerror or str(error)).partition(" (")[0], f"{host}:{port}") from None
