"""The page at `/` in a browser, against the real service: what a councillor sees and does, with a mouse and without."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from contextlib import suppress
from email.message import EmailMessage
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, Route, expect, sync_playwright

from app.main import create_app

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path")

# A browser that asks nobody anything of its own accord.
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"

BRAMHALL = "Cllr Carol Bramhall <c.bramhall@dunmoor.gov.uk>"
TANDY = "Ruth Tandy <r.tandy@dunmoor.gov.uk>"
OSEI = "Cllr Isaac Osei <i.osei@dunmoor.gov.uk>"
LETTER = {
    "from": BRAMHALL,
    "to": TANDY,
    "bcc": OSEI,
    "subject": "Verge cutting",
    "body": "Dear Ruth,\n\nWhen will the verges be cut?\n\nCarol Bramhall",
}
DARLING = "Hi Ruth 🙂🏳️‍🌈👩🏽‍💻😊😊😊😊😊,\n\nThe verges look fine. You are a star, darling.\n\nCarol"


@pytest.fixture(scope="module")
def origin(serve):
    """The address of the service, on a free port of this machine, once it says that it is ready."""
    with serve(create_app()) as address, urllib.request.urlopen(f"{address}/readyz"):
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all tests, since starting one costs more than most of them; what it asks for and complains of is noted."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: message.type in ("error", "warning") and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture
def page(tab, origin) -> Page:
    """The page, freshly opened. Whatever a test does to it, no request may leave the origin and nothing may go wrong unseen."""
    tab.asked.clear()
    tab.complaints.clear()
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(origin)
    expect(tab.get_by_label("Protocol")).not_to_have_value("")
    yield tab
    tab.unroute_all()
    assert tab.asked and [url for url in tab.asked if not url.startswith((f"{origin}/", "data:"))] == []
    assert tab.complaints == []


def fill(page: Page, *, live: bool = False, **fields: str) -> None:
    page.get_by_label("Check as I type").set_checked(live)
    for name, text in {**LETTER, **{key.rstrip("_"): value for key, value in fields.items()}}.items():
        page.locator(f"#{name}").fill(text)


def check(page: Page) -> None:
    page.get_by_role("button", name="Check this letter").click()
    expect(page.locator("#read")).to_be_visible()


def card(page: Page, kind: str):
    return page.locator("article", has_text=kind)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent")


# ---- loading ----


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(page, origin):
    answer = page.request.get(origin)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text())
    assert page.title().startswith("Clausewise")
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).position") == "relative"  # the style sheet is in force


def test_protocols_come_from_the_service(page, origin):
    told = page.request.get(f"{origin}/v1/protocols").json()
    assert page.locator("#protocol option").evaluate_all("all => all.map((o) => o.value)") == [p["id"] for p in told["protocols"]]
    expect(page.locator("#protocol")).to_have_value(told["default"])


# ---- checking ----


def test_a_check_marks_the_recipient_and_shows_the_clause_beside(page):
    fill(page)
    with page.expect_response("**/v1/lint") as answer:
        check(page)
    (warning,) = answer.value.json()["warnings"]
    words = {"error": "Serious", "warning": "To think about", "info": "Worth knowing"}[warning["severity"]]
    expect(page.locator("#summary")).to_have_text(f"1 warning: {words.lower()}")
    expect(page.locator("#read mark")).to_contain_text(["i.osei@dunmoor.gov.uk"])
    hidden = card(page, "Hidden copy")
    expect(hidden.locator(".severity")).to_have_text(words)
    expect(hidden.get_by_role("heading")).to_contain_text(warning["message"])
    expect(hidden.locator(".ref").first).to_have_text(warning["clauses"][0]["ref"])
    expect(hidden.locator(".clause-summary").first).to_have_text(warning["clauses"][0]["summary"])


def test_a_plain_letter_has_nothing_to_warn_about(page):
    fill(page, bcc="")
    check(page)
    expect(page.locator("#summary")).to_have_text("Nothing to warn about")
    expect(page.locator("mark")).to_have_count(0)
    expect(page.locator("article")).to_have_count(0)


def test_typing_is_checked_by_itself_unless_switched_off(page):
    fill(page, live=True)
    expect(card(page, "Hidden copy")).to_be_visible()
    expect(page.locator(".row", has=page.locator("#bcc")).locator(".mirror .line")).to_have_text(OSEI)  # underlined while one writes
    page.asked.clear()
    page.locator("#body").press_sequentially("Thanks", delay=15)
    page.wait_for_timeout(900)
    assert len(page.asked) == 1  # one check for a word, not one for each letter
    page.get_by_label("Check as I type").uncheck()
    page.locator("#bcc").fill("")
    page.wait_for_timeout(800)
    assert len(page.asked) == 1


def test_an_answer_that_was_overtaken_is_not_shown(page):
    late = {
        "check": "late",
        "severity": "error",
        "message": "Too late.",
        "location": {"part": "body", "start": 0, "end": 4},
        "excerpt": "Dear",
    }
    report = {"verdict": "block", "warnings": [{**late, "confidence": 1, "fingerprint": "f", "clauses": [], "fixes": []}], "text": None}
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/lint", hold_the_first)
    fill(page)
    with page.expect_request("**/v1/lint"):
        page.get_by_role("button", name="Check this letter").click()
    page.locator("#bcc").fill("")
    check(page)
    expect(page.locator("#summary")).to_have_text("Nothing to warn about")
    with suppress(Error):  # the page may have hung up
        held[0].fulfill(json=report)
    page.wait_for_timeout(200)
    expect(page.locator("#summary")).to_have_text("Nothing to warn about")
    expect(page.locator("article")).to_have_count(0)


def test_the_example_has_something_to_show(page):
    page.get_by_role("button", name="Example").click()
    expect(page.locator("#read .body mark").first).to_be_visible()
    assert page.locator("article").count() >= 3
    quotes = page.locator("article").evaluate_all("all => all.map((card) => card.querySelector('.quote q')?.textContent)")
    assert "i.osei@dunmoor.gov.uk" in quotes


def test_emoji_before_a_warning_leave_the_underline_on_its_words(page):
    fill(page, bcc="", body=DARLING)
    with page.expect_response("**/v1/lint") as answer:
        check(page)
    warnings = [w for w in answer.value.json()["warnings"] if w["location"]["part"] == "body"]
    assert any("darling" in w["excerpt"] for w in warnings)
    marked = page.locator("#read .body mark").all_inner_texts()
    assert any("darling" in text for text in marked)
    assert all(any(text in w["excerpt"] for w in warnings) for text in marked)
    page.get_by_role("button", name="Write", exact=True).click()
    lines = page.locator(".grow.body .line")
    assert lines.all_inner_texts() == marked
    lines.first.evaluate("line => line.textContent").encode()  # no half of a surrogate pair


def test_a_role_is_sent_as_a_hint(page):
    fill(page)
    page.get_by_label("You write as").select_option("officer")
    with page.expect_request("**/v1/lint") as asked:
        check(page)
    sent = asked.value.post_data_json
    assert sent["sender"] == {"address": "c.bramhall@dunmoor.gov.uk", "name": "Cllr Carol Bramhall", "role": "officer"}
    assert sent["offsets"] == "utf-16" and sent["bcc"][0]["name"] == "Cllr Isaac Osei"


def test_without_a_sender_the_page_asks_for_one(page):
    fill(page, from_="")
    page.get_by_role("button", name="Check this letter").click()
    expect(page.locator("#from")).to_be_focused()
    expect(page.locator("#from-note")).to_contain_text("your own email address")


def test_a_name_without_an_address_is_left_out_and_said(page):
    fill(page, to=f"{TANDY}; Sanjay")
    with page.expect_request("**/v1/lint") as asked:
        page.get_by_role("button", name="Check this letter").click()
    assert [p["address"] for p in asked.value.post_data_json["to"]] == ["r.tandy@dunmoor.gov.uk"]
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator("#to-note")).to_contain_text("“Sanjay” has no email address")


# ---- putting it right ----


def test_a_fix_clears_its_warning_and_can_be_taken_back(page):
    fill(page)
    check(page)
    card(page, "Hidden copy").get_by_role("button", name="Move to Cc").click()
    expect(card(page, "Hidden copy")).to_have_count(0)
    expect(page.locator("#bcc")).to_have_value("")
    expect(page.locator("#cc")).to_have_value(OSEI)
    expect(page.locator("#undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, "Hidden copy")).to_be_visible()
    expect(page.locator("#bcc")).to_have_value(OSEI)


def test_a_text_fix_lands_on_the_words_even_after_they_have_moved(page):
    """The service's answer is replaced by one with a known edit, so that the arithmetic of the page is what is tested."""

    def answer(route: Route) -> None:
        body = route.request.post_data_json["body"]
        start = len(body[: body.index("darling")].encode("utf-16-le")) // 2 if "darling" in body else -1
        span = {"part": "body", "start": start, "end": start + 7}
        greeting = {"part": "body", "start": body.index("Hi"), "end": body.index("Hi") + 2, "text": "Good morning"} if start >= 0 else {}
        fix = {"title": "Say Ruth", "edits": [greeting, {**span, "text": "Ruth"}], "recipients": []}
        warning = {"check": "over-familiar", "severity": "warning", "message": "Too close.", "location": span, "excerpt": "darling"}
        warning |= {"confidence": 0.8, "fingerprint": "f1", "clauses": [], "fixes": [fix]}
        route.fulfill(
            json={"verdict": "warn", "protocol": {"id": "x", "title": "X"}, "warnings": [warning] if start >= 0 else [], "text": None}
        )

    page.route("**/v1/lint", answer)
    fill(page, bcc="", body=DARLING)
    check(page)
    page.get_by_role("button", name="Write", exact=True).click()
    page.locator("#body").fill("One more thing. " + DARLING)
    expect(page.locator(".grow.body .line")).to_have_text("darling")  # carried along before any new check
    page.get_by_role("button", name="Say Ruth").click()
    expect(page.locator("#body")).to_have_value("One more thing. " + DARLING.replace("darling", "Ruth").replace("Hi", "Good morning"))
    expect(page.locator("article")).to_have_count(0)


