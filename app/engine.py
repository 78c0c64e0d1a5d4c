"""The one engine of a process: linter, directory and limits together."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app import mail, wire
from app.directory import EXAMPLE, LiveDirectory
from app.errors import validated
from app.settings import Settings
from nlp import draft as core
from nlp.language import SHIPPED
from nlp.lint import Limits, Linter
from nlp.protocols import Protocol, load, shipped


def protocols(settings: Settings) -> Mapping[str, Protocol]:
    """The protocols that come with the product and the council's own, which take the place of ours with the same id.

    Raises `ProtocolError` or `OSError`.
    """
    files = [file for path in settings.protocols for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]
    return shipped() | {own.id: own for own in map(load, files)}


@dataclass(frozen=True)
class Read:
    """A draft that was read: with everybody's role, what was found, and how long it took."""

    draft: core.Draft
    report: core.Report
    seconds: float

    def answer(self, offsets: wire.Unit) -> wire.Report:
        return wire.report(self.report, self.draft, offsets, self.seconds * 1000)

    @property
    def counts(self) -> Counts:
        return Counts(self.seconds, tuple((f.check, f.severity) for f in self.report.findings), not self.report.unread)


@dataclass(frozen=True)
class Counts:
    """What is counted about a draft: its time, check and severity of each warning, and whether all of it was read."""

    seconds: float
    warnings: tuple[tuple[str, str], ...]
    complete: bool


@dataclass(frozen=True)
class Outcome:
    """A draft of a batch that was read: its report as JSON."""

    json: bytes
    counts: Counts


@dataclass(frozen=True)
class Engine:
    """Reads drafts. Safe to share between threads."""

    settings: Settings
    linter: Linter
    directory: LiveDirectory

    @classmethod
    def start(cls, settings: Settings) -> Engine:
        """Load everything and read a first letter, so that no client waits for what is loaded only then.

        Raises `ProtocolError`, `UnknownProtocol` (the setting names one that is not there), `DirectoryError`, `FaultyModel` or `OSError`.
        """
        limits = Limits(settings.max_body_chars, settings.max_recipients, settings.max_attachments)
        linter = Linter(
            protocols(settings), settings.protocol, frozenset(settings.checks_off), limits, settings.model or SHIPPED, settings.remembered
        )
        linter.protocol(None)
        engine = cls(settings, linter, LiveDirectory(settings.directory or EXAMPLE, settings.council_domains))
        member, officer = (core.Party(f"{role}@example.org", role=role) for role in (core.Role.MEMBER, core.Role.OFFICER))
        letter = core.Draft(member, (officer,), body="<p>Dear all,<p>Good day.<p>A. Member", body_type="html")
        for protocol in linter.protocols:
            linter.lint(replace(letter, protocol=protocol))
        return engine

    def open(self, data: bytes, envelope_from: str | None = None, envelope_to: Sequence[str] = ()) -> mail.Message:
        """Read a message, within the limits of the settings. Raises `mail.UnreadableMessage`."""
        settings = self.settings
        limits = mail.Limits(
            max_bytes=settings.max_request_bytes,
            max_recipients=settings.max_recipients,
            max_body_chars=settings.max_body_chars,
            attachment_bytes=settings.max_attachment_bytes,
            attachment_chars=settings.max_attachment_chars,
            pdf_pages=settings.max_pdf_pages,
            seconds=settings.lint_seconds,
        )
        message = mail.read(data, envelope_from=envelope_from, envelope_to=envelope_to, limits=limits)
        return replace(message, draft=wire.clean(message.draft))

    def lint(self, draft: core.Draft) -> Read:
        """Read a draft whose roles are hints yet. Raises `UnknownProtocol`."""
        began = time.perf_counter()
        resolved = self.directory.current().resolve(draft)
        report = self.linter.lint(resolved, lambda: time.perf_counter() - began > self.settings.lint_seconds)
        return Read(resolved, report, time.perf_counter() - began)

    def answer(self, given: Any) -> Outcome:
        """Read one draft of a batch, as parsed JSON. Raises `WrongField` or `UnknownProtocol`."""
        draft = validated(wire.Draft, given)
        read = self.lint(draft.draft())
        return Outcome(read.answer(draft.offsets).model_dump_json().encode(), read.counts)
