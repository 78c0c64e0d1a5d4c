"""Work over all cores: its order, what becomes of work that goes wrong, and that nobody waits for processes to start."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from itertools import count, islice

import pytest

from app import pool as pools
from app.engine import Engine
from app.errors import Problem
from app.pool import Pool
from app.settings import Settings
from nlp.lint import UnknownProtocol

SECRET = "Quixotegill"


# ---- work, as a worker's process imports it ----


def place(engine: Engine, unit: int) -> tuple[int, int]:
    time.sleep(0.002)
    return unit, os.getpid()


def fragile(engine: Engine, unit: int | str) -> int | str:
    if unit == "deadly":
        assert multiprocessing.parent_process()  # or the tests would end
        os._exit(1)
    if unit == "faulty":
        raise ValueError(SECRET)
    if unit == "nowhere":
        raise UnknownProtocol(SECRET, ["pitstone"])
    return unit


def slow(engine: Engine, unit: int) -> int:
    time.sleep(60)
    return unit


def depth(engine: Engine, unit: list) -> int:
    found = 0
    while unit:
        unit, found = unit[0], found + 1
    return found


def until(fact) -> None:
    give_up = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.start(Settings())


def warm(pool: Pool) -> Pool:
    until(pool._ready)
    return pool


@pytest.fixture(scope="module")
def pool(engine: Engine) -> Iterator[Pool]:
    pool = warm(Pool(engine, 2))
    yield pool
    pool.close()


def places(pool: Pool, units: range) -> set[int]:
    """The processes that did the work, which must be in order."""
    found = list(pool.answers(place, units))
    assert [unit for unit, _ in found] == list(units)
    return {process for _, process in found}


# ---- who does the work ----


def test_other_processes_work_in_order(pool):
    found = places(pool, range(300))
    assert len(found) == 2 and os.getpid() not in found
    assert places(pool, range(300)) == found


def test_work_of_several_threads_does_not_mix(pool):
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda n: places(pool, range(n, n + 100)), range(8)):
            assert os.getpid() not in found


def test_little_work_is_done_here_and_starts_nothing(engine):
    pool = Pool(engine, 2, few=7)
    assert list(pool.answers(place, [])) == []
    assert places(pool, range(7)) == {os.getpid()}
    assert pool._starting is None


def test_one_process_is_this_one(engine):
    pool = Pool(engine, 1)
    assert places(pool, range(50)) == {os.getpid()}
    assert pool._starting is None


def test_nobody_waits_for_processes_to_start(engine, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(pools._Worker, "ready", lambda self: held.wait(30) and False)
    monkeypatch.setattr(pools._Worker, "start", lambda self: None)
    pool = Pool(engine, 2)
    assert places(pool, range(20)) == {os.getpid()}
    starting = pool._starting
    assert starting.is_alive()
    held.set()
    starting.join()
    assert places(pool, range(20)) == {os.getpid()}  # the engines could not be started
    assert pool._starting is not starting  # and it was tried again


def test_no_more_is_taken_than_keeps_the_processes_busy(pool):
    taken = count()
    answers = pool.answers(place, iter(lambda: next(taken), None))
    assert [unit for unit, _ in islice(answers, 500)] == list(range(500))
    answers.close()
    assert next(taken) <= 500 + (2 * pools.AHEAD + 1) * pools.CHUNK


# ---- what goes wrong ----


def test_what_goes_wrong_is_a_problem_in_its_own_place(pool):
    found = list(pool.answers(fragile, ["faulty", *range(20), "nowhere", *range(20), "faulty"]))
    assert [one.status if isinstance(one, Problem) else one for one in found] == [500, *range(20), 422, *range(20), 500]
    told = json.loads(found[0].json)
    assert "ValueError" in told["detail"] and SECRET not in json.dumps(told)


def test_a_unit_that_ends_its_process_is_lost_alone(pool):
    units = ["deadly" if n in (13, 14, 70) else n for n in range(100)]
    found = list(pool.answers(fragile, units))
    assert [n for n, one in enumerate(found) if isinstance(one, Problem)] == [13, 14, 70]
    assert all(isinstance(one, Problem) or one == n for n, one in enumerate(found))
    assert all("ended the process" in found[n].detail for n in (13, 14, 70))


def test_a_killed_process_is_replaced_and_nothing_is_lost(pool):
    before = places(pool, range(200))
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(places, pool, range(400))
        time.sleep(0.05)
        os.kill(min(before), signal.SIGKILL)
        assert os.getpid() not in work.result(60)
    after = places(pool, range(200))
    assert len(after) == 2 and min(before) not in after and max(before) in after


def test_what_is_nested_too_deeply_for_another_process_is_done_here(pool):
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    assert list(pool.answers(depth, [[[]], deep, [[]], [[]], [[]], [[]]])) == [1, 5000, 1, 1, 1, 1]


def test_closing_ends_the_processes_and_whoever_waits_for_them(engine):
    others = set(multiprocessing.active_children())
    pool = warm(Pool(engine, 2))
    own = set(multiprocessing.active_children()) - others
    assert len(own) == 2
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(list, pool.answers(slow, range(50)))
        time.sleep(0.2)
        pool.close()
        with pytest.raises(CancelledError):
            work.result(10)
    until(lambda: not any(process.is_alive() for process in own))
