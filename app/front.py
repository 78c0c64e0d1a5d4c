"""What every request passes on its way in and out: the cap on its size, headers, the log line, and the net under everything."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem, TooLarge, log_unexpected
from app.metrics import Metrics

log = logging.getLogger("clausewise")

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
MOST_DRAINED = 64 * 2**20  # bytes
LONGEST_DRAIN = 5.0  # seconds


class Front:
    """ASGI middleware around the whole service."""

    def __init__(self, app: ASGIApp, max_bytes: int, metrics: Metrics) -> None:
        self.app, self.max_bytes, self.metrics = app, max_bytes, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        # HEAD is answered like GET, and the server leaves the body out. Ranges are ignored, as nothing here is long.
        scope = {**scope, "method": "GET" if method == "HEAD" else method, "headers": [h for h in scope["headers"] if h[0] != b"range"]}
        began, passage = time.perf_counter(), _Passage(scope, receive, send, self.max_bytes)
        try:
            await self.app(scope, passage.receive, passage.send)
        except ClientDisconnect:
            passage.status = passage.status or 499  # nobody is left to answer
        except Exception as error:
            log_unexpected(error)
            if passage.status:
                raise ConnectionAbortedError from None  # half an answer must not pass for a whole one
            await Problem().response()(scope, passage.receive, passage.send)
        finally:
            method = method if method in METHODS else "other"
            self.metrics.request(method, route(scope), passage.status)
            log.info("%s %s %d %.0f ms", method, route(scope), passage.status, (time.perf_counter() - began) * 1000)


class _Passage:
    """One request's way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_bytes: int) -> None:
        self._receive, self._send, self._max_bytes = receive, send, max_bytes
        self._received, self._more = 0, True
        self.status = 0
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        self._declared = int(lengths[0]) if lengths and lengths[0].isdigit() else 0

    async def receive(self) -> Message:
        if self._declared > self._max_bytes:
            raise self._too_large()
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._more = message.get("more_body", False)
        if self._received > self._max_bytes:
            raise self._too_large()
        return message

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The request may have {self._max_bytes:,} bytes.", headers={"Connection": "close"})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        last = message["type"] == "http.response.body" and not message.get("more_body")
        if last and self._more and self.status == TooLarge.status:
            # A client that is still sending would lose the answer when the connection closes under it: let it finish, within reason.
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_DRAIN):
                drained = 0
                while self._more and drained < MOST_DRAINED:
                    message = await self._receive()
                    drained += len(message.get("body", b""))
                    self._more = message.get("more_body", False)
        except TimeoutError:
            pass


def route(scope: Scope) -> str:
    """The template of the route, never the path, which may hold anything."""
    found = scope.get("route")
    return getattr(found, "path", None) or ("/static" if scope["path"].startswith("/static/") else "other")
