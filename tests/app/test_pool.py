"""Work over all cores: its order, what becomes of work that goes wrong, and that nobody waits for processes to start."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path

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


def test_nobody_waits_for_processes_to_start(engine, monkeypatch, caplog):
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
    assert pool._starting is starting  # which is not tried again at once, as each time costs seconds of every core
    assert ["did not start" in record.getMessage() for record in caplog.records] == [True]
    pool._not_before = 0
    assert places(pool, range(20)) == {os.getpid()}
    assert pool._starting is not starting


def test_an_engine_that_does_not_start_is_told_of_in_one_line(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this is no process of its own
    directory = tmp_path / "directory.csv"
    directory.write_text(f"address,name,role\n{SECRET},Ann,officer\n")
    pools._serve(multiprocessing.Pipe()[0], Settings(directory=directory))
    (record,) = caplog.records
    assert record.getMessage().startswith("unexpected DirectoryError at csv_file.py:")


def test_a_pool_that_is_closed_while_it_starts_says_nothing(engine, caplog):
    pool = Pool(engine, 2)
    pool.close()
    pool._start()
    assert caplog.records == []


def test_no_module_comes_from_the_working_directory(tmp_path):
    """Letters lie in folders of their own, and one of these may hold a folder or file with the name of a module."""
    (here := tmp_path / "here").mkdir()
    for package in ("app", "nlp", "multiprocessing"):
        (here / package).mkdir()
        (here / package / "__init__.py").write_text("open('loaded', 'w')")
    script = tmp_path / "script.py"
    script.write_text(
        "from app.pool import Pool\nfrom app.settings import Settings\nfrom types import SimpleNamespace\n"
        "if __name__ == '__main__':\n    pool = Pool(SimpleNamespace(settings=Settings()), 2)\n    pool._start()\n"
        "    print(pool._warm.is_set())\n    pool.close()\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    environment["PYTHONPATH"] = str(Path(pools.__file__).parents[1])
    done = subprocess.run([sys.executable, script], cwd=here, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert not (here / "loaded").exists()


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
