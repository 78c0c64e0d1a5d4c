"""The page at /docs, made from the OpenAPI description and the checks: plain HTML that needs no script and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from app import catalogue
from app.engine import Engine
from app.errors import KINDS

Schema = Mapping[str, Any]

HEAD = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clausewise: the service and its checks</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/page.css">
<link rel="stylesheet" href="/static/docs.css">
</head>
<body class="reference">
<a class="skip" href="#main">Skip to the text</a>
<header class="masthead"><p class="wordmark"><span>Clause</span>wise</p></header>
<main id="main">
"""


def page(described: Mapping[str, Any], engine: Engine) -> str:
    """The whole page. `described` is what `app.openapi.describe` gives."""
    return HEAD + "\n".join(_main(described, engine)) + "\n</main>\n</body>\n</html>\n"


def _main(described: Mapping[str, Any], engine: Engine) -> Iterator[str]:
    info = described["info"]
    yield _tag("h1", "The service and its checks")
    yield f"<p>{escape(info['summary'])} Version {escape(info['version'])}. "
    yield '<a href="/">Try a draft</a> or read the <a href="/openapi.json">OpenAPI description</a>.</p>'
    parts = (("calls", "Calls"), ("problems", "Problems"), ("data", "Data"), ("checks", "Checks"))
    links = "".join(f'<li><a href="#{id}">{name}</a></li>' for id, name in parts)
    yield f'<nav aria-label="On this page"><ul>{links}</ul></nav>'

    yield '<h2 id="calls">Calls</h2>'
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            yield from _call(path, method, call)

    yield '<h2 id="problems">Problems</h2>'
    yield "<p>Every error is answered as problem details (RFC 9457). None repeats what was sent.</p>"
    for kind in KINDS.values():
        yield f'<h3 id="problem-{kind.slug}">{kind.status} {escape(kind.title)}</h3>'
        yield _tag("p", kind.help)

    yield '<h2 id="data">Data</h2>'
    for name, schema in sorted(described["components"]["schemas"].items()):
        yield f'<h3 id="data-{name}">{name}</h3>'
        yield _tag("p", schema.get("description", ""))
        if "properties" in schema:
            required = schema.get("required", ())
            yield _table(("field", "type", "meaning"), (_row(n, s, n in required) for n, s in schema["properties"].items()))
        elif "enum" in schema:
            yield f"<p>{_type(schema)}</p>"

    yield '<h2 id="checks">Checks</h2>'
    for entry in catalogue.all_checks(engine).checks:
        if check := catalogue.check(engine, entry.id):
            yield from _check(check)


def _call(path: str, method: str, call: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h3 id="call-{call["operationId"]}"><code>{method.upper()} {escape(path)}</code></h3>'
    yield _tag("p", call.get("description", ""))
    if parameters := call.get("parameters"):
        rows = (_row(p["name"], {**p["schema"], "description": p.get("description", "")}, p["required"]) for p in parameters)
        yield _table(("parameter", "type", "meaning"), rows)
    if body := call.get("requestBody"):
        yield f"<p>Takes {_contents(body['content'])}.</p>"
    told = {int(status): answer for status, answer in sorted(call["responses"].items())}
    answers = [f"{status} {_contents(answer.get('content', {})) or 'without content'}" for status, answer in told.items() if status < 400]
    answers += [f'<a href="#problem-{KINDS[status].slug}">{status}</a>' for status in told if status >= 400]
    yield f"<p>Answers {', '.join(answers)}.</p>"


def _check(check: catalogue.CheckDetails) -> Iterator[str]:
    yield f'<h3 id="check-{check.id}">{escape(check.title)} <code>{check.id}</code></h3>'
    yield _tag("p", check.summary)
    if not check.on:
        yield _tag("p", "This council does not want it.")
    yield _tag("p", check.why)
    yield _tag("p", check.instead)
    for words, examples in (("Warned about", check.examples.flagged), ("Not warned about", check.examples.clean)):
        yield f"<p>{words}</p><ul>"
        for example in examples:
            people = "; ".join(f"{name}: {', '.join(who)}" for name, who in _people(example) if who)
            yield f'<li><q>{escape(example.body)}</q> <span class="quiet">({escape(people)})</span></li>'
        yield "</ul>"


def _people(example: catalogue.ExampleDraft) -> Iterable[tuple[str, list[str]]]:
    return ("from", [example.sender]), ("to", example.to), ("copy", example.cc), ("blind copy", example.bcc)


def _contents(content: Mapping[str, Any]) -> str:
    return ", ".join(f"<code>{kind}</code> {_type(c['schema'])}" for kind, c in content.items())


def _type(schema: Schema) -> str:
    """A schema in few words, with a link where it has a name."""
    match schema:
        case {"$ref": str(ref)}:
            name = escape(ref.rpartition("/")[2])
            return f'<a href="#data-{name}">{name}</a>'
        case {"anyOf": list(kinds)}:
            return " or ".join(_type(kind) for kind in kinds)
        case {"enum": list(values)}:
            return " or ".join(f"<code>{escape(str(v))}</code>" for v in values)
        case {"const": value}:
            return f"<code>{escape(str(value))}</code>"
        case {"type": "array", "items": dict(items)}:
            return f"list of {_type(items)}"
        case {"format": "binary"}:
            return "a file"
        case {"type": "object", "properties": dict(fields)}:
            return "with " + ", ".join(f"<code>{escape(name)}</code>" for name in fields)
        case {"type": kind}:
            return escape(str(kind))
    return "anything"


def _row(name: str, schema: Schema, required: bool) -> tuple[str, str, str]:
    meaning = escape(schema.get("description", ""))
    return f"<code>{escape(name)}</code>{' (needed)' if required else ''}", _type(schema), meaning


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0" role="group" aria-label="A table">{table}</div>'


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""
