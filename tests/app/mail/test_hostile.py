"""What a stranger could send to keep the service busy: each within seconds, in bounded memory, with a word on what was left out."""

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


CASES = {
    "parameters": HEAD + b'Content-Type: multipart/mixed; x="' + b";" * 1_000_000 + b"\n\nhi",
    "encoded words": b"From: a@x\nSubject: " + b"=?x?b?a" * MANY + b"\n\nhi",
    "fields": b"a:\n" * MANY + b"\nhi",
    "folded recipients": b"To: a@x\n" + b" b@x,\n" * MANY + b"\nhi",
    "multiparts": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)) + b"\nhi",
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
    started = time.perf_counter()
    read(CASES[name])
    assert time.perf_counter() - started < 4


def test_a_hundred_thousand_recipients():
    everybody = [b"Person %d <p%d@x.org>" % (n, n) for n in range(100_000)]
    started = time.perf_counter()
    for raw in (
        b"From: a@x\nTo: " + b", ".join(everybody) + b"\n\nhi",
        b"From: a@x\n" + b"".join(b"Bcc: %s\n" % one for one in everybody) + b"\nhi",
    ):
        found = read(raw).draft
        assert len(found.recipients) == 10_000
        assert len(found.unread) == 1
    assert len(read(HEAD + b"\nhi", envelope_to=[f"p{n}@x" for n in range(20_000)]).draft.bcc) == 10_000
    assert time.perf_counter() - started < 6


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