def test_a_warning_set_aside_goes_and_no_word_of_the_letter_is_sent(page):
    fill(page)
    check(page)
    hidden = card(page, "Hidden copy")
    hidden.get_by_text("Not a problem here").click()
    hidden.get_by_label("Why?").select_option("agreed")
    with page.expect_response("**/v1/feedback") as answer:
        hidden.get_by_role("button", name="Set aside").click()
    assert answer.value.ok
    sent = answer.value.request.post_data_json
    assert set(sent) == {"fingerprint", "action", "reason", "check", "protocol"}
    assert (sent["action"], sent["reason"], sent["check"]) == ("dismissed", "agreed", "hidden-copy")
    assert "osei" not in json.dumps(sent)
    expect(hidden).to_have_count(0)
    page.get_by_role("button", name="Check this letter").click()
    expect(page.locator("#dismissed")).to_contain_text("1 warning set aside")
    page.get_by_role("button", name="Show again").click()
    expect(hidden).to_be_visible()


# ---- files ----


def message() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Bcc"], mail["Subject"] = BRAMHALL, TANDY, OSEI, "Verge cutting ✂️"
    mail.set_content("Hello darling,\n\n🙂🙂 When will the verges be cut?\n\nCarol Bramhall\n")
    return mail.as_bytes()


