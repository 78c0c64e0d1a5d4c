"""The settings: where they come from, how a wrong one is told, and that each is explained."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError

from app.settings import Settings, SettingsError, as_markdown, describe, env_name, in_force


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no file of whoever runs the tests."""
    for name in [n for n in os.environ if n.upper().startswith("CLAUSEWISE_") or n == "STATE_DIRECTORY"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def faults(**given: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings(**given)
    return [str(f) for f in caught.value.faults]


# --- where settings come from ---


def test_defaults() -> None:
    s = Settings()
    assert (s.protocol, s.directory, s.host, s.port) == ("pitstone", None, "127.0.0.1", 8080)
    assert (s.max_request_bytes, s.max_batch, s.lint_seconds) == (25 * 1024 * 1024, 1000, 10.0)
    assert (s.action_on_error, s.action_on_warning) == ("hold", "accept")
    assert (s.checks_off, s.protocols, s.council_domains) == ((), (), ())
    assert s.workers >= 1
    assert {source for _, _, source in in_force(s)} == {"default"}


def test_arguments_before_variables_before_the_file_before_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clausewise.toml").write_text('# ours\nport = 1\nhost = "0.0.0.0"\nmax_batch = 7\n', encoding="utf-8")
    monkeypatch.setenv("CLAUSEWISE_PORT", "2")
    monkeypatch.setenv("clausewise_max_batch", "8")
    s = Settings(port=3)
    assert (s.port, s.max_batch, s.host, s.protocol) == (3, 8, "0.0.0.0", "pitstone")
    found = {name: (value, source) for name, value, source in in_force(s)}
    assert found["port"] == ("3", "argument")
    assert found["max_batch"] == ("8", "the variable CLAUSEWISE_MAX_BATCH")
    assert found["host"] == ("0.0.0.0", "clausewise.toml, line 3")
    assert found["protocol"] == ("pitstone", "default")
    assert list(found) == [s["name"] for s in describe()]


def test_the_file_that_the_variable_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "people.csv").write_text("address,role\n", encoding="utf-8")
    (tmp_path / "clausewise.toml").write_text("port = 1\n", encoding="utf-8")
    (etc / "ours.toml").write_text('directory = "people.csv"\nprotocols = ["."]\nstate_dir = "state"\n', encoding="utf-8")
    monkeypatch.setenv("CLAUSEWISE_CONFIG", str(etc / "ours.toml"))
    s = Settings()
    assert s.port == 8080, "one file, not two"
    assert (s.directory, s.protocols, s.state_dir) == (etc / "people.csv", (etc,), etc / "state"), "paths in a file are from its folder"


def test_lists_in_variables_and_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_COUNCIL_DOMAINS", " Dunmoor.gov.uk, @parks.example ,")
    (tmp_path / "clausewise.toml").write_text('checks_off = ["pressure", "capacity"]\n', encoding="utf-8")
    s = Settings()
    assert s.council_domains == ("dunmoor.gov.uk", "parks.example")
    assert s.checks_off == ("pressure", "capacity")


def test_sizes_may_have_units() -> None:
    assert Settings(max_request_bytes="3 MiB").max_request_bytes == 3 * 1024 * 1024
    assert Settings(max_request_bytes=17).max_request_bytes == 17


def test_an_empty_variable_means_none_where_none_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DIRECTORY", "FEEDBACK_DATABASE", "PROTOCOLS", "CHECKS_OFF"):
        monkeypatch.setenv(f"CLAUSEWISE_{name}", "")
    s = Settings()
    assert (s.directory, s.feedback_database, s.feedback_path, s.protocols, s.checks_off) == (None, None, None, (), ())


def test_what_is_written_lies_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_STATE_DIR", str(tmp_path / "volume"))
    assert Settings().feedback_path == tmp_path / "volume" / "clausewise-feedback.sqlite"
    assert Settings(feedback_database=tmp_path / "f.sqlite").feedback_path == tmp_path / "f.sqlite"
    assert not (tmp_path / "volume").exists(), "reading settings writes nothing"


def test_the_platform_s_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/home/jo/state")
    assert Settings().state_dir == Path("/home/jo/state/clausewise")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/clausewise:/var/lib/other")
    assert Settings().state_dir == Path("/var/lib/clausewise")


def test_settings_are_a_value() -> None:
    s = Settings(port=9)
    with pytest.raises(ValidationError):
        s.port = 10  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(s))  # for worker processes
    assert again == s
    assert in_force(again) == in_force(s)


