"""What is kept of feedback: counts, and nothing that could be somebody's words."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import NotReady
from app.feedback import FeedbackStore
from app.wire import Feedback

GIVEN = {"fingerprint": "0123456789abcdef", "action": "dismissed", "reason": "agreed", "check": "hidden-copy", "protocol": "pitstone"}


def rows(path) -> list[tuple]:
    with sqlite3.connect(path) as store:
        return store.execute('SELECT fingerprint, action, reason, "check", protocol, times FROM feedback ORDER BY 1, 2').fetchall()


def test_the_same_answer_is_counted_even_from_many_threads_and_stores(tmp_path):
    path = tmp_path / "new" / "feedback.sqlite"
    stores = [FeedbackStore(path), FeedbackStore(path)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: stores[n % 2].add(Feedback(**GIVEN)), range(40)))
    stores[0].add(Feedback(**GIVEN | {"action": "sent-anyway"}))
    assert rows(path) == [(*GIVEN.values(), 40), (*(GIVEN | {"action": "sent-anyway"}).values(), 1)]


def test_a_store_that_cannot_be_written_is_not_ready(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotReady):
        FeedbackStore(tmp_path / "file" / "feedback.sqlite").add(Feedback(**GIVEN))
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(NotReady):
        FeedbackStore(tmp_path / "broken.sqlite").add(Feedback(**GIVEN))


def test_nothing_is_kept_where_nothing_is_wanted():
    FeedbackStore(None).add(Feedback(**GIVEN))


def test_the_service_keeps_what_it_is_told(client, settings):
    told = GIVEN | {"fingerprint": "feedfacefeedface-2"}
    answer = client.post("/v1/feedback", json=told)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (*told.values(), 1) in rows(settings.feedback_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fingerprint", "Dear Ruth, the verges"),
        ("fingerprint", "0123456789abcdef\n"),
        ("action", "ignored"),
        ("reason", "because Mrs Gill is ill"),
        ("check", "mrs-gill-is-ill"),
        ("protocol", "mrs-gill-is-ill"),
    ],
)
def test_no_words_can_be_slipped_in(client, settings, field, value):
    answer = client.post("/v1/feedback", json=GIVEN | {"fingerprint": "deadbeefdeadbeef", field: value})
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert value.strip() not in answer.text
    assert not [row for row in rows(settings.feedback_path) if "deadbeefdeadbeef" in row or value in row]
