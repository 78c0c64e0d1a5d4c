"""The service as its clients know it, over HTTP."""

from __future__ import annotations

import http.client
import json
import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
import pytest

from app.engine import Engine
from app.errors import KINDS, MEDIA_TYPE
from app.main import create_app
from app.settings import Settings
from nlp.checks import checks
from nlp.lint import Linter

MEMBER, OFFICER, OTHER = "c.bramhall@dunmoor.gov.uk", "r.tandy@dunmoor.gov.uk", "i.osei@dunmoor.gov.uk"
FAMILIAR = "Thanks darling, you are gorgeous. Lots of love xx"  # so much of it that any model sees some
SECRET = "Quixotegill"  # what must never be repeated or logged


def draft(body: str = "Dear Ruth,\n\nWhen will the verges be cut?\n\nCarol", **more) -> dict:
    return {"sender": {"address": MEMBER}, "to": [{"address": OFFICER}], "subject": "Verges", "body": body, **more}


def hidden(body: str = "When will the verges be cut?", **more) -> dict:
    return draft(body, bcc=[{"address": OTHER}], **more)


def message(body: str = "When will the verges be cut?", **headers: str) -> bytes:
    mail = EmailMessage()
    for name, value in {"From": MEMBER, "To": OFFICER, "Subject": "Verges", **headers}.items():
        mail[name] = value
    mail.set_content(body)
    return mail.as_bytes()


