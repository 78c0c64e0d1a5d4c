"""Follows a directory file as it changes, so that a new councillor needs no restart."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from nlp.protocols import Fault

from .csv_file import DirectoryError
from .people import Directory

log = logging.getLogger("clausewise")

_MOST_LOGGED = 20


class LiveDirectory:
    """The directory in force. Safe to share between threads.

    `problem` holds why the newest version of the file was refused, None where it is in force. Raises `DirectoryError` or `OSError`
    when it is made, as there is nothing yet to stay with.
    """

    def __init__(
        self, path: Path | str, council_domains: Iterable[str] = (), every: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = Path(path)
        self.problem: DirectoryError | None = None
        self._domains, self._every, self._clock = tuple(council_domains), every, clock
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._directory = Directory.from_csv(self.path, self._domains)
        self._next_look = clock() + every

    def current(self) -> Directory:
        """The directory in force. At most every `every` seconds one caller looks whether the file changed; nobody waits for that one."""
        if self._clock() >= self._next_look and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next_look = self._clock() + self._every
                self._lock.release()
        return self._directory

    def _look(self) -> None:
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp  # taken before the file is read: what is written meanwhile is seen at the next look
        try:
            self._directory = Directory.from_csv(self.path, self._domains)
        except DirectoryError as error:
            self._refuse(error)
        except OSError as error:
            self._refuse(DirectoryError(self.path, [Fault(0, f"the file cannot be opened ({type(error).__name__})")]))
        else:
            self.problem = None
            log.info("the directory file was read anew: %d people", len(self._directory.roster.people))

    def _refuse(self, problem: DirectoryError) -> None:
        self.problem = problem
        said = "; ".join(map(str, problem.faults[:_MOST_LOGGED]))
        log.error("the directory file has %d faults, the version before stays in force: %s", len(problem.faults), said)

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            stat = os.stat(self.path)  # noqa: PTH116  (follows links, as a mounted volume swaps its link)
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