def test_a_message_file_fills_the_fields_and_is_checked(page):
    page.locator("#file").set_input_files({"name": "letter.eml", "mimeType": "message/rfc822", "buffer": message()})
    expect(card(page, "Hidden copy")).to_be_visible()
    expect(page.locator("#from")).to_have_value(BRAMHALL)
    expect(page.locator("#bcc")).to_have_value(OSEI)
    expect(page.locator("#subject")).to_have_value("Verge cutting ✂️")
    expect(page.locator("#body")).to_have_value(re.compile("When will the verges be cut"))
    assert any("darling" in text for text in page.locator("#read .body mark").all_inner_texts())


def test_a_draft_and_a_text_with_headers_open_too(page):
    draft = {
        "sender": {"address": "c.bramhall@dunmoor.gov.uk"},
        "to": [{"address": "r.tandy@dunmoor.gov.uk", "name": "Tandy, Ruth"}],
        "subject": "Verges",
    }
    draft |= {"cc": [], "bcc": [{"address": "i.osei@dunmoor.gov.uk"}], "body": "<p>When will they <b>be cut</b>?</p>", "body_type": "html"}
    page.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": json.dumps(draft).encode()})
    expect(card(page, "Hidden copy")).to_be_visible()
    expect(page.locator("#to")).to_have_value('"Tandy, Ruth" <r.tandy@dunmoor.gov.uk>')
    expect(page.locator("#body")).to_have_value(re.compile(r"^\s*When will they be cut\?\s*$"))
    text = f"From: {BRAMHALL}\r\nTo: {TANDY}\r\nSubject: Verges\r\n\r\nWhen will they be cut?\r\n"
    page.locator("#file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": text.encode()})
    expect(page.locator("#summary")).to_have_text("Nothing to warn about")
    expect(page.locator("#bcc")).to_have_value("")
    expect(page.locator("#body")).to_have_value("When will they be cut?\n")


