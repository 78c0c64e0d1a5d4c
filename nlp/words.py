"""The words that rules look for, kept in a data file beside the checks (`nlp/checks/words.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "checks" / "words.toml"


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


@cache
def words(room: str, *names: str) -> re.Pattern[str]:
    """The pattern that finds any alternative of these lists, whole words only. Raises `KeyError` for a list that is not there."""
    alternatives = "|".join(item for name in names for item in _lists()[room][name]).replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