def problem(answer: httpx.Response, status: int) -> dict:
    """The problem details of an answer, which must hold no word of what was sent."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    told = answer.json()
    assert told["status"] == status and told["title"] == KINDS[status].title
    assert SECRET not in answer.text
    return told


def cut(text: str, unit: str, start: int, end: int) -> str:
    if unit == "unicode":
        return text[start:end]
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


# ---- one draft ----


def test_a_hidden_copy_is_found_with_its_clause_and_a_way_out(client):
    report = client.post("/v1/lint", json=hidden()).json()
    assert report["verdict"] in ("warn", "block") and report["protocol"]["id"] == "pitstone"
    (warning,) = (w for w in report["warnings"] if w["check"] == "hidden-copy")
    assert warning["location"] == {"part": "bcc", "start": 0, "end": 0, "address": OTHER, "addresses": [OTHER]}
    assert warning["clauses"][0]["ref"] == "5 P1"
    assert {"op": "move", "address": OTHER, "from": "bcc", "to": "cc"} in [e for f in warning["fixes"] for e in f["recipients"]]
    assert report["complete"] is True and report["unread"] == [] and report["text"] is None and report["elapsed_ms"] > 0


@pytest.mark.parametrize("unit", ["unicode", "utf-16"])
@pytest.mark.parametrize("body_type", ["text", "html"])
def test_offsets_cut_the_excerpt_out_after_emoji(client, unit, body_type):
    body = f"😀👩🏽‍💻 Hi Ruth,\n\n{FAMILIAR} 🏳️‍🌈"
    sent = f"<p>{body}</p>" if body_type == "html" else body
    report = client.post("/v1/lint", json=hidden(sent, body_type=body_type, offsets=unit, subject="😀 darling")).json()
    text = report["text"] if body_type == "html" else sent
    spans = [(w["location"], w["excerpt"]) for w in report["warnings"] if w["location"]["part"] in ("subject", "body")]
    assert any(where["part"] == "body" for where, _ in spans)
    for where, excerpt in spans:
        assert cut("😀 darling" if where["part"] == "subject" else text, unit, where["start"], where["end"]) == excerpt
    ends = [e for w in report["warnings"] for f in w["fixes"] for e in f["edits"] if e["start"] == e["end"]]
    assert ends and all(cut(text, unit, 0, e["start"]).endswith("🏳️‍🌈") for e in ends)  # a line added at the foot


def test_the_protocol_asked_for_decides(client):
    by_id = {
        p["id"]: client.post("/v1/lint", json=hidden(protocol=p["id"])).json() for p in client.get("/v1/protocols").json()["protocols"]
    }
    assert {r["protocol"]["id"] for r in by_id.values()} == set(by_id) and len(by_id) >= 5
    assert len({r["warnings"][0]["clauses"][0]["ref"] for r in by_id.values()}) > 1


def test_an_unknown_protocol_is_named_with_those_there_are(client):
    told = problem(client.post("/v1/lint", json=draft(protocol=SECRET)), 422)
    assert [e["field"] for e in told["errors"]] == ["protocol"]
    assert "pitstone" in told["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sender": None}, "sender"),
        ({"sender": {"name": SECRET}}, "sender.address"),
        ({"to": [{"address": OFFICER}, {"address": ""}]}, "to.1.address"),
        ({"to": SECRET}, "to"),
        ({"body": [SECRET]}, "body"),
        ({"body_type": SECRET}, "body_type"),
        ({"offsets": SECRET}, "offsets"),
        ({"cc": [{"address": OFFICER, "role": SECRET}]}, "cc.0.role"),
        ({"attachments": [{"name": "a", "size": -1}]}, "attachments.0.size"),
    ],
)
def test_a_wrong_field_is_named_and_not_repeated(client, change, field):
    told = problem(client.post("/v1/lint", json=draft(SECRET) | change), 422)
    assert field in [e["field"] for e in told["errors"]]
    assert all(e["detail"] for e in told["errors"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        f'{{"body": "{SECRET}'.encode(),
        b"\xff\xfe\xfa" + SECRET.encode(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b"nul",
        b"\x00",
    ],
)
def test_what_is_no_json_cannot_be_read(client, body):
    answer = client.post("/v1/lint", content=body, headers={"content-type": "application/json"})
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("given", [[], 5, SECRET])
def test_what_is_no_object_is_told_in_the_same_words_at_every_door(client, given):
    alone = problem(client.post("/v1/lint", json=given), 422)
    (batched,) = reports(client, [given])
    within = problem(client.post("/v1/lint", json={"sender": given}), 422)
    assert alone["errors"] == batched["errors"] == [{"field": "", "detail": "input should be a JSON object"}]
    assert within["errors"] == [{"field": "sender", "detail": "input should be a JSON object"}]


@pytest.mark.parametrize("path", ["/v1/lint", "/v1/lint/batch", "/v1/feedback", "/v1/lint/message"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""])
def test_other_types_are_unknown(client, path, kind):
    problem(client.post(path, content=SECRET.encode(), headers={"content-type": kind}), 415)


@pytest.mark.parametrize(
    "escape", ["\\ud83d", "\\ude00 \\ud83d", "\\u0000", "\\u202e\\ufeff\\uffff", "\\ud83d\\ude00" * 50, "\\u0301" * 500, "\u2028\u0085"]
)
def test_odd_characters_are_read_like_any_other(client, escape):
    body = (
        f'{{"sender": {{"address": "{MEMBER}{escape}", "name": "{escape}"}}, "subject": "{escape}", "body": "{escape} darling {escape}"}}'
    )
    answer = client.post("/v1/lint", content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    answer.json()


def test_a_letter_of_a_megabyte_is_read(client):
    body = "The verges at Mill Lane were cut on Monday, and thank you for that. " * 14_700 + FAMILIAR
    report = client.post("/v1/lint", json=draft(body)).json()
    assert (report["complete"], report["warnings"] != []) == (True, True)
    assert all(body[w["location"]["start"] : w["location"]["end"]] == w["excerpt"] for w in report["warnings"])


def test_many_at_once_do_not_mix(client):
    def ask(n: int) -> bool:
        body = "🙂" * n + f" {FAMILIAR} {n}"
        warnings = client.post("/v1/lint", json=hidden(body, offsets="utf-16")).json()["warnings"]
        spans = [w for w in warnings if w["location"]["part"] == "body"]
        return bool(spans) and all(cut(body, "utf-16", w["location"]["start"], w["location"]["end"]) == w["excerpt"] for w in spans)

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(80)))


# ---- too large ----


def test_a_body_that_says_it_is_too_large_is_refused(client, settings):
    problem(client.post("/v1/lint", content=b" " * (settings.max_request_bytes + 1), headers={"content-type": "application/json"}), 413)


def test_a_body_that_grows_too_large_is_refused_while_it_is_sent(service, settings):
    """Chunked and without a length: it must be answered before all of it was sent."""
    connection = http.client.HTTPConnection(urlsplit(service).netloc, timeout=20)
    connection.putrequest("POST", "/v1/lint")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    chunk = b"%x\r\n%s\r\n" % (100_000, b" " * 100_000)
    for _ in range(settings.max_request_bytes // 100_000 + 1):
        connection.send(chunk)
    answer = connection.getresponse()  # no last chunk was ever sent
    assert answer.status == 413 and json.loads(answer.read())["title"] == KINDS[413].title
    connection.close()


def test_a_form_that_is_too_large_is_refused(client, settings):
    problem(client.post("/v1/lint/message", files={"file": ("a.eml", message("x" * settings.max_request_bytes))}), 413)


def test_a_batch_of_too_many_is_refused(client, settings):
    problem(client.post("/v1/lint/batch", json={"drafts": [None] * (settings.max_batch + 1)}), 413)


# ---- many drafts ----


def reports(client: httpx.Client, drafts: list) -> list[dict]:
    answer = client.post("/v1/lint/batch", json={"drafts": drafts})
    assert answer.status_code == 200, answer.text
    return answer.json()["reports"]


@pytest.mark.parametrize("many", [1, 3, 60])
def test_one_bad_draft_is_a_problem_in_its_own_place_only(client, many):
    bad = [{"sender": SECRET}, draft(protocol=SECRET), None, SECRET]
    good = [hidden(f"🙂 {FAMILIAR} {n}", offsets="utf-16") for n in range(many)]
    found = reports(client, [*good, *bad, *good])
    assert [r.get("status", 200) for r in found] == [200] * many + [422] * len(bad) + [200] * many
    assert SECRET not in json.dumps(found)
    assert found[many + 1]["errors"][0]["field"] == "protocol"
    alone = client.post("/v1/lint", json=good[-1]).json()
    for one in (found[many - 1], found[-1]):
        assert one["warnings"] == alone["warnings"]


def test_an_empty_batch_is_an_empty_answer(client):
    assert reports(client, []) == []


# ---- a message ----


@pytest.mark.parametrize("kind", ["message/rfc822", "application/octet-stream", "Message/RFC822; charset=utf-8"])
def test_a_raw_message_is_read(client, kind):
    told = client.post("/v1/lint/message", content=message(Bcc=OTHER), headers={"content-type": kind}).json()
    assert [w["check"] for w in told["warnings"]] == ["hidden-copy"]
    assert told["headers"] == [
        {"name": "X-Clausewise-Verdict", "value": told["verdict"]},
        {"name": "X-Clausewise-Checks", "value": "hidden-copy"},
    ]
    assert told["action"] == "accept" and "draft" not in told


def test_who_is_in_the_envelope_only_gets_a_blind_copy(client):
    envelope = {"envelope_from": MEMBER, "envelope_to": [OFFICER, OTHER], "protocol": "knutsford"}
    by_query = client.post("/v1/lint/message", params=envelope, content=message(), headers={"content-type": "message/rfc822"})
    by_form = client.post("/v1/lint/message", data=envelope, files={"file": ("a.eml", message())})
    mixed = client.post(
        "/v1/lint/message", params={"envelope_to": OFFICER, "protocol": "pitstone"}, data=envelope, files={"file": ("a", message())}
    )
    for answer in (by_query, by_form, mixed):
        told = answer.json()
        assert told["protocol"]["id"] == "knutsford"
        assert [w["location"]["address"] for w in told["warnings"] if w["check"] == "hidden-copy"] == [OTHER]


def test_every_door_finds_the_same(client):
    body = f"😀 Hi Ruth,\n\n{FAMILIAR}\n"
    given = hidden(body, offsets="utf-16")
    typed = client.post("/v1/lint", json=given).json()["warnings"]
    (batched,) = reports(client, [given])
    mailed = client.post("/v1/lint/message", files={"file": ("a.eml", message(body, Bcc=OTHER))}, data={"offsets": "utf-16"}).json()
    assert typed and typed == batched["warnings"] == mailed["warnings"]


def test_the_draft_that_was_read_comes_back_where_asked_for(client):
    answer = client.post("/v1/lint/message", files={"file": ("a.eml", message("Hi 😀 darling", Bcc=OTHER))}, data={"draft": "true"}).json()
    read = answer["draft"]
    assert (read["sender"]["address"], read["sender"]["role"], read["bcc"][0]["address"]) == (MEMBER, "member", OTHER)
    assert read["body"].strip() == "Hi 😀 darling" and read["body_type"] == "text"
    assert client.post("/v1/lint", json=read).json()["warnings"] == answer["warnings"]


@pytest.mark.parametrize("data", [b"", b" \n ", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + SECRET.encode()])
def test_a_message_that_is_none_is_said_to_be_none(client, data):
    told = problem(client.post("/v1/lint/message", content=data, headers={"content-type": "application/octet-stream"}), 400)
    assert told["detail"]


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        ({"data": {"protocol": "pitstone"}, "files": {"other": b"x"}}, 422, "file"),
        ({"data": {"protocol": SECRET}, "files": {"file": message()}}, 422, "protocol"),
        ({"data": {"offsets": SECRET}, "files": {"file": message()}}, 422, "offsets"),
        ({"files": {"file": message()}, "params": {"offsets": SECRET}}, 422, "offsets"),
        ({"files": [("file", message()), ("file", message())]}, 400, None),
        ({"content": SECRET.encode(), "headers": {"content-type": "multipart/form-data"}}, 400, None),
        ({"content": SECRET.encode(), "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400, None),
    ],
)
def test_a_wrong_form_is_refused(client, form, status, field):
    told = problem(client.post("/v1/lint/message", **form), status)
    assert [e["field"] for e in told.get("errors", [])] == ([field] if field else [])


def test_the_council_decides_what_becomes_of_a_message(serve, tmp_path):
    settings = Settings(state_dir=tmp_path, action_on_warning="reject", action_on_error="hold", checks_off=("over-familiar",), docs=False)
    with serve(create_app(settings)) as address, httpx.Client(base_url=address) as client:
        send = lambda data: client.post("/v1/lint/message", content=data, headers={"content-type": "message/rfc822"}).json()
        assert send(message(Bcc=OTHER))["action"] == "reject"
        assert send(message(FAMILIAR))["warnings"] == []
        assert send(message())["action"] == "accept"
        on = {c["id"]: c["on"] for c in client.get("/v1/checks").json()["checks"]}
        assert on.pop("over-familiar") is False and all(on.values())
        assert all("over-familiar" not in p["checks"] for p in client.get("/v1/protocols").json()["protocols"])
        problem(client.get("/docs"), 404)
        problem(client.get("/openapi.json"), 404)


# ---- what there is ----


def test_the_catalogue_explains_every_check_and_protocol(client):
    listed = client.get("/v1/checks").json()["checks"]
    assert [c["id"] for c in listed] == list(checks())
    assert [c["id"] for c in listed if c["core"]] == [c["id"] for c in listed][:5]
    for check in listed:
        told = client.get(f"/v1/checks/{check['id']}").json()
        assert told["why"] and told["instead"] and told["clauses"] and told["examples"]["flagged"] and told["examples"]["clean"]
    protocols = client.get("/v1/protocols").json()
    assert protocols["default"] == "pitstone"
    for protocol in protocols["protocols"]:
        told = client.get(f"/v1/protocols/{protocol['id']}").json()
        assert [c["id"] for c in told["checks"]] == protocol["checks"]
        refs = {c["ref"] for c in told["clauses"]}
        assert all(set(a["clauses"]) <= refs and a["clauses"] for c in told["checks"] for a in c["aspects"].values())


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1/checks/nothing", "/v1/protocols/nothing", "/static/nothing", "/static/../main.py", "/v1/lint/"]
)
def test_what_is_not_there_is_not_found(client, path):
    problem(client.get(path), 404)


def test_a_range_is_ignored(client):
    for path in ("/", "/static/page.css"):
        assert client.get(path, headers={"range": "bytes=x"}).content == client.get(path).content


def test_a_wrong_method_says_which_are_right(client):
    answer = client.delete("/v1/lint")
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_the_description_documents_every_problem_and_what_there_is(client):
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            told = {int(s): a["content"] for s, a in call["responses"].items() if int(s) >= 400}
            assert all(list(content) == [MEDIA_TYPE] for content in told.values())
            wanted = {400, 413, 415, 422, 503} if method == "post" else {422, 404} if "{" in path else set()
            assert wanted <= told.keys(), path
    protocol = described["components"]["schemas"]["Draft"]["properties"]["protocol"]
    assert "pitstone" in protocol["anyOf"][0]["enum"]
    assert "x-known" not in json.dumps(described)


def test_the_pages_need_nothing_from_elsewhere(client):
    for path in ("/", "/docs"):
        page = client.get(path)
        assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
        assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
        assert loaded and all(re.match(r"/(?!/)|#|data:", address) for address in loaded)
    docs = client.get("/docs").text
    assert all(f'id="check-{id}"' in docs for id in checks())
    assert all(f'id="problem-{kind.slug}"' in docs for kind in KINDS.values())
    for name in ("page.js", "page.css", "docs.css"):
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert client.get(f"/static/{name}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_every_answer_has_the_headers_that_keep_it_private(client):
    for answer in (client.get("/"), client.get("/nothing"), client.post("/v1/lint", json=draft()), client.get("/static/page.js")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert client.post("/v1/lint", json=draft()).headers["cache-control"] == "no-store"


# ---- running it ----


def test_a_head_is_answered_like_a_get(client):
    for path in ("/", "/healthz", "/readyz"):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_the_service_says_that_it_is_alive_while_every_thread_reads_letters(client, service, monkeypatch):
    lint, many, reading, go_on = Linter.lint, 45, threading.Semaphore(0), threading.Event()

    def held(*given):
        reading.release()
        go_on.wait(30)
        return lint(*given)

    monkeypatch.setattr(Linter, "lint", held)
    with ThreadPoolExecutor(many) as threads, httpx.Client(base_url=service, timeout=30) as letters:
        answers = [threads.submit(letters.post, "/v1/lint", json=draft()) for _ in range(many)]
        try:
            assert all(reading.acquire(timeout=20) for _ in range(40))  # as many threads as there are
            assert client.get("/healthz", timeout=10).json() == {"status": "alive"}
            assert "clausewise_requests_total" in client.get("/metrics", timeout=10).text
        finally:
            go_on.set()
        assert {answer.result().status_code for answer in answers} == {200}


def test_a_directory_that_was_broken_is_told_of_while_the_version_before_stays_in_force(serve, tmp_path):
    directory = tmp_path / "directory.csv"
    good = f"address,name,role\n{MEMBER},Carol Bramhall,member\n{OTHER},Isaac Osei,member\n{OFFICER},Ruth Tandy,officer\n"
    directory.write_text(good)

    def settled(client: httpx.Client, *, faulty: bool) -> None:
        give_up = time.monotonic() + 10
        while ("faults" in client.get("/readyz").json()["directory"]) != faulty:
            assert time.monotonic() < give_up
            time.sleep(0.1)

    with serve(create_app(Settings(state_dir=tmp_path, directory=directory))) as address, httpx.Client(base_url=address) as client:
        assert client.get("/readyz").json()["directory"] == "3 people"
        directory.write_text(f"address,name,role\n{MEMBER},{SECRET},emperor\n")
        settled(client, faulty=True)
        assert client.get("/readyz").status_code == 200
        assert SECRET not in client.get("/readyz").text
        assert "clausewise_directory_ready 0.0" in client.get("/metrics").text
        assert [w["check"] for w in client.post("/v1/lint", json=hidden()).json()["warnings"]] == ["hidden-copy"]
        directory.write_text(good + "\n")
        settled(client, faulty=False)


def test_a_service_that_has_not_started_is_not_ready():
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Settings()))  # which runs no lifespan
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/v1/lint", json=draft(SECRET))

    import asyncio

    problem(asyncio.run(ask()), 503)


def test_what_runs_out_of_time_is_said_to_be_incomplete(tmp_path):
    engine = Engine.start(Settings(lint_seconds=1e-9))
    told = json.loads(engine.answer(hidden()).json)
    assert (told["complete"], len(told["unread"])) == (False, 1)


def test_metrics_count_and_hold_no_text(client):
    client.post("/v1/lint", json=hidden(SECRET))
    client.post(f"/v1/{SECRET}", json={})
    client.request(SECRET, "/v1/lint")
    reports(client, [{}])
    told = client.get("/metrics").text
    assert 'clausewise_warnings_total{check="hidden-copy",severity="warning"}' in told
    assert 'clausewise_requests_total{method="POST",route="/v1/lint",status="200"}' in told
    assert 'clausewise_requests_total{method="other"' in told
    assert "clausewise_lint_seconds_bucket" in told and "clausewise_drafts_refused_total" in told
    assert SECRET.lower() not in told.lower() and "@" not in told


def test_a_failure_nobody_foresaw_is_told_and_logged_without_a_word_of_the_letter(client, monkeypatch, caplog):
    def fail(*_):
        raise ValueError(f"{SECRET} does not fit")

    monkeypatch.setattr(Linter, "lint", fail)
    caplog.set_level(logging.DEBUG)
    problem(client.post("/v1/lint", json=draft(SECRET)), 500)
    (told,) = reports(client, [draft(SECRET)])
    assert (told["status"], SECRET in json.dumps(told)) == (500, False)
    assert caplog.text.count("unexpected ValueError at") == 2
    assert SECRET not in caplog.text


def test_the_log_holds_neither_paths_nor_addresses_nor_words(client, caplog):
    caplog.set_level(logging.DEBUG, "clausewise")
    client.post("/v1/lint", json=hidden(SECRET))
    client.post(
        "/v1/lint/message",
        params={"envelope_to": f"{SECRET}@dunmoor.gov.uk"},
        content=message(SECRET),
        headers={"content-type": "message/rfc822"},
    )
    client.get(f"/v1/checks/{SECRET}")
    client.get(f"/{SECRET}")
    expected = {"POST /v1/lint", "POST /v1/lint/message", "GET /v1/checks/{id}", "GET other"}
    lines: set[str] = set()
    give_up = time.monotonic() + 30
    # A request is logged after its answer was sent: these four may come late, and so may one of an earlier test.
    while not expected <= lines and time.monotonic() < give_up:
        time.sleep(0.01)
        lines = {record.getMessage().rsplit(" ", 3)[0] for record in caplog.records if record.name == "clausewise"}
    assert expected <= lines
    assert SECRET not in caplog.text and "dunmoor" not in caplog.text