def test_an_unknown_file_is_refused_in_words_and_nothing_is_lost(page):
    fill(page)
    page.locator("#file").set_input_files({"name": "photo.heic", "mimeType": "image/heic", "buffer": b"\0"})
    expect(page.get_by_role("alert")).to_contain_text("cannot be opened here")
    expect(page.locator("#body")).to_have_value(LETTER["body"])


# ---- trouble ----


def test_an_error_of_the_service_is_shown_in_words_and_goes_when_it_is_over(page):
    problem = {
        "title": "A field is wrong",
        "status": 422,
        "detail": "The draft cannot be read.",
        "errors": [{"field": "to.0.address", "message": "is too long"}],
    }
    page.route("**/v1/lint", lambda route: route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem)))
    fill(page)
    page.get_by_role("button", name="Check this letter").click()
    alert = page.get_by_role("alert")
    for words in ("A field is wrong", "The draft cannot be read.", "To, no. 1, address: is too long", "still here"):
        expect(alert).to_contain_text(words)
    expect(page.locator("#body")).to_have_value(LETTER["body"])
    page.unroute("**/v1/lint")
    page.route("**/v1/lint", lambda route: route.abort())
    page.get_by_role("button", name="Check this letter").click()
    expect(alert).to_contain_text("did not answer")
    page.unroute("**/v1/lint")
    check(page)
    expect(alert).to_be_empty()
    assert len(page.complaints) >= 2 and all("Failed to load resource" in text for text in page.complaints)
    page.complaints.clear()  # the browser's own word on the two failures above


def test_what_could_not_be_read_is_said(page):
    report = {
        "verdict": "clear",
        "protocol": {"id": "x", "title": "X"},
        "warnings": [],
        "text": None,
        "complete": False,
        "unread": ["photo.heic is a picture."],
    }
    page.route("**/v1/lint", lambda route: route.fulfill(json=report))
    fill(page)
    check(page)
    expect(page.locator("#unread")).to_contain_text("photo.heic is a picture.")
    expect(page.locator("#summary")).to_have_text("Nothing to warn about in what could be read")


def test_text_is_never_markup(page):
    fill(page, subject="<img src=x onerror=alert(1)>", body="<script>alert(1)</script><b>darling</b>")
    check(page)
    expect(page.locator("#read")).to_contain_text("<script>alert(1)</script><b>darling</b>")
    expect(page.locator("#read img, #read script, #read b")).to_have_count(0)


# ---- without a mouse, and with other eyes ----


def test_a_whole_journey_on_the_keyboard(page):
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_role("link", name="Skip to the letter")).to_be_focused()
    press("Enter")
    for _ in range(12):
        press("Tab")
        if focused(page) == "from":
            break
    for name in ("from", "role", "to", "cc", "bcc", "subject", "body"):
        expect(page.locator(f"#{name}")).to_be_focused()
        if name in LETTER:
            page.keyboard.insert_text(LETTER[name])
        press("Tab")
    press("Shift+Tab")
    press("Control+Enter")
    expect(page.locator("#summary")).to_be_focused()
    expect(page.locator("#summary")).to_contain_text("1 warning")
    press("n")
    hidden = card(page, "Hidden copy")
    expect(hidden).to_be_focused()
    press("Enter")  # from the card to its words
    marked = page.locator("mark a", has_text="i.osei@dunmoor.gov.uk")
    expect(marked).to_be_focused()
    press("Enter")  # and back
    expect(hidden).to_be_focused()
    move = hidden.get_by_role("button", name="Move to Cc")
    for _ in range(6):
        press("Tab")
        if "Move to Cc" in focused(page):
            break
    expect(move).to_be_focused()
    outline = move.evaluate("button => getComputedStyle(button).outlineStyle + getComputedStyle(button).outlineWidth")
    assert outline == "solid3px"
    press("Enter")
    expect(page.locator("#undo")).to_be_focused()
    expect(hidden).to_have_count(0)


