"""What a contender's process does: read the letters that it is handed on standard input, and say how long each took.

Only Python itself is needed, since each contender runs with libraries of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, TypeVar

Letter = TypeVar("Letter")


def compete(prepare: Callable[[Mapping[str, Any]], Letter], read: Callable[[Letter], int]) -> None:
    """Answer each line {"letters": […], "times": n} until there are no more: `seconds` of every reading, and how many things were found.

    `prepare` turns a draft of the REST contract into what `read` takes; only `read` is measured.
    """
    for line in sys.stdin:
        asked = json.loads(line)
        letters = [prepare(letter) for letter in asked["letters"]]
        seconds, found = [], 0
        for letter in letters * asked["times"]:
            begun = perf_counter()
            found += read(letter)
            seconds.append(perf_counter() - begun)
        print(json.dumps({"seconds": seconds, "found": found}), flush=True)
