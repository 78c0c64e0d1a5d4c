"""The checks, one file each. A check is found by being here; there is no table to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from nlp.checks.base import Check


@cache
def checks() -> dict[str, Check]:
    """Every check by its id, the core ones first, in the order in which they are explained."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    for kind in Check.__subclasses__():
        found.append(kind())
    return {check.id: check for check in sorted(found, key=lambda c: (not c.core, c.id))}
