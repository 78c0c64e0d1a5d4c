"""The pages for people: a draft to try, and the description of the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from app import pages, reference
from app.errors import NotFound, problems
from app.openapi import describe
from app.service import Running

HERE = Path(pages.__path__[0])
# Everything from here and nothing from elsewhere; nobody may frame the page or send its fields anywhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Files(StaticFiles):
    """What the pages load: asked for anew each time, sent only where it changed."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


router = APIRouter(include_in_schema=False)


@router.get("/")
def index() -> FileResponse:
    return FileResponse(HERE / "index.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


@router.get("/docs", responses=problems(404))
def docs(request: Request, service: Running) -> HTMLResponse:
    if not service.settings.docs:
        raise NotFound
    page = reference.page(describe(request.app, service.engine), service.engine)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})
