"""The command line as its users meet it: what it prints where, and the code it exits with."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app import letters
from app.cli import main
from app.pool import Pool
from nlp.checks import checks
from nlp.draft import Draft, Report
from nlp.lint import Linter

DIRECTORY = """address,name,role
c.bramhall@dunmoor.gov.uk,Cllr Carol Bramhall,member
i.osei@dunmoor.gov.uk,Cllr Isaac Osei,member
r.tandy@dunmoor.gov.uk,Ruth Tandy,officer
"""
CLEAR = {
    "sender": {"address": "c.bramhall@dunmoor.gov.uk"},
    "to": [{"address": "r.tandy@dunmoor.gov.uk"}],
    "subject": "Verges",
    "body": "Dear Ruth,\n\nWhen will the verges be cut?\n\nCarol Bramhall",
}
BLIND = CLEAR | {"bcc": [{"address": "i.osei@dunmoor.gov.uk"}]}
MESSAGE = """From: Cllr Carol Bramhall <c.bramhall@dunmoor.gov.uk>
To: Ruth Tandy <r.tandy@dunmoor.gov.uk>
Bcc: i.osei@dunmoor.gov.uk
Subject: Verges

Dear Ruth,

When will the verges be cut?

Carol
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no settings but a directory."""
    for name in [name for name in os.environ if name.startswith("CLAUSEWISE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "directory.csv").write_text(DIRECTORY)
    monkeypatch.setenv("CLAUSEWISE_DIRECTORY", str(tmp_path / "directory.csv"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*args: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(args)
        return Done(ended.value.code or 0, *capfd.readouterr())  # type: ignore[arg-type]

    return run


def write(name: str, *drafts: Any) -> str:
    Path(name).write_text("\n".join(d if isinstance(d, str) else json.dumps(d) for d in drafts), encoding="utf-8")
    return name


def checks_in(report: dict[str, Any]) -> list[str]:
    return [warning["check"] for warning in report["warnings"]]


# ---- exit codes ----


def test_a_clear_letter_exits_with_0(run: Run) -> None:
    done = run("lint", write("a.json", CLEAR))
    assert done == (0, "Nothing to warn about in 1 letter.\n", "")


def test_the_worst_warning_decides_the_exit_code(run: Run) -> None:
    own_protocol("strict.toml")
    assert run("lint", write("warning.json", BLIND | {"protocol": "pitstone"})).code == 1
    assert run("lint", write("error.json", BLIND), "--protocol", "strict.toml").code == 2
    assert run("lint", "warning.json", "error.json", "warning.json", "--protocol", "strict.toml").code == 2
    assert run("lint", write("clear.json", CLEAR), "warning.json", "clear.json").code == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["lint", "missing.eml"], "missing.eml: This file cannot be opened: no such file or directory."),
        (["lint", "."], ".: This is a folder."),
        (["lint", "a.json", "--protocol", "atlantis"], "there is no protocol 'atlantis'"),
        (["lint", "a.json", "--protocol", "missing.toml"], "missing.toml: cannot be opened"),
        (["lint", "a.json", "--directory", "missing.csv"], "missing.csv"),
        (["lint", "a.json", "--directory", "bad.csv"], "bad.csv:2: the address is malformed"),
        (["lint", "a.json", "--format", "xml"], "'xml'"),
        (["lint"], "FILE"),
        (["lint", "bad.json"], "bad.json: This is no JSON"),
        (["lint", "empty.eml"], "empty.eml: The message is empty."),
        (["explain", "nonsense"], "there is no check 'nonsense'"),
        (["protocols", "show", "atlantis"], "there is no protocol 'atlantis'"),
        (["nonsense"], "nonsense"),
    ],
)
def test_what_cannot_run_exits_with_3_and_says_why_on_stderr(run: Run, args: list[str], said: str) -> None:
    write("a.json", CLEAR)
    write("bad.json", '{"sender": ')
    write("empty.eml", "")
    write("bad.csv", "address,role", "nobody,member")
    done = run(*args)
    assert done.code == 3
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_settings_that_are_wrong_are_told_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_PORT", "many")
    done = run("lint", write("a.json", CLEAR))
    assert (done.code, done.err) == (3, "error: port must be a whole number (the variable CLAUSEWISE_PORT)\n")


def test_one_unreadable_letter_does_not_keep_the_others_from_being_read(run: Run) -> None:
    done = run("lint", "missing.eml", write("a.json", BLIND))
    assert done.code == 3
    assert "warning[hidden-copy]" in done.out


def test_an_error_repeats_nothing_of_the_letter(run: Run) -> None:
    done = run("lint", write("a.json", {"sender": {"address": "x@y.uk"}, "body": ["SECRET"], "to": "SECRET"}), write("b.json", "{SECRET"))
    assert done.code == 3
    assert "SECRET" not in done.out + done.err


# ---- what a file holds ----


@pytest.mark.parametrize("name", ["letter.eml", "letter.txt", "letter.json", "letter.jsonl"])
def test_a_message_is_known_by_its_content(run: Run, name: str) -> None:
    assert "| Bcc: i.osei@dunmoor.gov.uk" in run("lint", write(name, MESSAGE)).out


@pytest.mark.parametrize("name", ["draft.json", "draft.eml", "draft.jsonl"])
def test_a_draft_is_known_by_its_content(run: Run, name: str) -> None:
    assert run("lint", write(name, json.dumps(BLIND, indent=2))).code == 1


@pytest.mark.parametrize("text", [json.dumps(BLIND), json.dumps(BLIND, indent=1), MESSAGE, f"{json.dumps(CLEAR)}\n{json.dumps(BLIND)}\n"])
def test_standard_input_is_known_by_its_content(run: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = run("lint", "-")
    assert done.code == 1
    assert "warning[hidden-copy]" in done.out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_as_windows_writes_it_is_read(run: Run, encoding: str) -> None:
    Path("a.json").write_bytes(json.dumps(BLIND).encode(encoding))
    assert run("lint", "a.json").code == 1


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("a.jsonl", b"", "drafts"),
        ("a.jsonl", b"oops: nothing\n{}\n", "drafts"),
        ("-", b"oops\n{}\n", "drafts"),
        ("-", b"{bad\n{}\n", "drafts"),
        ("a.json", b'{"to": [\n  {"address": "a@b.uk"}\n', "draft"),
        ("a.json", b"[1]", "draft"),
        ("a.eml", b'Subject: x\n\n{"a": 1}\n', "message"),
        ("a.json", bytes.fromhex("d0cf11e0a1b11ae1") + b"\n{}\n", "message"),
        ("a.jsonl", b"[" * 100_000 + b"\n{" * 100_000, "drafts"),
    ],
)
def test_what_a_file_holds(name: str, data: bytes, form: str) -> None:
    assert letters.form(name, data) == form


# ---- formats ----


def test_json_is_the_report_of_the_contract(run: Run) -> None:
    body = "🙂🙂 When will the verges be cut?"
    done = run("lint", write("a.json", BLIND | {"body": body, "offsets": "utf-16"}), "--format", "json")
    report = json.loads(done.out)
    assert report["verdict"] == "warn"
    assert checks_in(report) == ["hidden-copy"]
    assert report["warnings"][0]["location"]["addresses"] == ["i.osei@dunmoor.gov.uk"]
    (added,) = [edit for fix in report["warnings"][0]["fixes"] for edit in fix["edits"]]
    assert added["start"] == len(body.encode("utf-16-le")) // 2


def test_json_of_several_letters_names_their_files(run: Run) -> None:
    done = run("lint", write("a.json", CLEAR), write("b.jsonl", BLIND, "", "{bad"), "missing.eml", "--format", "json")
    told = json.loads(done.out)
    assert [(one["file"], one.get("line"), one.get("verdict"), one.get("status")) for one in told] == [
        ("a.json", None, "clear", None),
        ("b.jsonl", 1, "warn", None),
        ("b.jsonl", 3, None, 400),
        ("missing.eml", None, None, 400),
    ]


def test_json_lines_keep_their_order_and_lose_nothing(run: Run) -> None:
    deep = "[" * 100_000
    done = run("lint", write("d.jsonl", BLIND, "", "{bad", {"to": 3}, "   ", CLEAR, deep, f'{{"x": {deep}', "{}"), "--format", "jsonl")
    told = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 3
    assert [one.get("verdict") or one["status"] for one in told] == ["warn", 400, 422, "clear", 400, 400, 422]
    assert "error: d.jsonl:3: This is no JSON" in done.err
    assert "error: d.jsonl:4: sender: field required" in done.err


def test_a_draft_may_name_its_protocol_and_one_that_is_unknown_spoils_only_itself(run: Run) -> None:
    drafts = [CLEAR | {"protocol": "knutsford"}, CLEAR | {"protocol": "atlantis"}, CLEAR]
    told = [
        json.loads(line)
        for line in run("lint", write("d.jsonl", *drafts), "--format", "jsonl", "--protocol", "uttlesford").out.splitlines()
    ]
    assert [one["protocol"]["id"] if "protocol" in one else one["status"] for one in told] == ["knutsford", 422, "uttlesford"]


def test_many_letters_are_read_on_all_cores_with_the_same_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = [(BLIND if n % 3 else CLEAR) | {"subject": f"No {n}"} if n % 50 else "{bad" for n in range(letters.FEW + 60)]
    write("d.jsonl", *drafts)

    def answers(workers: int) -> list[dict[str, Any]]:
        monkeypatch.setenv("CLAUSEWISE_WORKERS", str(workers))
        told = [json.loads(line) for line in run("lint", "d.jsonl", "--format", "jsonl").out.splitlines()]
        return [{name: value for name, value in one.items() if name != "elapsed_ms"} for one in told]

    alone = answers(1)
    assert len(alone) == len(drafts)
    monkeypatch.setattr(letters, "Pool", Patient)
    assert answers(2) == alone


class Patient(Pool):
    """A pool that does all work in other processes, however long they take to start."""

    def _ready(self) -> bool:
        give_up = time.monotonic() + 60
        while not super()._ready():
            assert time.monotonic() < give_up
            time.sleep(0.02)
        return True


def test_a_letter_that_clausewise_fails_at_is_told_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lint = Linter.lint

    def fail(self: Linter, draft: Draft, *more: Any) -> Report:
        if draft.subject == "SECRET":
            raise ValueError("SECRET")
        return lint(self, draft, *more)

    monkeypatch.setattr(Linter, "lint", fail)
    done = run("lint", write("d.jsonl", BLIND, CLEAR | {"subject": "SECRET"}, BLIND), "--format", "jsonl")
    assert [json.loads(line).get("status") for line in done.out.splitlines()] == [None, 500, None]
    assert "error: d.jsonl:2: Clausewise failed at this with a ValueError." in done.err
    assert "SECRET" not in done.out + done.err
    assert done.code == 3


def test_sarif_names_files_and_what_could_not_be_read(run: Run) -> None:
    done = run("lint", write("a letter.eml", MESSAGE), "missing.eml", "--format", "sarif")
    (told,) = json.loads(done.out)["runs"]
    (result,) = told["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20letter.eml"
    assert told["invocations"][0]["executionSuccessful"] is False
    assert done.code == 3


def test_text_shows_the_line_the_clause_and_what_helps(run: Run) -> None:
    out = run("lint", write("a.eml", MESSAGE)).out
    assert out.startswith("a.eml: Verges\n\nwarning[hidden-copy]: Cllr Isaac Osei would get this")
    assert "  | Bcc: i.osei@dunmoor.gov.uk\n  |      ^^^^^^^^^^^^^^^^^^^^^\n" in out
    assert "  = pitstone 5 P1 Correspondence: " in out
    assert "  = help: Move to Cc\n" in out
    assert out.endswith("\n1 warning: 1 to think about in 1 letter.\n")


@pytest.mark.parametrize(
    ("terminal", "args", "variables", "painted"),
    [
        (False, [], {}, False),
        (True, [], {}, True),
        (True, ["--no-color"], {}, False),
        (True, [], {"NO_COLOR": "1"}, False),
        (True, [], {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, args: list[str], variables: dict[str, str], painted: bool
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    out = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["lint", write("a.json", BLIND), *args])
    out.flush()
    assert (b"\x1b[" in out.buffer.getvalue()) is painted  # type: ignore[attr-defined]


def test_the_role_of_the_sender_may_be_told(run: Run) -> None:
    write("a.json", BLIND | {"sender": {"address": "x@elsewhere.example"}})
    assert run("lint", "a.json").code == 0
    assert run("lint", "a.json", "--role", "member").code == 1


def test_without_a_directory_that_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAUSEWISE_DIRECTORY")
    assert "note: without --directory" in run("lint", write("a.json", CLEAR)).err
    assert run("lint", "a.json", "--directory", "directory.csv").err == ""


# ---- the other commands ----


def own_protocol(name: str = "own.toml", check: str = "hidden-copy") -> str:
    clause = '[[clauses]]\nref = "1"\nheading = "Copies"\nsummary = "No silent copies of letters."\nstrength = "must"\n'
    return write(name, f'id = "own"\ntitle = "Ours"\ncouncil = "town"\n{clause}[checks.{check}]\nclauses = ["1"]\n')


def test_a_protocol_may_come_from_a_file(run: Run) -> None:
    report = json.loads(run("lint", write("a.json", BLIND), "--protocol", own_protocol(), "--format", "json").out)
    assert report["protocol"] == {"id": "own", "title": "Ours"}
    assert [clause["ref"] for warning in report["warnings"] for clause in warning["clauses"]] == ["1"]


def test_protocols_are_listed_and_shown(run: Run) -> None:
    listed = run("protocols").out
    assert all(name in listed for name in ("pitstone", "knutsford", "uttlesford", "district-v1", "joint-standards"))
    assert "(the default)" in next(line for line in listed.splitlines() if line.startswith("pitstone"))
    shown = run("protocols", "show", own_protocol()).out
    assert shown == "own: Ours\n\n1 Copies (must)\n  No silent copies of letters.\n  Looked for: hidden-copy\n\n"


def test_faults_of_a_protocol_have_their_lines(run: Run) -> None:
    done = run("protocols", "check", own_protocol(), own_protocol("bad.toml", "nonsense"), "missing.toml")
    sound, fault, missing = done.out.splitlines()
    assert sound == "own.toml: own is sound, with 1 clause and 1 check."
    assert fault.startswith("bad.toml:9: there is no check 'nonsense'")
    assert missing == "missing.toml: cannot be opened: no such file or directory"
    assert done.code == 3


@pytest.mark.parametrize("check", checks().values(), ids=lambda check: check.id)
def test_every_check_explains_itself(run: Run, check: Any) -> None:
    done = run("explain", check.id)
    told = " ".join(done.out.split())
    assert done.code == 0
    for part in (check.title, check.summary, check.why, check.instead):
        assert " ".join(part.split()) in told
    assert f"It warns about: {check.flagged[0].sender} " in told
    assert "Pitstone Parish Council" in told


def test_a_check_without_a_clause_says_so(run: Run) -> None:
    assert "Ours has no clause for this" in run("explain", "obligation", "--protocol", own_protocol()).out


def test_all_checks_are_listed(run: Run) -> None:
    assert [line.split()[0] for line in run("explain").out.splitlines() if not line.startswith(" ")] == list(checks())


def test_a_sound_directory_is_counted(run: Run) -> None:
    done = run("directory", "check")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()[1:3]] == [["2", "member"], ["1", "officer"]]
    assert "The council's own mail domains: dunmoor.gov.uk." in done.out


def test_faults_of_a_directory_have_their_lines(run: Run) -> None:
    done = run("directory", "check", write("bad.csv", "address,role", "nobody,member", "a@b.uk,king"))
    assert done.code == 3
    assert [line.split(" ")[0] for line in done.out.splitlines()] == ["bad.csv:2:", "bad.csv:3:"]


def test_the_settings_say_where_they_come_from(run: Run) -> None:
    write("clausewise.toml", "port = 9000")
    out = run("config").out
    assert "port = 9000  (clausewise.toml, line 1)" in out
    assert "(the variable CLAUSEWISE_DIRECTORY)" in out
    assert "host = 127.0.0.1  (default)" in out


@pytest.mark.parametrize("command", [[], ["lint"], ["serve"], ["protocols"], ["explain"], ["directory"], ["config"]])
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.code == 0
    assert "Usage: clausewise" in done.out


# ---- as a process ----


def process(*args: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from app.cli import main; main()", *args]
    root = str(Path(letters.__file__).parents[1])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | more
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": root}, **pipes)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from app.cli import cli; cli.main(['lint', '--help'], standalone_mode=False); print(*sys.modules)"
    root = str(Path(letters.__file__).parents[1])
    out = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True, check=True
    ).stdout
    assert not {"spacy", "fastapi", "pydantic", "numpy"} & set(out.split())


def test_a_reader_who_leaves_early_is_no_error() -> None:
    running = process("protocols", "show", "pitstone")
    assert running.stdout and running.stderr
    running.stdout.close()
    assert running.wait(30) == 141
    assert running.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
@pytest.mark.parametrize("letters_read", [1, 800])  # while the processes start, and with luck when they are at work
def test_an_interrupt_ends_every_process_without_a_word(monkeypatch: pytest.MonkeyPatch, letters_read: int) -> None:
    monkeypatch.setenv("CLAUSEWISE_WORKERS", "2")
    # what is started in the background is told to ignore interrupts, and so would be all that it starts
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    running = process("lint", write("d.jsonl", *[BLIND] * 20_000), "--format", "jsonl", start_new_session=True, preexec_fn=heed)
    assert running.stdout and running.stderr
    for _ in range(letters_read):
        assert running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=30)
    assert (running.returncode, err.strip()) == (130, "")
    assert out.count("\n") < 10_000
    give_up = time.monotonic() + 10
    while True:
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < give_up, "a process was left behind"
        time.sleep(0.05)


def test_the_service_says_where_it_is() -> None:
    running = process("serve", "--port", "0", stderr=subprocess.DEVNULL)
    try:
        assert running.stdout
        line = running.stdout.readline()
        address = line.split("open ")[1].split(" in your browser")[0]
        assert line.startswith("Clausewise is ready: open http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}healthz", timeout=10) as answer:
            assert answer.status == 200
        port = address.rstrip("/").rpartition(":")[2]
        second = process("serve", "--port", port)
        out, err = second.communicate(timeout=60)
        assert (second.returncode, out) == (3, "")
        assert err == f"error: 127.0.0.1:{port}: cannot be opened: address already in use\n"
    finally:
        running.terminate()
        running.wait(15)
