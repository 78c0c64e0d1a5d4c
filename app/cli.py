"""The command line: `clausewise COMMAND …`.

What a command needs is imported when it runs, so that `--help` answers at once. Exit codes: 0 nothing to worry about, 1 warnings,
2 errors found in letters, 3 it could not run.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.settings import Settings
    from nlp.checks.base import Check, Example
    from nlp.protocols import Fault, Protocol

CLEAR, WARNINGS, ERRORS, COULD_NOT_RUN = range(4)
EXIT_OF = {"info": CLEAR, "warning": WARNINGS, "error": ERRORS}
WIDEST = 100  # columns; longer lines are hard to read

protocol_option = click.option("--protocol", metavar="ID|FILE.toml", help="The protocol for letters that name none; its id or its file.")
directory_option = click.option(
    "--directory", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="The council's directory, a CSV file."
)


class Failure(click.ClickException):
    """A command could not do its work, for a reason that its user can mend."""

    exit_code = COULD_NOT_RUN

    def show(self, file: Any = None) -> None:
        for line in self.format_message().splitlines():
            click.echo(f"error: {line}", err=True)


def main(args: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no … is no reason to fail
    try:
        code = cli.main(args, prog_name="clausewise", standalone_mode=False, color=None if has_colour() else False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = COULD_NOT_RUN  # click's own 2 would mean that a letter has an error
    except (click.Abort, KeyboardInterrupt):
        code = 130  # 128 + SIGINT, as shells have it
    except (BrokenPipeError, SystemExit) as error:
        if isinstance(error, SystemExit) and error.code != 1:  # the service could not start, and has said why
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read our output, such as `head`, has had enough; click answers that with 1
        code = 141  # 128 + SIGPIPE
    sys.exit(code)


def print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from app import wire

        click.echo(f"Clausewise {wire.version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=print_version, help="Print the version.")
def cli() -> None:
    """Reads letters of a council before they are sent, and warns of what its protocol says about them."""


# ---- serve ----


@cli.command()
@click.option("--host", help="The address to listen on; 0.0.0.0 for every one of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 for any that is free.")
@directory_option
@protocol_option
def serve(host: str | None, port: int | None, directory: str | None, protocol: str | None) -> None:
    """Start the service, with its page for a browser."""
    with plainly():
        settings = in_force(protocol=protocol, directory=directory, host=host, port=port)
        _protocol(settings)  # what is wrong with it or the directory is told before anything is started
        _directory(settings)
        from app.serving import serve as listen

        listen(settings, lambda url: click.echo(f"Clausewise is ready: open {url} in your browser. Ctrl+C ends it."))


# ---- lint ----


@cli.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@protocol_option
@directory_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "jsonl", "sarif"]), default="text", show_default=True, help="How to print it."
)
@click.option("--role", type=click.Choice(["member", "officer"]), help="What the sender is, where neither directory nor letter says so.")
@click.option("--no-color", "--no-colour", "plain", is_flag=True, help="No colour, even on a terminal.")
def lint(*, files: tuple[str, ...], protocol: str | None, directory: str | None, form: str, role: str | None, plain: bool) -> int:
    """Lint letters: messages (.eml, .msg), drafts (.json), a draft a line (.jsonl), or - for standard input.

    Exit code: 0 clear, 1 warnings, 2 errors, 3 something could not be read.
    """
    with plainly():
        settings = in_force(protocol=protocol, directory=directory)
        from app import letters
        from app.output import PRINTERS, Style
        from nlp.draft import Role

        if form == "text" and settings.directory is None:
            click.echo("note: without --directory it is inferred who is a councillor and who an officer.", err=True)
        printer = PRINTERS[form](Style(width(), not plain and has_colour()))
        code = CLEAR
        for answer in letters.read(letters.opened(files), settings, Role(role) if role else None):
            printer.add(answer)
            if answer.problem:
                click.echo(f"error: {answer.source.name}: {answer.problem.detail or answer.problem.title}", err=True)
                code = COULD_NOT_RUN
            elif answer.report:
                code = max([code, *(EXIT_OF[finding.severity] for finding in answer.report.findings)])
        printer.close()
        return code


def width() -> int:
    return min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)


def has_colour() -> bool:
    """Whether standard output is a terminal that may have colour (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# ---- protocols ----


@cli.group("protocols", invoke_without_command=True)
@click.pass_context
def protocols_(context: click.Context) -> None:
    """List the protocols, or look at one."""
    if context.invoked_subcommand:
        return
    with plainly():
        settings = in_force()
        known = _protocols(settings)
        widest = max(map(len, known))
        for one in known.values():
            default = " (the default)" if one.id == settings.protocol else ""
            click.echo(f"{one.id:{widest}}  {one.title}{default}")


@protocols_.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
def check_protocols(files: tuple[str, ...]) -> int:
    """Say what is wrong with protocol files, with the line of each fault."""
    from nlp.protocols import ProtocolError, load

    code = CLEAR
    for file in files:
        try:
            one = load(Path(file))
            click.echo(f"{file}: {one.id} is sound, with {counted(one.clauses, 'clause')} and {counted(one.rules, 'check')}.")
        except ProtocolError as error:
            click.echo("\n".join(located(file, error.faults)))
            code = COULD_NOT_RUN
        except OSError as error:
            click.echo(f"{file}: {cannot_open(error)}")
            code = COULD_NOT_RUN
    return code


@protocols_.command("show")
@click.argument("protocol", metavar="ID|FILE.toml")
def show_protocol(protocol: str) -> None:
    """Print a protocol: its clauses, and what is looked for under each."""
    with plainly():
        settings = in_force(protocol=protocol)
        one = _protocol(settings)
        heading(f"{one.id}: {one.title}")
        for clause in one.clauses:
            paragraph(f"{clause.ref} {clause.heading} ({clause.strength})", clause.summary)
            behind = [c for c, rules in one.rules.items() if any(clause in cited for cited in rules.clauses.values())]
            if behind:
                paragraph("", f"Looked for: {', '.join(behind)}")
            click.echo()


# ---- explain ----


@cli.command()
@click.argument("check", required=False)
@protocol_option
def explain(check: str | None, protocol: str | None) -> None:
    """Say what a check warns about, why, and what to do instead. Without CHECK, list them all."""
    with plainly():
        settings = in_force(protocol=protocol)
        from nlp.checks import checks

        if check is None:
            widest = max(map(len, checks()))
            for one in checks().values():
                first, *more = textwrap.wrap(one.summary, max(width() - widest - 2, 30))
                click.echo(f"{one.id:{widest}}  {first}")
                for line in more:
                    click.echo(f"{'':{widest}}  {line}")
        elif check in checks():
            _explain(checks()[check], _protocol(settings))
        else:
            raise Failure(f"there is no check {check!r}; there are {', '.join(checks())}")


def _explain(check: Check, protocol: Protocol) -> None:
    heading(f"{check.id}: {check.title}")
    paragraph("What it warns about", check.summary)
    paragraph("Why", check.why)
    paragraph("What to do instead", check.instead)
    click.echo()
    for title, examples in (("It warns about", check.flagged), ("It is content with", check.clean)):
        click.echo(click.style(f"{title}:", bold=True))
        for example in examples:
            _example(example)
        click.echo()
    rules = protocol.rules.get(check.id)
    if rules is None:
        click.echo(f"{protocol.title} has no clause for this, so it is not looked for there.")
        return
    click.echo(click.style(f"{protocol.title}:", bold=True))
    for aspect, clauses in rules.clauses.items():
        called = "" if aspect == "main" else f", for {aspect}"
        for clause in clauses:
            paragraph(f"{clause.ref} {clause.heading} ({rules.severities[aspect]}{called})", clause.summary)
    for name, option in check.options.items():
        value = rules.options[name]
        said = ", ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
        paragraph(f"{name} = {said or 'none'}", option.help)


def _example(example: Example) -> None:
    people = [f"{label} {', '.join(names)}" for label, names in (("to", example.to), ("cc", example.cc), ("bcc", example.bcc)) if names]
    click.echo(f"  {example.sender} {', '.join(people)}" + (f", under {example.protocol}" if example.protocol != "pitstone" else ""))
    for line in [f"Subject: {example.subject}"] * bool(example.subject) + example.body.splitlines():
        click.echo("\n".join(textwrap.wrap(line, width(), initial_indent="  | ", subsequent_indent="  | ")) or "  |")
    if example.marked:
        click.echo(f"    marked: {example.marked}")


# ---- directory ----


@cli.group()
def directory() -> None:
    """The council's people, lists and domains."""


@directory.command("check")
@click.argument("file", required=False, type=click.Path())
def check_directory(file: str | None) -> int:
    """Say what is wrong with a directory file, with the line of each fault; else what is in it. Without FILE, the one in force."""
    with plainly():
        from app.directory import EXAMPLE, Directory, DirectoryError
        from app.directory.csv_file import read

        settings = in_force()
        path = Path(file) if file else settings.directory or EXAMPLE
        if not file and settings.directory is None:
            click.echo("No directory is named; this is the invented council in force for trying things out.")
        try:
            entries = read(path)
        except DirectoryError as error:
            click.echo("\n".join(located(path, error.faults)))
            return COULD_NOT_RUN
        people = [e for e in entries if not e.is_domain]
        roles = Counter(str(e.role) for e in people)
        own = sorted(Directory.of(entries, settings.council_domains).roster.domains)
        click.echo(f"{path} is sound.")
        for role, number in sorted(roles.items()):
            click.echo(f"{number:7,}  {role}")
        for entry in entries:
            if entry.is_domain:
                click.echo(f"         everybody at {entry.address[1:]}: {entry.role}")
        click.echo(f"The council's own mail domains: {', '.join(own) or 'none'}.")
        return CLEAR


# ---- config ----


@cli.command()
@click.option("--markdown", is_flag=True, help="A table of all settings instead, for a council's own documentation.")
def config(markdown: bool) -> None:
    """Print the settings in force, where each comes from, and what it does."""
    with plainly():
        from app.settings import as_markdown, describe
        from app.settings import in_force as values

        if markdown:
            click.echo(as_markdown(), nl=False)
            return
        settings = in_force()

        told = {one["name"]: one for one in describe()}
        for name, value, source in values(settings):
            click.echo(click.style(f"{name} = {value}", bold=True) + f"  ({source})")
            click.echo(textwrap.fill(f"{told[name]['help']} {told[name]['env']}", width(), initial_indent="    ", subsequent_indent="    "))


# ---- what the commands share ----


@contextmanager
def plainly() -> Iterator[None]:
    """Tell the user what is wrong with their files and settings in plain words."""
    try:
        yield
    except (OSError, ValueError, LookupError) as error:
        raise _failure(error) from None


def _failure(error: Exception) -> Exception:
    from app.directory import DirectoryError
    from app.settings import SettingsError
    from nlp.language.encoder import FaultyModel
    from nlp.lint import UnknownProtocol
    from nlp.protocols import ProtocolError

    match error:
        case ProtocolError() | DirectoryError():
            return Failure("\n".join(located(error.path, error.faults)))
        case SettingsError():
            return Failure("\n".join(map(str, error.faults)))
        case UnknownProtocol() | FaultyModel():
            return Failure(str(error))
        case OSError() if error.filename and not isinstance(error, BrokenPipeError):
            return Failure(f"{error.filename}: {cannot_open(error)}")
    return error


def cannot_open(error: OSError) -> str:
    return f"cannot be opened: {(error.strerror or type(error).__name__).lower()}"


def located(path: Path | str, faults: Sequence[Fault]) -> list[str]:
    """`FILE:LINE: message` for each fault, as editors can follow it."""
    return [f"{path}:{fault.line}: {fault.message}" if fault.line else f"{path}: {fault.message}" for fault in faults]


def in_force(protocol: str | None = None, **given: Any) -> Settings:
    """The settings, with what the command line gives put above them. `protocol` is an id or a protocol file."""
    from app.settings import Settings

    given = {name: value for name, value in given.items() if value is not None}
    settings = Settings(**given)
    if protocol is None:
        return settings
    if not protocol.endswith(".toml"):
        return Settings(**given, protocol=protocol)
    from nlp.protocols import load

    return Settings(**given, protocols=(*settings.protocols, Path(protocol)), protocol=load(Path(protocol)).id)


def _protocols(settings: Settings) -> dict[str, Protocol]:
    from app.engine import protocols

    return dict(protocols(settings))


def _protocol(settings: Settings) -> Protocol:
    from nlp.lint import Linter

    return Linter(_protocols(settings), settings.protocol).protocol(None)


def _directory(settings: Settings) -> None:
    """Raise what is wrong with the directory."""
    from app.directory import EXAMPLE, Directory

    Directory.from_csv(settings.directory or EXAMPLE, settings.council_domains)


def heading(text: str) -> None:
    click.echo(click.style(text, bold=True))
    click.echo()


def paragraph(head: str, text: str) -> None:
    if head:
        click.echo(click.style(head, bold=True))
    click.echo(textwrap.fill(text, width(), initial_indent="  ", subsequent_indent="  "))


def counted(things: Any, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
