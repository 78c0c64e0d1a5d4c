"""Child processes that read what is too risky to read here. Safe from any thread and after a fork.

A child starts when the first document comes, serves one job at a time and is kept for the next; one that is late, or dies, is
thrown away.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from . import documents
from .message import Limits

_KEPT = 4

_idle: list[tuple[int, subprocess.Popen[bytes]]] = []  # (cap on its memory, child); append and pop are atomic


def text_of(kind: bytes, data: bytes, limits: Limits, seconds: float) -> str:
    """The text of a document (documents.PDF, documents.WORD), read in at most `seconds`. Raises NotRead."""
    child = _take(limits.child_bytes)
    # the timer's kill ends whatever this thread waits for on the pipes
    timer = threading.Timer(seconds, child.kill)
    timer.daemon = True
    timer.start()
    try:
        child.stdin.write(documents.JOB.pack(kind, len(data), limits.pdf_pages, limits.attachment_chars, seconds))
        child.stdin.write(data)
        child.stdin.flush()
        status, length = documents.ANSWER.unpack(_exactly(child, documents.ANSWER.size))
        text = _exactly(child, length).decode("utf-8", "replace").replace("\0", "")
    except (OSError, EOFError):
        _end(child)
        raise NotRead("it took too long or too much memory, or is damaged") from None
    except BaseException:
        _end(child)
        raise
    finally:
        timer.cancel()
    _keep(limits.child_bytes, child)
    if status == documents.LOCKED:
        raise NotRead("it is protected by a password")
    if status == documents.DAMAGED:
        raise NotRead("it is damaged or protected" if kind == documents.WORD else "it is damaged")
    if not text.strip():
        raise NotRead("it holds no text; it may be a scan")
    if status == documents.CUT and len(text) <= limits.attachment_chars:
        raise Shortened(text)
    return text


class NotRead(Exception):
    """Why an attachment has no text: words that end the sentence "The attachment … was not read (…)."."""


class Shortened(Exception):
    """The text of a document of which only the first pages were read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def _exactly(child: subprocess.Popen[bytes], size: int) -> bytes:
    data = child.stdout.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _take(memory: int) -> subprocess.Popen[bytes]:
    while _idle:
        try:
            confined_to, child = _idle.pop()
        except IndexError:
            break
        if confined_to == memory and child.poll() is None:
            return child
        _end(child)
    return subprocess.Popen(
        [sys.executable, "-P", str(Path(documents.__file__)), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def _keep(memory: int, child: subprocess.Popen[bytes]) -> None:
    if len(_idle) < _KEPT:
        _idle.append((memory, child))
    else:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            pipe.close()
    child.wait()


@atexit.register
def close() -> None:
    """Ends the children that wait."""
    while _idle:
        _end(_idle.pop()[1])


os.register_at_fork(after_in_child=_idle.clear)  # they answer the parent, not its fork
