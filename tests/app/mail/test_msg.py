from __future__ import annotations

import random
import struct

import pytest
from ole_writer import message, write

from app.mail import Limits, UnreadableMessage, read
from app.mail.mapi import BINARY, NARROW, UNICODE, Properties
from app.mail.msg import read_people

BASE = {0x001A: "IPM.Note", 0x0037: "RE: Bins", 0x1000: "The bins are late.\r\nJo", 0x5D01: "jo@n.gov.uk", 0x0C1A: "Cllr Jo Reid"}


def person(address: str, kind: int, name: str = "", tag: int = 0x39FE) -> dict:
    return {tag: address, 0x0C15: kind} | ({0x3001: name} if name else {})


def draft(properties=BASE, recipients=(), attachments=(), **given):
    return read(write(message(dict(properties), recipients, attachments, **given))).draft


def test_a_sent_item_without_headers():
    ticks = 133_854_660_000_000_000
    raw = write(message(BASE | {0x0039: ("time", ticks), 0x1035: "<1@x>"}, [person("ann@x", 1, "Ann"), person("c@x", 2), person("b@x", 3)]))
    result = read(raw)
    found = result.draft
    assert (found.sender.address, found.sender.name) == ("jo@n.gov.uk", "Cllr Jo Reid")
    assert [[one.address for one in people] for _, people in found.parts()] == [["ann@x"], ["c@x"], ["b@x"]]
    assert found.to[0].name == "Ann"
    assert (found.subject, found.body, found.compose_type) == ("RE: Bins", "The bins are late.\nJo", "reply")
    assert (result.message_id, result.date) == ("<1@x>", "2025-03-03T09:00:00+00:00")
    assert found.unread == ()


def test_flag_bits_of_the_recipient_type_are_ignored():
    assert [one.address for one in draft(recipients=[person("b@x", 0x10000003)]).bcc] == ["b@x"]


def test_smtp_before_exchange_addresses():
    exchange = "/O=COUNCIL/OU=HQ/CN=RECIPIENTS/CN=ANN"
    both = {0x3003: exchange, 0x39FE: "ann@x", 0x3001: "Ann", 0x0C15: 1}
    only = {0x3003: exchange, 0x3001: "Ann Lee", 0x0C15: 2}
    found = draft(recipients=[both, only])
    assert found.to[0].address == "ann@x"
    assert found.cc[0].address == exchange
    headers = {0x007D: "From: jo@n.gov.uk\r\nCc: Ann Lee <ann.lee@x>\r\nMessage-ID: <h@x>\r\n\r\n"}
    assert draft(BASE | headers, recipients=[only]).cc[0].address == "ann.lee@x"


def test_headers_serve_where_there_is_no_table():
    headers = "From: Bo <bo@x>\r\nTo: ann@x\r\nBcc: c@x\r\nDate: Mon, 3 Mar 2025 10:00:00 +0000\r\n\r\n"
    result = read(write(message({0x007D: headers, 0x0037: "Hi", 0x1000: "text"})))
    assert result.draft.sender.address == "bo@x"
    assert (result.draft.to[0].address, result.draft.bcc[0].address) == ("ann@x", "c@x")
    assert result.date == "2025-03-03T10:00:00+00:00"


def test_eight_bit_strings_use_the_code_page():
    found = draft({0x0037: "Счёт", 0x1000: "Привет", 0x3FFD: 1251}, narrow="cp1251")
    assert (found.subject, found.body) == ("Счёт", "Привет")


def test_html_in_its_code_page():
    found = draft({0x0037: "x", 0x1013: "<p>Grüße</p>".encode("cp1252"), 0x3FDE: 1252})
    assert (found.body, found.body_type) == ("<p>Grüße</p>", "html")


def rtf(text: bytes) -> bytes:
    return struct.pack("<IIII", len(text) + 12, len(text), int.from_bytes(b"MELA", "little"), 0) + text


def compressed(text: bytes) -> bytes:
    body = b""
    for at in range(0, len(text), 8):
        body += b"\0" + text[at : at + 8]
    return struct.pack("<IIII", len(body) + 12, len(text), int.from_bytes(b"LZFu", "little"), 0) + body


@pytest.mark.parametrize("pack", [rtf, compressed])
def test_rtf_where_there_is_nothing_else(pack):
    document = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Gr\'fc\u223?e\par Zwei \{2\}\par}"
    assert draft({0x0037: "x", 0x1009: pack(document)}).body == "Grüße\nZwei {2}"


