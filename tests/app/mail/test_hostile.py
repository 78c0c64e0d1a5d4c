"""What a stranger could send to keep the service busy: read within seconds of CPU time, with a word on what was left out."""

from __future__ import annotations

import base64
import time

import pytest

from app.mail import Limits, read

HEAD = b"From: a@x\nTo: b@x\nSubject: s\n"
MANY = 300_000


def nested_messages(depth: int) -> bytes:
    raw = b"Subject: x\n\nhi"
    for _ in range(depth):
        raw = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(raw)
    return raw


def multiparts(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


def encoded_multiparts(depth: int) -> bytes:
    raw = b"hi" * 10**6
    for _ in range(depth):
        raw = b"--b\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(raw)
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + raw


def messages_of_lines(count: int) -> bytes:
    lines = base64.encodebytes(b"Subject: x\n\n" + b"\n" * 10**6)
    part = b"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + lines
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * count


CASES = {
    "parameters": HEAD + b'Content-Type: multipart/mixed; x="' + b";" * 1_000_000 + b"\n\nhi",
    "encoded words": b"From: a@x\nSubject: " + b"=?x?b?a" * MANY + b"\n\nhi",
    "fields": b"a:\n" * 10**6 + b"\nhi",
    "folded recipients": b"To: a@x\n" + b" b@x,\n" * MANY + b"\nhi",
    "multiparts": multiparts(20_000) + b"\nhi",
    "multiparts around lines": multiparts(120) + b"x\n" * 10**7,
    "empty lines": HEAD + b"\n" * 3 * 10**7,
    "semicolons": (HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n")
    + (b"--b\nContent-Type: multipart/mixed; boundary=c" + b";" * 15_000 + b"\n\n") * 500,
    "multiparts without boundary": b"Content-Type: multipart/mixed\n\n"
    + b"".join(b"--b%d\nContent-Type: multipart/mixed\n\n" % n for n in range(500))
    + b"x" * 3 * 10**6,
    "encoded multiparts": encoded_multiparts(8),
    "messages of lines": messages_of_lines(20),
    "messages": b"Content-Type: message/rfc822\n\n" * 5000 + b"Subject: x\n\nhi",
    "encoded messages": nested_messages(25),
    "parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * MANY,
    "dashes": HEAD + b"Content-Type: multipart/mixed\n\n" + b"-" * MANY + b"\n" + b"--\n" * MANY,
    "tags": HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/html\n\n" + b"<div>" * MANY,
    "brackets": HEAD
    + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/html\n\n"
    + b"<!--<script" * MANY,
    "uuencode": HEAD + b"\n" + b"begin 644 a\n" * 100_000,
    "flowed": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> x \n" * MANY,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"\xe9-" * MANY,
    "rtf": HEAD + b"Content-Type: application/rtf\n\n{\\rtf1 " + b"{" * MANY,
    "date": b"Date: " + b"(" * MANY + b"\n\nhi",
    "carriage returns": b"To: a@x\r" + b"b: c\r" * MANY + b"\r\rhi",
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_in_time(name):
    started = time.process_time()
    read(CASES[name])
    assert time.process_time() - started < 4


def test_deep_nesting_is_read_as_far_as_it_goes():
    assert read(multiparts(110) + b"\nhi").draft.body == "hi"
    deep = read(HEAD + multiparts(10_000) + b"\nhi").draft
    assert deep.to[0].address == "b@x"
    assert any("nested" in sentence for sentence in deep.unread)


def test_a_large_ordinary_message_is_read_whole():
    photo = base64.encodebytes(b"\x89PNG" + bytes(10 * 2**20))
    part = b"--b%d\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=%d.png\n\n"
    raw = HEAD + multiparts(3) + b"\nhi\n" + b"".join(part % (2, number) + photo for number in range(4)) + b"--b2\n\nbye\n"
    found = read(raw).draft
    assert found.body.split() == ["hi", "bye"]
    assert [item.size for item in found.attachments] == [10 * 2**20 + 4] * 4
    assert not any("lines" in sentence for sentence in found.unread)


def test_a_hundred_thousand_recipients():
    everybody = [b"Person %d <p%d@x.org>" % (n, n) for n in range(100_000)]
    started = time.process_time()
    for raw in (
        b"From: a@x\nTo: " + b", ".join(everybody) + b"\n\nhi",
        b"From: a@x\n" + b"".join(b"Bcc: %s\n" % one for one in everybody) + b"\nhi",
    ):
        found = read(raw).draft
        assert len(found.recipients) == 10_000
        assert len(found.unread) == 1
    assert len(read(HEAD + b"\nhi", envelope_to=[f"p{n}@x" for n in range(20_000)]).draft.bcc) == 10_000
    assert time.process_time() - started < 6


def test_many_unread_attachments_are_summed_up():
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"".join(b"--b\nContent-Type: image/png; name=%d.png\nContent-Disposition: attachment\n\nx\n" % n for n in range(500))
    )
    found = read(raw).draft
    assert len(found.attachments) == 500
    assert len(found.unread) == 41
    assert found.unread[-1].endswith("more parts of the message were not read.")


def test_no_sentence_repeats_the_message():
    secret = b"VERY-SECRET-WORDS"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + secret * 10
    raw += b"\n--b\nContent-Type: application/pdf\n\n%PDF-" + secret + b"\n--b--"
    found = read(raw, limits=Limits(max_body_chars=20)).draft
    assert found.unread
    assert not any("SECRET" in sentence for sentence in found.unread)
