"""What a stranger could send to keep the service busy: what is read of it, and the word on what was left out."""

from __future__ import annotations

import base64
from typing import NamedTuple

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


class Case(NamedTuple):
    """A message, the first ten characters of its body, words of each sentence on what was not read, and how many attachments it has."""

    raw: bytes
    body: str
    unread: tuple[str, ...] = ()
    attachments: int = 0


MULTIPART = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
ALTERNATIVES = HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/html\n\n"
LONG, DEEP, BUSY = "longer than 1,000,000 characters", "more than 128 levels deep", "more lines and levels"
CASES = {
    "parameters": Case(HEAD + b'Content-Type: multipart/mixed; x="' + b";" * 1_000_000 + b"\n\nhi", "hi"),
    "encoded words": Case(b"From: a@x\nSubject: " + b"=?x?b?a" * MANY + b"\n\nhi", "hi"),
    "fields": Case(b"a:\n" * 500_000 + b"\nhi", "hi"),
    "folded recipients": Case(b"To: a@x\n" + b" b@x,\n" * MANY + b"\nhi", "hi"),
    "multiparts": Case(multiparts(20_000) + b"\nhi", "", (DEEP,)),
    "multiparts around lines": Case(multiparts(120) + b"x\n" * 10**7, "x\n" * 5, (BUSY,)),
    "empty lines": Case(HEAD + b"\n" * 3 * 10**7, "", (LONG, BUSY)),
    "semicolons": Case(
        MULTIPART + (b"--b\nContent-Type: multipart/mixed; boundary=c" + b";" * 15_000 + b"\n\n") * 500 + b"--b\n\nhi", "hi"
    ),
    "multiparts without boundary": Case(
        b"Content-Type: multipart/mixed\n\n"
        + b"".join(b"--b%d\nContent-Type: multipart/mixed\n\n" % n for n in range(500))
        + b"x" * 3 * 10**6,
        "--b83\nCont",
        (LONG, BUSY),
    ),
    "encoded multiparts": Case(encoded_multiparts(8), "hi" * 5, (LONG,)),
    "messages of lines": Case(messages_of_lines(20), "", (BUSY,), attachments=20),
    "messages": Case(b"Content-Type: message/rfc822\n\n" * 5000 + b"Subject: x\n\nhi", "", (DEEP,), attachments=129),
    "encoded messages": Case(nested_messages(25), "", attachments=25),
    "parts": Case(MULTIPART + b"--b\n\nx\n" * MANY, "x\n" * 5, ("more than 1000 parts",)),
    "dashes": Case(HEAD + b"Content-Type: multipart/mixed\n\n" + b"-" * MANY + b"\n" + b"--\n" * MANY, "-" * 10, (LONG,)),
    "tags": Case(ALTERNATIVES + b"<div>" * MANY, "hi", (LONG,)),
    "brackets": Case(ALTERNATIVES + b"<!--<script" * MANY, "hi", (LONG,)),
    "uuencode": Case(HEAD + b"\n" + b"begin 644 a\n" * 100_000, "begin 644 ", (LONG,)),
    "flowed": Case(HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> x \n" * MANY, "> x x x x "),
    "punycode": Case(HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"\xe9-" * MANY, "é-" * 5),
    "rtf": Case(HEAD + b"Content-Type: application/rtf\n\n{\\rtf1 " + b"{" * MANY, "", attachments=1),
    "date": Case(b"Date: " + b"(" * MANY + b"\n\nhi", "hi"),
    "carriage returns": Case(b"To: a@x\r" + b"b: c\r" * MANY + b"\r\rhi", "\nhi"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_can_be_read_is_read_and_the_rest_is_said(name):
    raw, body, unread, attachments = CASES[name]
    found = read(raw).draft
    assert found.body[:10] == body
    assert len(found.attachments) == attachments
    assert len(found.unread) == len(unread)
    assert all(words in sentence for words, sentence in zip(unread, found.unread, strict=True))


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
    for raw in (
        b"From: a@x\nTo: " + b", ".join(everybody) + b"\n\nhi",
        b"From: a@x\n" + b"".join(b"Bcc: %s\n" % one for one in everybody) + b"\nhi",
    ):
        found = read(raw).draft
        assert len(found.recipients) == 10_000
        assert len(found.unread) == 1
    assert len(read(HEAD + b"\nhi", envelope_to=[f"p{n}@x" for n in range(20_000)]).draft.bcc) == 10_000


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
