"""How fast, how large and how good: python -m benchmarks prints tables of Clausewise beside presidio-analyzer and a CNN of spaCy's.

All read the same letters in the same run, in turns: another program that keeps the computer busy slows all, and the ratios hold. It takes
some minutes. Nothing is asserted. Nothing is written but what the user's cache keeps: an environment for presidio-analyzer, made once for
each lock, and the CNN, taught once for each state of the labelled sentences.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from benchmarks import labelling
from benchmarks.letters import Draft, letters, long_letter

HERE = Path(__file__).resolve().parent
LOCK = HERE / "presidio.lock"

STARTS = 3  # fresh processes of each contender
ROUNDS = 7
TIMES = 4  # that a round reads the letters through
LONG_ROUNDS = 3
SIZES = {1_000: 20, 10_000: 8, 100_000: 2, 1_000_000: 1}  # characters of a long letter, and how often a round reads it
PERCENTILES = (50, 95, 99)

Figures = dict[str, list[float]]  # by what was measured: a value from each round
OURS, PRESIDIO, CNN = "Clausewise", "presidio-analyzer", "spaCy CNN"
OTHERS = (PRESIDIO, CNN)


# ---- processes ----


class Process:
    """A program that is started on some cores and ended with the block."""

    def __init__(self, command: Sequence[str], cores: Iterable[int], **variables: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("CLAUSEWISE_")}
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "log"
        with _on(cores), self._log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._folder.name,  # where no clausewise.toml lies
                # the same letters come again and again, and what is remembered of them would not be read
                env=inherited | {"PYTHONPATH": str(HERE.parent), "CLAUSEWISE_REMEMBERED": "0"} | variables,
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()
        self._folder.cleanup()

    def line(self) -> str:
        """What it prints next. Raises `RuntimeError` where it has ended."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process ended with code {self.process.wait()}:\n{self._log.read_text()[-3000:]}")
        return line

    def memory(self) -> float:
        """The memory that it holds at present, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            return int(re.search(r"VmRSS:\s*(\d+) kB", status.read_text())[1]) / 1024
        size = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, text=True, check=True)
        return int(size.stdout) / 1024


class Contender(Process):
    """A process that reads letters (see `benchmarks.contender`)."""

    def ask(self, drafts: Sequence[Draft], times: int = 1) -> None:
        self.process.stdin.write(json.dumps({"letters": drafts, "times": times}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[list[float], int]:
        """How many seconds each reading took that was asked for, and how many things were found."""
        answer = json.loads(self.line())
        return answer["seconds"], answer["found"]

    def read(self, drafts: Sequence[Draft], times: int = 1) -> list[float]:
        self.ask(drafts, times)
        return self.answer()[0]


class Service(Process):
    """`clausewise serve`, and a client that keeps its connection."""

    def __init__(self, cores: Iterable[int]) -> None:
        command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", "0"]
        super().__init__(command, cores, CLAUSEWISE_FEEDBACK_DATABASE="")

    def __enter__(self) -> Service:
        at = urlsplit(re.search(r"http://\S+", self.line())[0])
        self._client = http.client.HTTPConnection(at.hostname, at.port)
        return self

    def post(self, path: str, given: Any) -> float:
        """Seconds from the request to the last byte of the answer. Raises `RuntimeError` where it is refused."""
        body = json.dumps(given).encode()
        begun = perf_counter()
        self._client.request("POST", path, body, {"Content-Type": "application/json"})
        answer = self._client.getresponse()
        answer.read()
        seconds = perf_counter() - begun
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return seconds


@contextmanager
def _on(cores: Iterable[int]) -> Iterator[None]:
    """Start processes on these cores, where the platform can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def caches() -> Path:
    """Where the user keeps what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clausewise"


def presidio() -> Path | None:
    """The Python of an environment with what presidio.lock names, or None where it cannot be had."""
    made_for = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = caches() / f"presidio-{made_for}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = folder / "complete"
    if not complete.exists():
        say(f"installing presidio-analyzer into {folder}")
        try:
            venv.create(folder, clear=True, with_pip=True)
            install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "--requirement", LOCK]
            subprocess.run(install, check=True, stdout=sys.stderr)
            complete.touch()
        except (OSError, subprocess.CalledProcessError):
            say("presidio-analyzer cannot be installed, so its column stays empty")
            return None
    return python


# ---- measuring ----


def starts(commands: dict[str, Sequence[str]], core: int, figures: dict[str, Figures]) -> None:
    """Seconds from nothing to the first letter read. The first round fills the file cache and does not count."""
    for counts in (False, *[True] * STARTS):
        for name, command in commands.items():
            begun = perf_counter()
            with Contender(command, [core]) as contender:
                contender.read(letters(1))
                if counts:
                    figures[name]["start"].append(perf_counter() - begun)
                    figures[name]["memory at first"].append(contender.memory())


def rounds(contenders: dict[str, Contender], service: Service, figures: dict[str, Figures]) -> None:
    """Latency of single letters, in process and over HTTP."""
    drafts = letters()
    for counts in (False, *[True] * ROUNDS):
        for name, contender in contenders.items():
            contender.ask(drafts, TIMES)
            seconds, found = contender.answer()
            if counts:
                _spread(figures[name], "in process", seconds)
                figures[name]["found"].append(found / TIMES)
                figures[name]["one core"].append(len(seconds) / sum(seconds))
        seconds = [service.post("/v1/lint", draft) for _ in range(TIMES) for draft in drafts]
        if counts:
            _spread(figures[OURS], "http", seconds)


def _spread(figures: Figures, what: str, seconds: Sequence[float]) -> None:
    parts = statistics.quantiles(seconds, n=100, method="inclusive")
    for percentile in PERCENTILES:
        figures[f"{what} p{percentile}"].append(parts[percentile - 1])


def both_cores(pairs: dict[str, Sequence[Contender]], service: Service, figures: dict[str, Figures]) -> None:
    """Letters per second with a process on each core, and through the batch route."""
    drafts = letters()
    for counts in (False, *[True] * ROUNDS):
        for name, pair in pairs.items():
            for contender in pair:
                contender.ask(drafts, TIMES)
            rates = [len(seconds) / sum(seconds) for seconds in [contender.answer()[0] for contender in pair]]
            if counts:
                figures[name]["two cores"].append(sum(rates))
        seconds = service.post("/v1/lint/batch", {"drafts": drafts * TIMES * 2})  # enough for the first to warm its processes
        if counts:
            figures[OURS]["batch"].append(len(drafts) * TIMES * 2 / seconds)


def growth(contenders: dict[str, Contender], figures: dict[str, Figures]) -> None:
    """Seconds for one letter of each size, and how they grow: the exponent is 1 where twice the text takes twice the time."""
    for kind, more in (("plain", {}), ("thread", {"recipients": 80, "thread": True})):
        long = {size: long_letter(size, **more) for size in SIZES}
        for _ in range(LONG_ROUNDS):
            for name, contender in contenders.items():
                took = {size: statistics.median(contender.read([long[size]], SIZES[size])) for size in SIZES}
                for size, seconds in took.items():
                    figures[name][f"{kind} {size}"].append(seconds)
                for what, sizes in (("all", list(SIZES)), ("last", list(SIZES)[-2:])):
                    figures[name][f"{kind} exponent {what}"].append(exponent({size: took[size] for size in sizes}))


def exponent(seconds: dict[int, float]) -> float:
    """The slope of the line that fits time over size best, both as logarithms."""
    return statistics.linear_regression([math.log(size) for size in seconds], [math.log(took) for took in seconds.values()]).slope


# ---- the tables ----


@dataclass(frozen=True)
class Row:
    title: str
    figure: str
    unit: str = "ms"
    compares: bool = True

    def cells(self, figures: dict[str, Figures]) -> tuple[str, ...]:
        ours, *theirs = (figures[name][self.figure] for name in (OURS, *OTHERS))
        return (self.title, *map(self._cell, (ours, *theirs)), *(self._ratio(ours, values) for values in theirs))

    def _ratio(self, ours: list[float], theirs: list[float]) -> str:
        # A round's own ratio, since all had the same luck in it.
        ratios = [a / b for a, b in zip(ours, theirs, strict=False)] if self.compares else []
        return f"{statistics.median(ratios):.2f}" if ratios else "–"

    def _cell(self, values: list[float]) -> str:
        if not values:
            return "–"
        value = statistics.median(values)
        match self.unit:
            case "ms":
                value *= 1000
                return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f} ms"
            case "s":
                return f"{value:.2f} s"
            case "exponent":
                return f"{value:.2f}"
            case unit:
                return f"{value:,.0f} {unit}"


def rows() -> Iterator[Row]:
    for percentile in PERCENTILES:
        yield Row(f"a letter of 150 words, in process, p{percentile}", f"in process p{percentile}")
    for percentile in PERCENTILES:
        yield Row(f"a letter of 150 words, over HTTP, p{percentile}", f"http p{percentile}")
    yield Row("letters a second, one core", "one core", "/s")
    yield Row("letters a second, two cores, a process on each", "two cores", "/s")
    yield Row("letters a second, two cores, `POST /v1/lint/batch`", "batch", "/s")
    yield Row("from a fresh process to the first letter read", "start", "s")
    yield Row("memory after the first letter", "memory at first", "MiB")
    yield Row("memory after all letters, the long ones included", "memory at last", "MiB")
    yield Row("memory of the service after its letters", "memory of service", "MiB")
    for kind, title in (("plain", "a new letter"), ("thread", "half of it quoted, 80 recipients")):
        for size in SIZES:
            yield Row(f"{title}, {size // 1000} kB" if size < 1_000_000 else f"{title}, {size // 1_000_000} MB", f"{kind} {size}")
        yield Row(f"{title}, exponent of growth from 1 kB to 1 MB", f"{kind} exponent all", "exponent", compares=False)
        yield Row(f"{title}, exponent of growth from 100 kB to 1 MB", f"{kind} exponent last", "exponent", compares=False)
    yield Row(f"found in the {len(letters())} short letters, each what it looks for", "found", "things", compares=False)


def speeds(figures: dict[str, Figures]) -> str:
    return _table((" ", OURS, *OTHERS, *(f"÷ {name}" for name in OTHERS)), *(row.cells(figures) for row in rows()))


def labels(cnn: Path, asked: Sequence[labelling.Sentence]) -> str:
    """How well the labels of these sentences are found, and what that takes on disk."""
    scores = labelling.by_encoder(asked), labelling.by_cnn(cnn, asked)
    sizes = labelling.size_of_encoder(), labelling.size_of_cnn(cnn)
    writers = len({sentence.voice for sentence in asked})
    return _table(
        (f"{len(asked):,} single sentences of {writers} writers whom neither has read", f"{OURS}'s encoder", CNN),
        ("mean average precision over the labels", *(f"{labelling.mean_average_precision(given, asked):.3f}" for given in scores)),
        ("size on disk", *(f"{size / 2**20:.1f} MiB" for size in sizes)),
    )


def _table(head: Sequence[str], *lines: Sequence[str]) -> str:
    aligned = ("---", *["---:"] * (len(head) - 1))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, aligned, *lines))


def notes(cores: Sequence[int]) -> str:
    def pinned(package: str) -> str:
        return re.search(rf"^{package}==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)[1]

    return f"""\
