"""The house stays one-directional: `app` uses `nlp`, never the other way, and each room knows only what it should."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NLP = sorted((ROOT / "nlp").rglob("*.py"))
APP = sorted((ROOT / "app").rglob("*.py"))
OUTSIDE = {
    "app",
    "fastapi",
    "starlette",
    "uvicorn",
    "httpx",
    "requests",
    "urllib",
    "http",
    "socket",
    "email",
    "mailbox",
    "sqlite3",
    "msal",
    "time",
}
LANGUAGE = {"spacy", "stdnum", "phonenumbers"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("path", NLP, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_knows_nothing_of_the_service_or_the_world(path: Path):
    assert not imported(path) & OUTSIDE
    assert not re.search(r"\b(?:today|now|utcnow)\(", path.read_text(encoding="utf-8")), "the engine has no clock"


@pytest.mark.parametrize("path", APP, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_service_knows_nothing_of_linguistics(path: Path):
    assert not imported(path) & LANGUAGE


def test_the_rooms_are_there():
    assert len(NLP) > 20
    assert len(APP) > 15


def test_no_file_names_a_package_index_or_a_machine():
    pattern = re.compile("py" + r"pi\.org|python" + r"hosted|registry\.npm" + r"js|/home/\w+/|/root/")
    listed = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".toml", ".lock", ".md", ".txt", ".js", ".html"} and p.is_file()]
    ours = [p for p in listed if not {".venv", ".git", "build", "dist", "node_modules", "tests"} & set(p.relative_to(ROOT).parts)]
    assert len(ours) > 50
    assert [str(p.relative_to(ROOT)) for p in ours if pattern.search(p.read_text(encoding="utf-8"))] == []