def test_rtf_that_wraps_html():
    document = rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}Hello {\*\htmltag84 <b>}"
    document += rb"\htmlrtf {\b\htmlrtf0 Ann{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}}"
    assert draft({0x0037: "x", 0x1009: rtf(document)}).body == "Hello Ann"


def test_attachments_and_embedded_messages():
    inner = message(
        {0x0037: "Old bins", 0x1000: "Older text", 0x5D01: "bo@x"}, [person("z@x", 3)], [{0x3707: "deep.txt", 0x3701: b"deep text"}]
    )
    found = draft(
        attachments=[
            {0x3707: "a.txt", 0x3701: b"long " * 1000},
            {0x3001: "Old", "message": inner},
            {0x3707: "logo.png", 0x3701: b"\x89PNG", 0x3712: "cid"},
        ]
    )
    assert [item.name for item in found.attachments] == ["a.txt", "Old", "logo.png", "deep.txt"]
    assert found.attachments[0].text == "long " * 1000
    assert found.attachments[1].text == "From: bo@x\nBcc: z@x\nSubject: Old bins\n\nOlder text"
    assert found.attachments[3].text == "deep text"
    assert found.unread == ()


def test_kinds_that_are_no_mail():
    assert draft(BASE | {0x001A: "IPM.Contact\0"}).unread == ("This item is not an e-mail message; only its subject and text were read.",)
    assert "encrypted" in draft({0x001A: "IPM.Note.SMIME", 0x0037: "x"}, attachments=[{0x3707: "smime.p7m", 0x3701: b"xx"}]).unread[0]
    signed = b'Content-Type: multipart/signed; boundary="b"\r\n\r\n'
    signed += b"--b\r\nContent-Type: text/plain\r\n\r\nIn clear\r\n--b\r\n\r\nsig\r\n--b--\r\n"
    assert draft(
        {0x001A: "IPM.Note.SMIME.MultipartSigned", 0x0037: "x"}, attachments=[{0x3707: "smime.p7m", 0x3701: signed}]
    ).body.startswith("In clear")


def test_an_msg_inside_an_eml_is_read():
    raw = b"From: a@x\nContent-Type: application/octet-stream; name=old.msg\nContent-Transfer-Encoding: 8bit\n\n" + write(message(BASE))
    found = read(raw).draft
    assert found.attachments[0].text.endswith("The bins are late.\nJo")


def test_damaged_files_never_crash():
    whole = write(message(BASE | {0x1013: b"<p>x</p>" * 900}, [person("b@x", 3)], [{0x3707: "a.txt", 0x3701: b"text"}]))
    chance = random.Random(3)
    unreadable = 0
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(chance.choice([1, 5, 40])):
            raw[chance.randrange(len(raw) if chance.random() < 0.5 else 600)] = chance.choice([0, 255, chance.randrange(256)])
        if chance.random() < 0.3:
            del raw[chance.randrange(len(raw)) :]
        try:
            read(bytes(raw) or b"\0")
        except UnreadableMessage as why:
            unreadable += 1
            assert why.reason.endswith(".")
    assert 0 < unreadable < 300


def test_a_forged_allocation_table_is_refused_at_once():
    raw = bytearray(write(message(BASE)))
    raw[44:48] = struct.pack("<I", 2**31)
    with pytest.raises(UnreadableMessage, match="damaged"):
        read(bytes(raw))


def test_other_office_files_are_named():
    with pytest.raises(UnreadableMessage, match="Office"):
        read(write({"WordDocument": b"x" * 100}))


def test_recipients_are_capped():
    raw = write(message(BASE, [person(f"p{number}@x", 1) for number in range(30)]))
    found = read(raw, limits=Limits(max_recipients=5)).draft
    assert len(found.to) == 5
    assert any("recipients" in sentence for sentence in found.unread)


def test_people_out_of_a_source_of_properties():
    text = lambda value: (UNICODE, value.encode("utf-16-le"))
    head = Properties({0x0065: text("boss@x"), 0x0042: text("Boss"), 0x0C1F: text("pa@x"), 0x0C1A: text("PA")})
    row = Properties({0x3001: (NARROW, b"Ann\0"), 0x3003: (NARROW, b"ann@x\0"), 0x0C15: (3, struct.pack("<I", 3))})
    odd = Properties({0x3001: (BINARY, b"No type"), 0x0C15: (3, struct.pack("<I", 0))})
    sender, to, cc, bcc = read_people(head, [row, odd])
    assert (sender.address, sender.name) == ("boss@x", "Boss")
    assert (to, cc, [(one.address, one.name) for one in bcc]) == ([], [], [("ann@x", "Ann")])
