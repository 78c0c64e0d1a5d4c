"""Every address against its own OpenAPI description: whatever a client may send, the answer is one that is described."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

# Bytes that are no message are told so with 400, and no schema can say which bytes are a message.
CONFIG = """
hooks = "hooks.py"

[[operations]]
include-name = "POST /v1/lint/message"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400]
"""

HOOKS = """
import schemathesis

@schemathesis.serializer("message/rfc822", "application/vnd.ms-outlook")
def as_bytes(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
"""


def test_every_answer_is_as_described(service, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    (tmp_path / "hooks.py").write_text(HOOKS)
    command = [Path(sysconfig.get_path("scripts")) / "schemathesis", "run", f"{service}/openapi.json"]
    options = "--checks all --phases examples,coverage,fuzzing,stateful --max-examples 25 --seed 1 --generation-database none --no-color"
    done = subprocess.run([*command, *options.split()], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "11 selected / 11 total" in done.stdout
