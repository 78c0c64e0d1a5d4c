"""What can be warned about and why: the protocols and the checks as clients see them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from app.engine import Engine
from app.wire import Clause, Severity
from nlp.checks import checks
from nlp.checks.base import Check, Example
from nlp.protocols import Option, Protocol


class ProtocolEntry(BaseModel):
    id: str
    title: str
    council: str = Field(description="the kind of council", examples=["parish"])
    checks: list[str] = Field(description="what is looked for under it")


class Protocols(BaseModel):
    protocols: list[ProtocolEntry]
    default: str = Field(description="the one for drafts that name none")


class AspectRules(BaseModel):
    severity: Severity
    clauses: list[str] = Field(description="the references of the clauses that stand behind it")


class CheckRules(BaseModel):
    """A check as one protocol has it."""

    id: str
    title: str
    aspects: dict[str, AspectRules]
    options: dict[str, bool | str | list[str]] = Field(description="as they are set here")


class ProtocolDetails(BaseModel):
    id: str
    title: str
    council: str
    clauses: list[Clause]
    checks: list[CheckRules]


class CheckEntry(BaseModel):
    id: str
    title: str
    summary: str
    core: bool
    on: bool = Field(description="false where this council does not want it")


class Checks(BaseModel):
    checks: list[CheckEntry]


class OptionDetails(BaseModel):
    default: bool | str | list[str]
    help: str
    choices: list[str]


class ExampleDraft(BaseModel):
    """A small letter. People are named by their part in it: member, colleague, officer, resident and so on."""

    sender: str
    to: list[str]
    cc: list[str]
    bcc: list[str]
    subject: str
    body: str
    marked: str | None = Field(description="what the warning underlines, or whom it means")
    protocol: str


class Examples(BaseModel):
    flagged: list[ExampleDraft]
    clean: list[ExampleDraft]


class CheckDetails(CheckEntry):
    why: str
    instead: str
    aspects: dict[str, Severity | None] = Field(description="each with its severity; null: as strong as the clause behind it")
    options: dict[str, OptionDetails] = Field(description="what a protocol may set")
    clauses: list[Clause] = Field(description="what stands behind it, in every protocol of this service")
    examples: Examples


def protocols(engine: Engine) -> Protocols:
    entries = [
        ProtocolEntry(id=p.id, title=p.title, council=p.council, checks=list(_rules(engine, p))) for p in engine.linter.protocols.values()
    ]
    return Protocols(protocols=entries, default=engine.linter.default)


def protocol(engine: Engine, wanted: str) -> ProtocolDetails | None:
    """The protocol of this id, or None."""
    found = engine.linter.protocols.get(wanted)
    if found is None:
        return None
    return ProtocolDetails(
        id=found.id,
        title=found.title,
        council=found.council,
        clauses=[Clause.of(c) for c in found.clauses],
        checks=list(_rules(engine, found).values()),
    )


def _rules(engine: Engine, protocol: Protocol) -> dict[str, CheckRules]:
    rules = {id: (check, protocol.rules[id]) for id, check in checks().items() if id in protocol.rules and id not in engine.linter.off}
    return {
        id: CheckRules(
            id=id,
            title=check.title,
            aspects={a: AspectRules(severity=rule.severities[a], clauses=[c.ref for c in rule.clauses[a]]) for a in check.aspects},
            options={name: _value(value) for name, value in rule.options.items()},
        )
        for id, (check, rule) in rules.items()
    }


def all_checks(engine: Engine) -> Checks:
    return Checks(checks=[CheckEntry(**_entry(engine, check)) for check in checks().values()])


def check(engine: Engine, wanted: str) -> CheckDetails | None:
    """The check of this id, or None."""
    found = checks().get(wanted)
    if found is None:
        return None
    behind = [c for p in engine.linter.protocols.values() if wanted in p.rules for cs in p.rules[wanted].clauses.values() for c in cs]
    return CheckDetails(
        **_entry(engine, found),
        why=found.why,
        instead=found.instead,
        aspects=dict(found.aspects),
        options={name: _option(option) for name, option in found.options.items()},
        clauses=[Clause.of(c) for c in dict.fromkeys(behind)],
        examples=Examples(flagged=[_example(e) for e in found.flagged], clean=[_example(e) for e in found.clean]),
    )


def _entry(engine: Engine, check: Check) -> dict[str, str | bool]:
    return {"id": check.id, "title": check.title, "summary": check.summary, "core": check.core, "on": check.id not in engine.linter.off}


def _option(option: Option) -> OptionDetails:
    return OptionDetails(default=_value(option.default), help=option.help, choices=list(option.choices))


def _example(example: Example) -> ExampleDraft:
    return ExampleDraft(
        sender=example.sender,
        to=list(example.to),
        cc=list(example.cc),
        bcc=list(example.bcc),
        subject=example.subject,
        body=example.body,
        marked=example.marked,
        protocol=example.protocol,
    )


def _value(value: bool | str | tuple[str, ...]) -> bool | str | list[str]:
    return list(value) if isinstance(value, tuple) else value
