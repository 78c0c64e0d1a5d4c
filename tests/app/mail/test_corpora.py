"""Every file of a folder of real mail, where CLAUSEWISE_CORPORA names one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.mail import UnreadableMessage, read

FOLDER = os.environ.get("CLAUSEWISE_CORPORA")


@pytest.mark.skipif(not FOLDER, reason="CLAUSEWISE_CORPORA names no folder")
def test_every_file_is_read_or_refused_in_words():
    kinds = {"read": 0, "msg": 0, "refused": 0}
    for path in sorted(Path(FOLDER).rglob("*")):
        if not path.is_file() or path.stat().st_size > 2**25:
            continue
        data = path.read_bytes()
        try:
            draft = read(data).draft
        except UnreadableMessage as why:
            kinds["refused"] += 1
            assert why.reason.endswith(".")
            continue
        kinds["read"] += 1
        kinds["msg"] += data.startswith(b"\xd0\xcf\x11\xe0")
        draft.body.encode()
        draft.subject.encode()
        assert all("\n" not in person.address for person in draft.recipients)
    assert kinds["read"] > kinds["refused"]
