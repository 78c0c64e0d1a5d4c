"""A batch over all cores: processes that each hold an engine, start with the first batch and are kept warm for the next."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from app.engine import Engine, Outcome
from app.errors import Problem
from app.settings import Settings

FEW = 4  # drafts that are read sooner than other processes are told of them
CHUNK = 16  # drafts that a process is given at a time, at most

Result = TypeVar("Result")


class Pool:
    """Reads batches for one engine. Safe to share between threads."""

    def __init__(self, engine: Engine, processes: int) -> None:
        """No process is started before the first batch that has use for it."""
        self._engine = engine
        self._processes = processes
        self._guard = threading.Lock()
        self._workers: _Workers | None = None

    def answers(self, drafts: Sequence[Any]) -> list[Outcome]:
        """The answers to drafts (parsed JSON), in their order. A draft that kills its process is a problem in its own place."""
        found: list[Outcome] = []
        if len(drafts) <= FEW or self._processes == 1:
            return [self._engine.answer(draft) for draft in drafts]
        workers = self._started()
        while len(found) < len(drafts) and not workers.warm:
            found.append(self._engine.answer(drafts[len(found)]))
        size = max(1, min(CHUNK, (len(drafts) - len(found)) // (4 * self._processes)))
        chunks = [drafts[at : at + size] for at in range(len(found), len(drafts), size)]
        lost: list[int] = []  # drafts whose process died: of them, or of another beside them
        for chunk, answers in [(chunk, workers.read(chunk)) for chunk in chunks]:
            try:
                found += answers.result()
            except BrokenProcessPool:
                self._discard(workers)
                lost += range(len(found), len(found) + len(chunk))
                found += [_DIED] * len(chunk)
        for at, answer in zip(lost, self._one_by_one(drafts[at] for at in lost), strict=True):
            found[at] = answer
        return found

    def close(self) -> None:
        """End the processes, once what they read at this moment is read."""
        with self._guard:
            workers, self._workers = self._workers, None
        if workers:
            workers.close(wait=True)

    def _started(self) -> _Workers:
        with self._guard:
            if self._workers is None or self._workers.failed:
                self._workers = _Workers(self._engine.settings, self._processes)
            return self._workers

    def _discard(self, broken: _Workers) -> None:
        with self._guard:
            if self._workers is broken:
                self._workers = None
        broken.close()

    def _one_by_one(self, drafts: Iterable[Any]) -> Iterator[Outcome]:
        """Each draft with a process to itself, so that only the one that kills it is lost."""
        alone: _Workers | None = None
        try:
            for draft in drafts:
                alone = alone or _Workers(self._engine.settings, 1)
                try:
                    yield alone.read([draft]).result()[0]
                except BrokenProcessPool:
                    alone.close()
                    alone = None
                    yield _DIED
        finally:
            if alone:
                alone.close()


_DIED = Outcome.refused(Problem("Reading this draft ended the process that read it."))


class _Workers:
    """Processes with an engine each."""

    def __init__(self, settings: Settings, processes: int) -> None:
        # Never a plain fork, as this process has threads. A fork server imports the engine once for all of them.
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload([Engine.__module__])
        self._executor = ProcessPoolExecutor(processes, context, _become_worker, (settings,))
        self._first: list[Future[int]] = []
        self._starting = threading.Thread(target=self._start, args=(processes,), daemon=True)
        self._starting.start()

    def _start(self, processes: int) -> None:
        """Starting takes a second or two, which nobody should wait for."""
        for _ in range(processes):  # each call has one more process started
            self._first.append(_submitted(self._executor, os.getpid))

    @property
    def warm(self) -> bool:
        return not self._starting.is_alive() and all(call.done() for call in self._first) and not self.failed

    @property
    def failed(self) -> bool:
        return any(call.done() and (call.cancelled() or call.exception()) for call in self._first)

    def read(self, drafts: Sequence[Any]) -> Future[list[Outcome]]:
        return _submitted(self._executor, _read, drafts)

    def close(self, wait: bool = False) -> None:
        self._executor.shutdown(wait=wait, cancel_futures=True)


def _submitted(executor: ProcessPoolExecutor, call: Callable[..., Result], *given: Any) -> Future[Result]:
    try:
        return executor.submit(call, *given)
    except RuntimeError as error:  # broken since, or closed by another thread
        failed: Future[Result] = Future()
        failed.set_exception(BrokenProcessPool(str(error)))
        return failed


# ---- in a worker ----

_engine: Engine


def _become_worker(settings: Settings) -> None:
    global _engine  # noqa: PLW0603  (a process has nowhere else to keep it)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends its workers itself
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _engine = Engine.start(settings)


def _end_with_parent() -> None:
    """A service that is killed cannot end its workers."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _read(drafts: Sequence[Any]) -> list[Outcome]:
    return [_engine.answer(draft) for draft in drafts]
