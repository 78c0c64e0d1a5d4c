"""Every setting with its help. The documentation and `clausewise config` are made from here.

A setting comes, in this order, from the arguments of `Settings(…)`, a `CLAUSEWISE_…` variable, `clausewise.toml` (the file that
`CLAUSEWISE_CONFIG` names, else the one in the working directory), its default. Lists are written in a variable with commas between.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ByteSize, Field, PrivateAttr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from app.directory.csv_file import is_domain
from nlp.protocols import lines_of

ENV = "CLAUSEWISE_"
CONFIG = f"{ENV}CONFIG"  # names the file, so it is no setting itself

Action = Literal["accept", "hold", "reject"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong setting: its name, where the value came from, and what to do about it. Never the value, which may be a secret."""

    name: str
    source: str
    message: str

    def __str__(self) -> str:
        return f"{self.name} {self.message}" + (f" ({self.source})" if self.source else "")


class SettingsError(ValueError):
    """Settings that cannot be used. `faults` lists all that is wrong with them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _there(value: object) -> object:
    if not isinstance(value, str | Path):
        return value
    try:
        path = Path(value).expanduser()
        path.stat()
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError("names nothing that can be read") from error
    return path


def _file(value: object) -> object:
    path = _there(value)
    if isinstance(path, Path) and not path.is_file():
        raise ValueError("must name a file")
    return path


def _domain(value: object) -> object:
    domain = value.strip().lower().removeprefix("@") if isinstance(value, str) else value
    if isinstance(domain, str) and not is_domain(domain):
        raise ValueError("must hold mail domains such as dunmoor.gov.uk")
    return domain


def _check(value: object) -> object:
    from nlp.checks import checks  # here, as it loads the engine

    if value not in checks():
        raise ValueError(f"may hold {', '.join(sorted(checks()))}")
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _state_dir() -> Path:
    """Where a program of this platform keeps what it must remember (systemd.exec(5), StateDirectory=; XDG Base Directory 0.8)."""
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    try:
        home = Path.home()
    except RuntimeError:  # a container's user without a home
        return Path("var")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Clausewise"
    return Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "clausewise"


ExistingFile = Annotated[Path, BeforeValidator(_file)]
ExistingPath = Annotated[Path, BeforeValidator(_there)]
Domain = Annotated[str, BeforeValidator(_domain)]
CheckId = Annotated[str, BeforeValidator(_check)]
_List = (NoDecode, BeforeValidator(_split))


class Settings(BaseSettings):
    """What is in force. Immutable. Raises `SettingsError` with every fault."""

    model_config = SettingsConfigDict(env_prefix=ENV, extra="forbid", frozen=True, validate_default=False)

    protocol: str = Field("pitstone", min_length=1, description="The protocol for drafts that name none, by its id.")
    protocols: Annotated[tuple[ExistingPath, ...], *_List] = Field(
        (), description="Further protocols beside those that come with the product: TOML files, or folders of them."
    )
    directory: Annotated[ExistingFile | None, BeforeValidator(_none_if_empty)] = Field(
        None,
        description="The council's directory, a CSV file, read again when it changes. None: an invented council, for trying things out.",
    )
    council_domains: Annotated[tuple[Domain, ...], *_List] = Field(
        (), description="Mail domains of the council besides those that the directory's officers show."
    )
    model: Annotated[ExistingPath | None, BeforeValidator(_none_if_empty)] = Field(
        None, description="The folder of another trained model, such as the council's own. None: the one that comes with the product."
    )
    remembered: int = Field(
        2_000,
        ge=0,
        description="How many stretches of letters a process keeps the model's figures for (never the words), as much is repeated.",
    )
    checks_off: Annotated[tuple[CheckId, ...], *_List] = Field((), description="Checks that the council does not want, by their ids.")

    host: str = Field(
        "127.0.0.1", min_length=1, description="The address that the service listens on; 0.0.0.0 for every one of the machine."
    )
    port: int = Field(8080, ge=0, le=65535, description="The port that the service listens on; 0 for any that is free.")
    docs: bool = Field(True, description="Whether /docs and /openapi.json are served.")
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        "info", description="How much is logged. No level logs the text of a message."
    )
    workers: int = Field(
        default_factory=_cores,
        ge=1,
        le=1024,
        json_schema_extra={"default": "one for each core"},
        description="Processes for batches and audits.",
    )

    max_request_bytes: ByteSize = Field(ByteSize(25 * 2**20), ge=1, description="The largest request; a longer one is answered with 413.")
    max_batch: int = Field(1_000, ge=1, description="The most drafts in one batch.")
    max_body_chars: int = Field(1_000_000, ge=1, description="How much of a draft's body is read, in characters.")
    max_recipients: int = Field(2_000, ge=1, description="How many recipients of a draft are looked at.")
    max_attachments: int = Field(200, ge=0, description="How many attachments of a draft are looked at.")
    max_attachment_bytes: ByteSize = Field(ByteSize(32 * 2**20), ge=0, description="The largest attachment that is opened.")
    max_attachment_chars: int = Field(1_000_000, ge=0, description="How much text is read out of all attachments of a message together.")
    max_pdf_pages: int = Field(200, ge=0, description="How many pages of a single PDF are read.")
    lint_seconds: float = Field(10.0, gt=0, le=600, description="The time for one draft, in seconds; what is then left is not checked.")

    state_dir: Path = Field(
        default_factory=_state_dir,
        json_schema_extra={"default": "the platform's own, such as ~/.local/state/clausewise"},
        description="The one folder that the service writes to; on a read-only system, a volume.",
    )
    feedback_database: Annotated[Path | None, BeforeValidator(_none_if_empty)] = Field(
        Path("clausewise-feedback.sqlite"),
        description="Where feedback is kept, within the state folder or as a full path; empty: feedback is not kept.",
    )

    action_on_error: Annotated[Action, BeforeValidator(_lower)] = Field(
        "hold", description="What the mail gateway is told to do with a message that has an error: accept, hold or reject."
    )
    action_on_warning: Annotated[Action, BeforeValidator(_lower)] = Field(
        "accept", description="What the mail gateway is told to do with a message that has a warning and no error: accept, hold or reject."
    )

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    def __init__(self, **given: Any) -> None:
        file, faults = _read_file()
        variables = {v.upper() for v in os.environ if v.upper().startswith(ENV)}
        by_variable = {name: f"the variable {env_name(name)}" for name in type(self).model_fields if env_name(name) in variables}
        sources = file.sources | by_variable | dict.fromkeys(given, "argument")
        from_file = {name: value for name, value in file.values.items() if name not in by_variable and name not in given}
        try:
            super().__init__(**from_file, **given)
        except ValidationError as error:
            faults += _plainly(error, sources)
        faults += _misspelt(variables)
        if faults:
            raise SettingsError(faults) from None
        self._sources = sources

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings

    @property
    def feedback_path(self) -> Path | None:
        """Where feedback is kept, None where it is not."""
        return self.state_dir / self.feedback_database if self.feedback_database else None


def env_name(name: str) -> str:
    """The variable that sets a setting."""
    return ENV + name.upper()


def describe() -> list[dict[str, str]]:
    """Each setting: `name`, `env` (its variable), `default` (in words) and `help`."""
    return [
        {"name": name, "env": env_name(name), "default": _default(setting), "help": setting.description or ""}
        for name, setting in Settings.model_fields.items()
    ]


def as_markdown() -> str:
    """The settings as a table for the documentation."""
    rows = [f"| `{s['name']}` | `{s['env']}` | {s['default']} | {s['help']} |" for s in describe()]
    return "\n".join(["| setting | variable | default | what it does |", "|---|---|---|---|", *rows, ""])


def in_force(settings: Settings) -> list[tuple[str, str, str]]:
    """Each setting's name, its value in words (a secret's is masked) and where that came from: argument, variable, file, default."""
    return [(name, _in_words(getattr(settings, name)), settings._sources.get(name, "default")) for name in type(settings).model_fields]


def _default(setting: FieldInfo) -> str:
    if isinstance(setting.json_schema_extra, dict) and "default" in setting.json_schema_extra:
        return str(setting.json_schema_extra["default"])
    return "" if setting.default is PydanticUndefined else _in_words(setting.default)


def _in_words(value: object) -> str:
    match value:
        case None | () | "":
            return "none"
        case float():
            return f"{value:g}"
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(map(str, value))
        case ByteSize():
            return value.human_readable(separator=" ").replace(".0 ", " ")
    return str(value)


@dataclass(frozen=True, slots=True)
class _File:
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)  # file and line, by setting


def _read_file() -> tuple[_File, list[Fault]]:
    """The settings file, if there is one. Paths in it are meant from its own folder."""
    named = os.environ.get(CONFIG)
    path = Path(named or "clausewise.toml").expanduser()
    if not named and not path.is_file():
        return _File(), []
    source = f"the variable {CONFIG}" if named else str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return _File(), [Fault("the settings file", source, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return _File(), [Fault("the settings file", source, "is no UTF-8 text")]
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\bline (\d+)", str(error))  # the rest of the message may quote a value
        return _File(), [Fault("the settings file", f"{path}, line {at[1]}" if at else str(path), "is no TOML")]
    for name in values.keys() & {"directory", "model", "protocols", "state_dir"}:
        values[name] = _from(path.parent, values[name])
    lines = lines_of(text)
    return _File(values, {name: f"{path}, line {lines[name,]}" if (name,) in lines else str(path) for name in values}), []


def _from(folder: Path, value: object) -> object:
    if isinstance(value, list):
        return [_from(folder, one) for one in value]
    return folder / Path(value).expanduser() if isinstance(value, str) and value.strip() else value


def _plainly(error: ValidationError, sources: Mapping[str, str]) -> Iterator[Fault]:
    """What pydantic found, in plain words and without the values."""
    said = set()
    for one in error.errors(include_url=False, include_input=False):
        name = str(one["loc"][0]).lower() if one["loc"] else "the settings"
        name = name.removeprefix(ENV.lower())
        message = _words(one["type"], one["msg"], one.get("ctx", {}))
        if len(one["loc"]) > 1 and isinstance(one["loc"][1], int):
            message = f"(item {one['loc'][1] + 1}) {message}"
        if (name, message) not in said:
            said.add((name, message))
            yield Fault(name, sources.get(name, ""), message)


_BOUNDS = {"greater_than_equal": "at least", "greater_than": "more than", "less_than_equal": "at most", "less_than": "less than"}


def _words(kind: str, message: str, about: Mapping[str, Any]) -> str:
    match kind:
        case "extra_forbidden":
            return "is no setting"
        case "int_parsing" | "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_parsing" | "float_type":
            return "must be a number"
        case "bool_parsing" | "bool_type":
            return "must be true or false"
        case "tuple_type":
            return "must be a list"
        case "string_type":
            return "must be text"
        case "string_too_short":
            return "must not be empty"
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"must be {_BOUNDS[kind]} {next(iter(about.values())):g}"
        case "literal_error":
            return f"must be {about['expected'].replace(chr(39), '')}"
        case "byte_size" | "byte_size_unit":
            return "must be a size such as 25 MiB or a number of bytes"
        case "path_type":
            return "must be a path"
        case "value_error":
            return str(about["error"])
    return message.partition(",")[0].replace("Input should be", "must be")


def _misspelt(variables: set[str]) -> Iterator[Fault]:
    """Variables that miss a setting by a letter or two. Others are left alone: orchestrators set CLAUSEWISE_SERVICE_HOST."""
    known = [CONFIG, *map(env_name, Settings.model_fields)]
    for variable in sorted(variables.difference(known)):
        if meant := get_close_matches(variable.removeprefix(ENV), [k.removeprefix(ENV) for k in known], 1, cutoff=0.85):
            yield Fault(variable, "", f"is no setting; {ENV}{meant[0]} is")
