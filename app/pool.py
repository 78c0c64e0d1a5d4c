"""Work over all cores: processes that each hold an engine, and the answers in the order of the work.

list(pool.answers(Engine.answer, drafts))   # any `work(engine, unit)` that can be imported; a stream without end does as well as a list
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeVar

from app.engine import Engine
from app.errors import Problem, log_unexpected, problem
from app.settings import Settings

FEW = 4  # units that are read sooner here than other processes are told of them
CHUNK = 8  # units that a process is given at a time
AHEAD = 3  # chunks for each process that are taken from the input before their answers are
RETRY = 60.0  # seconds until processes that did not start are tried again

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Work = Callable[[Engine, Unit], Result]

# Never a plain fork, as this process has threads. A fork server imports the engine once for all of them.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT = multiprocessing.get_context(METHOD)

log = logging.getLogger("clausewise")


class Pool:
    """Processes that start with the first work that has use for them, and are kept for the next. Safe to share between threads."""

    def __init__(self, engine: Engine, processes: int, few: int = FEW) -> None:
        """Work of no more than `few` units is done in this process, as all is where `processes` is 1."""
        self._engine, self._few = engine, few
        self._workers = [_Worker(engine.settings) for _ in range(processes)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(processes)  # each waits for a worker
        self._guard = threading.Lock()
        self._starting: threading.Thread | None = None
        self._warm = threading.Event()
        self._not_before = 0.0  # when they may be started (time.monotonic)
        self._closed = False

    def answers(self, work: Work[Unit, Result], units: Iterable[Unit]) -> Iterator[Result | Problem]:
        """What `work` makes of each unit, in order. A unit that it raises for, or that ends its process, is a problem in its own place.

        No more of `units` is taken than keeps the processes busy. `work`, the units and what is made of them must be fit for pickling.
        """
        left = iter(units)
        first = list(islice(left, self._few + 1))
        left = chain(first, left)
        many = len(first) > self._few and len(self._workers) > 1
        while not (many and self._ready()):
            if not (one := list(islice(left, 1))):
                return
            yield _answer(self._engine, work, *one)
        waiting: deque[Future[list[Result | Problem]]] = deque()
        try:
            while True:
                while len(waiting) < AHEAD * len(self._workers) and (chunk := list(islice(left, CHUNK))):
                    waiting.append(self._threads.submit(self._read, work, chunk))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes at once. Whoever still waits for their answers gets a `CancelledError`."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _ready(self) -> bool:
        """Whether all workers have their engines. That takes them a few seconds, which nobody should wait for."""
        with self._guard:
            idle = not self._warm.is_set() and not (self._starting and self._starting.is_alive())
            if idle and time.monotonic() >= self._not_before:
                self._starting = threading.Thread(target=self._start, daemon=True)
                self._starting.start()
        # For a moment only, which the thread that starts them needs: one that works and writes in turns hardly ever lets others run.
        return self._warm.wait(0.0005)

    def _start(self) -> None:
        # Python would look for modules in the working directory first, where a folder named app may be anybody's.
        os.environ["PYTHONSAFEPATH"] = "1"
        if METHOD == "forkserver":
            CONTEXT.set_forkserver_preload([__name__])
            # What a thread starts inherits the signals that it blocks: Ctrl-C is for this process alone. The tracker's own start, which
            # would unblock it again, must come before.
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        for worker in self._workers:
            worker.start()
        if all(worker.ready() for worker in self._workers):
            self._warm.set()
        elif not self._closed:
            self._not_before = time.monotonic() + RETRY
            log.error("the processes for batches did not start; this one does their work, and tries again in %.0f s", RETRY)

    def _read(self, work: Work[Unit, Result], units: list[Unit]) -> list[Result | Problem]:
        worker = self._idle.get()
        try:
            return worker.read(work, units)
        except RecursionError:  # a unit is nested too deeply for pickling
            return [_answer(self._engine, work, unit) for unit in units]
        finally:
            self._idle.put(worker)


class _Worker:
    """A process with an engine of its own, which is replaced when it ends. It is for one thread at a time."""

    _pipe: Connection
    _process: multiprocessing.Process | None = None
    _closed = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self) -> None:
        """Start a process. It can be spoken to once it is `ready`."""
        self._pipe, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=_serve, args=(theirs, self._settings), daemon=True)
        with theirs:  # once the process alone has it, its end is the end of the pipe
            process.start()
        self._process = process
        if self._closed:
            process.kill()

    def ready(self) -> bool:
        """Wait until the engine is there. False where it cannot be started."""
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            return False

    def read(self, work: Work[Unit, Result], units: list[Unit]) -> list[Result | Problem]:
        """The answers to units. Where one of them ends the process, they are read one by one, so that only that one is lost."""
        try:
            self._pipe.send((work, units))
            return self._pipe.recv()
        except (EOFError, OSError):
            if self._closed:
                raise CancelledError from None
        self.start()
        self.ready()
        if len(units) == 1:
            return [Problem("Reading this ended the process that read it.")]
        return [answer for unit in units for answer in self.read(work, [unit])]

    def close(self) -> None:
        self._closed = True
        if self._process:
            self._process.kill()


def _serve(pipe: Connection, settings: Settings) -> None:
    """What a worker's process does until nobody is at the other end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        engine = Engine.start(settings)
    except Exception as error:  # such as a directory file that was broken since
        log_unexpected(error)
        return
    with suppress(EOFError, OSError):
        pipe.send(True)
        while True:
            work, units = pipe.recv()
            pipe.send([_answer(engine, work, unit) for unit in units])


def _answer(engine: Engine, work: Work[Unit, Result], unit: Unit) -> Result | Problem:
    try:
        return work(engine, unit)
    except Exception as error:
        return problem(error)