Medians of {ROUNDS} rounds in turns ({LONG_ROUNDS} for long letters, {STARTS} for starts); percentiles over {60 * TIMES} letters a round. \
A ratio is Clausewise ÷ the other, the median over the rounds. Single letters are read on one core. \
Growth is linear where the exponent is 1. A dash stands where there is nothing to measure or to compare.
Clausewise makes all thirteen checks and finds who is who, in quoted words too; \
presidio-analyzer {pinned("presidio-analyzer")} looks for identifiers only \
(NHS and National Insurance number, passport, driving licence, vehicle, postcode, telephone, e-mail, IBAN, card), \
with a blank spaCy {pinned("spacy")} and the list of public suffixes that comes with tldextract.
The CNN, a text classifier of spaCy {version("spacy")} with spaCy's own settings, has learnt from Clausewise's labelled sentences, \
from scratch, {labelling.EPOCHS} epochs. It labels each sentence of the author's own words, split as Clausewise splits them; \
it leaves quoted words unread and makes no check. The encoder also sees the sentence before and who writes to whom.
{platform.python_implementation()} {platform.python_version()}, {platform.system()} on {platform.machine()}, {len(cores)} cores."""


def say(what: str) -> None:
    print(f"benchmarks: {what} …", file=sys.stderr, flush=True)


def main() -> None:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    figures: dict[str, Figures] = {name: defaultdict(list) for name in (OURS, *OTHERS)}
    learnt, asked = labelling.sentences()
    cnn = labelling.taught(caches(), learnt, say)
    commands = {OURS: (sys.executable, "-m", "benchmarks.clausewise"), CNN: (sys.executable, "-m", "benchmarks.cnn", str(cnn))}
    if python := presidio():
        commands[PRESIDIO] = (str(python), "-m", "benchmarks.presidio")

    say("cold starts")
    starts(commands, cores[0], figures)
    with ExitStack() as stack:
        first = {name: stack.enter_context(Contender(command, cores[:1])) for name, command in commands.items()}
        service = stack.enter_context(Service(cores[:1]))
        say("single letters")
        rounds(first, service, figures)
        figures[OURS]["memory of service"].append(service.memory())
        if len(cores) > 1:
            say("two cores")
            pairs = {name: (first[name], stack.enter_context(Contender(command, cores[1:2]))) for name, command in commands.items()}
            both_cores(pairs, stack.enter_context(Service(cores[:2])), figures)
        say("long letters")
        growth(first, figures)
        for name, contender in first.items():
            figures[name]["memory at last"].append(contender.memory())
    say("labels")
    print(speeds(figures), labels(cnn, asked), notes(cores), sep="\n\n")


if __name__ == "__main__":
    main()
