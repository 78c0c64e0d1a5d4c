"""The container image, as far as it can be checked without building it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def instructions(text: str) -> list[tuple[str, str]]:
    """(instruction, what follows it) of a Dockerfile, with continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def ignored(path: str, patterns: list[str]) -> bool:
    """Whether .dockerignore leaves a file out: the last pattern that fits it, or a folder above it, decides."""
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    out = False
    for pattern in patterns:
        allows, glob = pattern.startswith("!"), pattern.removeprefix("!").strip("/")
        if any(fits(one, glob) for one in above):
            out = not allows
    return out


def fits(path: str, glob: str) -> bool:
    if glob.startswith("**/"):
        return any(fits(path[at:], glob[3:]) for at in (0, *(m.end() for m in re.finditer("/", path))))
    return path.count("/") == glob.count("/") and all(map(fnmatchcase, path.split("/"), glob.split("/")))


BUILD, FINAL = stages()
PATTERNS = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
RUNS = [rest for name, rest in BUILD + FINAL if name == "RUN"]


def value(name: str) -> str:
    """What follows the one instruction of this name in the final stage."""
    (rest,) = (rest for instruction, rest in FINAL if instruction == name)
    return rest


def copied() -> list[str]:
    """What is copied from the checkout."""
    return [source.rstrip("/") for name, rest in BUILD + FINAL if name == "COPY" and "--from=" not in rest for source in rest.split()[:-1]]


def files() -> list[str]:
    """The files of the project's two rooms, as they lie in the checkout."""
    return [str(p.relative_to(ROOT)) for room in ("app", "nlp") for p in (ROOT / room).rglob("*") if p.is_file()]


def test_the_parser_joins_lines_and_leaves_comments_out() -> None:
    assert instructions("# one\nRUN a \\\n  # two\n  && b\n\nUSER 1") == [("RUN", "a  && b"), ("USER", "1")]


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("app/main.py", False),
        ("app/x/.env", True),
        ("app/__pycache__/main.pyc", True),
        ("clausewise.toml", True),
        ("app/a.sqlite-wal", True),
    ],
)
def test_the_builder_sees_only_what_it_needs(path: str, out: bool) -> None:
    assert ignored(path, PATTERNS) is out


@pytest.mark.parametrize("name", [".git", ".venv", ".env", "tests", "benchmarks", "Dockerfile", "requirements-test.lock"])
def test_nothing_else_reaches_the_builder(name: str) -> None:
    assert ignored(name, PATTERNS)
    assert name not in copied()


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_not_ignored(source: str) -> None:
    assert (ROOT / source).exists()
    assert not ignored(source, PATTERNS)


def test_every_file_of_the_product_is_copied_and_installed() -> None:
    """Protocols, word lists and pages are data: setuptools leaves out what pyproject.toml has no pattern for."""
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]["*"]
    product = [file for file in files() if "__pycache__" not in file and not file.endswith((".sqlite", ".pyc"))]
    assert any(file.startswith("nlp/protocols/") and file.endswith(".toml") for file in product)
    for file in product:
        assert not ignored(file, PATTERNS), file
        assert file.endswith(".py") or any(fnmatchcase(Path(file).name, glob) for glob in packaged), file


def test_all_stages_begin_with_the_same_python_and_it_is_new_enough() -> None:
    images = {re.split(r" as ", stage[0][1], flags=re.IGNORECASE)[0] for stage in (BUILD, FINAL)}
    (image,) = images
    version = re.fullmatch(r"python:3\.(\d+)-slim", image)
    assert version and int(version[1]) >= 11


def test_libraries_come_with_hashes_and_the_project_brings_none() -> None:
    libraries, project = (run for run in RUNS if " install " in run and "pip" in run)
    assert "--require-hashes" in libraries and "--requirement requirements.lock" in libraries
    assert {"--no-deps", "--no-build-isolation"} <= set(project.split()) and project.endswith(" .")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(pins) > 20
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize("file", ["Dockerfile", "requirements.lock", "benchmarks/presidio.lock"])
def test_no_index_is_named(file: str) -> None:
    assert not re.search(r"index-url|--find-links|--trusted-host|https?://(?!127\.0\.0\.1)", (ROOT / file).read_text(encoding="utf-8"))


def test_no_secret_and_nothing_fetched() -> None:
    assert not [name for name, _ in BUILD + FINAL if name in ("ARG", "ADD")]
    assert not [rest for name, rest in BUILD + FINAL if name == "ENV" and re.search("token|secret|password|key", rest, re.IGNORECASE)]
    assert not [run for run in RUNS if re.search(r"\b(curl|wget|apt-get|git)\b", run)]


def test_it_runs_as_a_user_without_rights_that_owns_its_volume_alone() -> None:
    user = re.fullmatch(r"(\d+):(\d+)", value("USER"))
    assert user and int(user[1]) >= 1000 and int(user[2]) >= 1000
    after = [name for name, _ in FINAL[[name for name, _ in FINAL].index("USER") + 1 :]]
    assert "COPY" not in after and "RUN" not in after
    volume = value("VOLUME")
    (made,) = (run for run in RUNS if run.endswith(volume))
    assert f"--owner {user[1]} --group {user[2]}" in made
    assert f"CLAUSEWISE_STATE_DIR={volume}" in value("ENV")
    assert not [rest for name, rest in FINAL if name == "COPY" and "--chown" in rest]


def test_it_listens_where_it_says_on_every_address() -> None:
    command = json.loads(value("CMD"))
    assert command == ["clausewise", "serve", "--host", "0.0.0.0"]
    assert f"CLAUSEWISE_PORT={value('EXPOSE')}" in value("ENV")


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_needs_only_python_and_asks_whether_drafts_can_be_read(status: int, code: int) -> None:
    asked = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    python, *arguments = json.loads(value("HEALTHCHECK").partition("CMD ")[2])
    assert python == "python"
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # With a proxy that is not there, as a container may have one for its way out.
        environment = {"CLAUSEWISE_PORT": str(server.server_port), "http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False, timeout=10)
        server.shutdown()
    assert (done.returncode, asked) == (code, ["/readyz"])


@pytest.mark.parametrize("label", ["title", "description", "licenses"])
def test_it_says_what_it_is(label: str) -> None:
    assert f"org.opencontainers.image.{label}=" in value("LABEL")