def test_overlapping_marks_each_lead_to_every_warning_about_them(page):
    spans = [(0, 20), (5, 12)]
    body = "abcde fghijk lmnopqr stuv"
    warnings = [
        {
            "check": f"check-{n}",
            "severity": "warning",
            "message": f"Number {n}.",
            "location": {"part": "body", "start": s, "end": e},
            "excerpt": body[s:e],
        }
        | {"confidence": 0.6, "fingerprint": f"f{n}", "clauses": [], "fixes": []}
        for n, (s, e) in enumerate(spans)
    ]
    report = {"verdict": "warn", "protocol": {"id": "x", "title": "X"}, "warnings": warnings, "text": None}
    page.route("**/v1/lint", lambda route: route.fulfill(json=report))
    fill(page, body=body)
    check(page)
    assert page.locator("#read .body mark").all_inner_texts() == [body[0:5], body[5:12], body[12:20]]
    inner = page.locator("#read .body mark a").nth(1)
    inner.click()
    expect(card(page, "Number 1.")).to_be_focused()
    inner.click()
    expect(card(page, "Number 0.")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    def violations() -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{v['id']}: {node['html']} {node.get('failureSummary', '')}" for v in found for node in v["nodes"]]

    assert violations() == []
    page.get_by_role("button", name="Example").click()
    expect(page.locator("#read .body mark").first).to_be_visible()
    page.get_by_text("Not a problem here").first.click()
    page.get_by_role("button", name="Next").click()
    assert violations() == []
    page.get_by_role("button", name="Write", exact=True).click()
    card(page, "Hidden copy").get_by_role("button", name="Move to Cc").click()
    expect(page.locator("#undo")).to_be_visible()
    assert violations() == []


def test_nothing_needs_scrolling_sideways(page):
    page.locator("#subject").fill("x" * 200)
    page.get_by_role("button", name="Example").click()
    expect(page.locator("article").first).to_be_visible()
    for view in ("Write", "Marked up"):
        page.get_by_role("button", name=view, exact=True).click()
        for width in (320, 360, 768, 1024):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_headings_and_landmarks_are_in_order(page):
    page.get_by_role("button", name="Example").click()
    expect(page.locator("article").first).to_be_visible()
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "en-GB"


# ---- the arithmetic ----


def test_addresses_are_parted(page):
    cases = [
        ("a@b.uk", [("", "a@b.uk")]),
        ("A B <a@b.uk>, c@d.uk;\ne@f.uk\n", [("A B", "a@b.uk"), ("", "c@d.uk"), ("", "e@f.uk")]),
        ('"Khan, Aisha" <a@b.uk>, c@d.uk', [("Khan, Aisha", "a@b.uk"), ("", "c@d.uk")]),
        ("Khan, Aisha <a@b.uk>; Reid, Jo <j@b.uk>", [("Khan, Aisha", "a@b.uk"), ("Reid, Jo", "j@b.uk")]),
        ("Sanjay, a@b.uk", [("Sanjay", ""), ("", "a@b.uk")]),
        ('"Open <a@b.uk>\nc@d.uk', [('"Open', "a@b.uk"), ("", "c@d.uk")]),
        (" ;, \n", []),
    ]
    for text, people in cases:
        parsed = page.evaluate("text => import('/static/page.js').then((page) => page.parseAddresses(text))", text)
        assert [(p["name"] or (p["raw"] if not p["address"] else ""), p["address"]) for p in parsed] == people
        assert all(text[p["start"] : p["end"]] == p["raw"] for p in parsed)


def test_marks_follow_the_text_while_it_changes(page):
    cases = [
        ("say hun now", "say hun now!", [(4, 7)]),
        ("say hun now", "I say hun now", [(6, 9)]),
        ("say hun now", "say huun now", []),
        ("say hun now", "now", []),
        ("hun hun hun", "hun hun", [(4, 7)]),
    ]
    for before, after, kept in cases:
        moved = page.evaluate(
            "([b, a]) => import('/static/page.js').then((page) => page.carry([{start: 4, end: 7}], b, a))", [before, after]
        )
        assert [(s["start"], s["end"]) for s in moved] == kept


def test_a_huge_letter_keeps_a_thousand_marks(page):
    segments, kept, people = page.evaluate(
        """() => import('/static/page.js').then((page) => {
            const spans = Array.from({length: 1000}, (_, i) => ({start: i * 900, end: i * 900 + 1200}));
            return [
                page.segments(spans, 1_000_000).length,
                page.carry(spans, 'a'.repeat(1_000_000), 'a'.repeat(999_999)).length,
                page.parseAddresses('"<,'.repeat(100_001) + '\\nann@b.uk').map((person) => person.address),
            ];
        })"""
    )
    assert (segments, kept, people) == (1999, 1000, ["", "ann@b.uk"])


def test_nothing_of_the_letter_stays_in_the_browser(page):
    fill(page)
    check(page)
    stored = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length]")
    assert stored == [0, 0, 0]
    assert page.url.endswith("/")
