"""What people did about warnings, counted. SQLite; no words of any message, and nobody's name."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.errors import NotReady
from app.wire import Feedback

SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    fingerprint TEXT NOT NULL,
    action      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    "check"     TEXT NOT NULL,
    protocol    TEXT NOT NULL,
    times       INTEGER NOT NULL DEFAULT 1,
    first_day   TEXT NOT NULL,
    last_day    TEXT NOT NULL,
    PRIMARY KEY (fingerprint, action, reason, "check", protocol)
) WITHOUT ROWID
"""
ADD = """
INSERT INTO feedback (fingerprint, action, reason, "check", protocol, first_day, last_day) VALUES (?, ?, ?, ?, ?, ?6, ?6)
ON CONFLICT DO UPDATE SET times = times + 1, last_day = excluded.last_day
"""


class FeedbackStore:
    """Safe to share between threads, and between processes that open the same file."""

    def __init__(self, path: Path | None) -> None:
        """`path` need not exist, and nothing is opened before the first `add`; None: feedback is not kept."""
        self.path = path
        self._guard = threading.Lock()

    def add(self, told: Feedback) -> None:
        """Count one answer. Days, not times: who wrote what is nobody's business. Raises `NotReady` where the store cannot be written."""
        if self.path is None:
            return
        today = datetime.now(UTC).date().isoformat()
        try:
            with self._guard, closing(_open(self.path)) as store, store:
                store.execute(ADD, (told.fingerprint, told.action, told.reason, told.check or "", told.protocol or "", today))
        except (sqlite3.Error, OSError):
            raise NotReady("Feedback cannot be stored at the moment.", headers={"Retry-After": "60"}) from None


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(path, timeout=5)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = NORMAL")
    store.execute(SCHEMA)
    return store