# --- what is wrong ---


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("port", "http", "must be a whole number"),
        ("port", "70000", "must be at most 65535"),
        ("workers", "0", "must be at least 1"),
        ("max_batch", "", "must be a whole number"),
        ("max_request_bytes", "plenty", "must be a size such as 25 MiB or a number of bytes"),
        ("lint_seconds", "soon", "must be a number"),
        ("lint_seconds", "0", "must be more than 0"),
        ("docs", "perhaps", "must be true or false"),
        ("log_level", "loud", "must be debug, info, warning or error"),
        ("action_on_error", "bounce", "must be accept, hold or reject"),
        ("host", "", "must not be empty"),
        ("directory", "nowhere.csv", "names nothing that can be read"),
        ("directory", ".", "must name a file"),
        ("protocols", "nowhere.toml", "(item 1) names nothing that can be read"),
        ("council_domains", "n.gov.uk,northmere", "(item 2) must hold mail domains such as dunmoor.gov.uk"),
    ],
)
def test_a_wrong_value_is_told_by_name_and_source(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(env_name(name), value)
    assert faults() == [f"{name} {message} (the variable {env_name(name)})"]


def test_an_unknown_check_is_told_with_those_that_there_are() -> None:
    [fault] = faults(checks_off=["pressure", "presure"])
    assert fault.startswith("checks_off (item 2) may hold capacity, ")


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clausewise.toml").write_text('port = "x"\n\ncolour = "blue"\n[mail]\nhost = "m"\n', encoding="utf-8")
    monkeypatch.setenv("CLAUSEWISE_DOCS", "perhaps")
    monkeypatch.setenv("CLAUSEWISE_PROTOCL", "pitstone")
    assert sorted(faults(workers=-1)) == [
        "CLAUSEWISE_PROTOCL is no setting; CLAUSEWISE_PROTOCOL is",
        "colour is no setting (clausewise.toml, line 3)",
        "docs must be true or false (the variable CLAUSEWISE_DOCS)",
        "mail is no setting (clausewise.toml, line 4)",
        "port must be a whole number (clausewise.toml, line 1)",
        "workers must be at least 1 (argument)",
    ]


def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("CLAUSEWISE_PORT_8080_TCP_ADDR", "10.0.0.1")
    assert Settings().port == 8080


def test_a_settings_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clausewise.toml").write_text("port = 1\nhost = secret\n", encoding="utf-8")
    assert faults() == ["the settings file is no TOML (clausewise.toml, line 2)"]
    (tmp_path / "clausewise.toml").write_bytes(b'host = "\xe9"\n')
    assert faults() == ["the settings file is no UTF-8 text (clausewise.toml)"]
    monkeypatch.setenv("CLAUSEWISE_CONFIG", "elsewhere.toml")
    [fault] = faults()
    assert fault.startswith("the settings file cannot be read: ")
    assert fault.endswith("(the variable CLAUSEWISE_CONFIG)")


def test_no_value_is_ever_echoed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_PORT", "hunter2")
    monkeypatch.setenv("CLAUSEWISE_LOG_LEVEL", "hunter2")
    (tmp_path / "clausewise.toml").write_text('password = "hunter2"\nprotocols = ["hunter2"]\ndocs = "hunter2"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings(council_domains=["hunter2"], workers={"hunter2": 1}, checks_off=["hunter2"])
    assert len(caught.value.faults) == 8
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__, "no traceback shows what pydantic said, which quotes values"


def test_a_secret_is_masked() -> None:
    class WithSecret(Settings):
        api_key: SecretStr = Field(SecretStr(""), description="A secret.")

    found = {name: value for name, value, _ in in_force(WithSecret(api_key="hunter2"))}
    assert found["api_key"] == "**********"


# --- what is written about them ---


def test_every_setting_is_explained() -> None:
    documentation = as_markdown()
    assert [s["name"] for s in describe()] == list(Settings.model_fields)
    for setting in describe():
        assert len(setting["help"]) > 20, setting["name"]
        assert setting["help"].endswith(".")
        assert setting["env"] == f"CLAUSEWISE_{setting['name'].upper()}"
        assert setting["default"], f"{setting['name']} has a default in words"
        assert f"| `{setting['name']}` | `{setting['env']}` | {setting['default']} | {setting['help']} |" in documentation.splitlines()


def test_the_documentation_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = as_markdown()
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("CLAUSEWISE_PORT", "1")
    assert as_markdown() == before
    assert str(Path.home()) not in before
