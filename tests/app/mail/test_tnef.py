from __future__ import annotations

import base64
import random
import struct

from app.mail import UnreadableMessage, read
from app.mail.tnef import SIGNATURE

HEAD = b"From: jo@n.gov.uk\nTo: ann@x\nSubject: Bins\n"


def attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(values: dict[int, object]) -> bytes:
    out = struct.pack("<I", len(values))
    for tag, value in values.items():
        if isinstance(value, int):
            out += struct.pack("<HHI", 3, tag, value)
            continue
        kind, raw = (0x1F, value.encode("utf-16-le")) if isinstance(value, str) else (0x0102, value)
        kind = 0x0D if tag == 0x3701 else kind
        out += struct.pack("<HHII", kind, tag, 1, len(raw)) + raw + bytes(-len(raw) % 4)
    return out


def stream(*attributes: bytes) -> bytes:
    return SIGNATURE + b"\1\0" + b"".join(attributes)


def attached(name: bytes, data: bytes, values: dict[int, object] | None = None) -> bytes:
    out = attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, name + b"\0")
    out += attribute(2, 0x6800F, data) if data else b""
    return out + (attribute(2, 0x69005, properties(values)) if values else b"")


def mail(winmail: bytes, text: bytes = b"") -> bytes:
    part = b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(winmail)
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n\n" + text + b"\n" if text else b"") + part + b"--b--\n"


WHOLE = stream(
    attribute(1, 0x69007, struct.pack("<II", 1252, 0)),
    attribute(1, 0x69003, properties({0x1000: "The bins are late.", 0x3FDE: 1252})),
    attached(b"short.txt", b"plan text", {0x3707: "the long plan.txt"}),
    attached(b"\xe9.txt", b"more"),
)


def test_body_and_attachments_become_part_of_the_draft():
    found = read(mail(WHOLE)).draft
    assert found.body == "The bins are late."
    assert [(item.name, item.text) for item in found.attachments] == [("the long plan.txt", "plan text"), ("é.txt", "more")]
    assert found.unread == ()
    assert read(WHOLE).draft.body == "The bins are late."


def test_the_text_around_it_stays():
    found = read(mail(stream(attached(b"a.txt", b"plan text")), b"Visible text")).draft
    assert found.body == "Visible text"
    assert found.attachments[0].text == "plan text"


def test_an_embedded_message():
    inner = stream(attribute(1, 0x69003, properties({0x1000: "Inner text", 0x0037: "Old"})))
    found = read(stream(attached(b"Old", b"", {0x3701: bytes(16) + inner}))).draft
    assert found.attachments[0].content_type == "message/rfc822"
    assert found.attachments[0].text.endswith("Subject: Old\n\nInner text")


def test_damage_is_said_and_what_comes_before_is_kept():
    found = read(mail(WHOLE[:-20])).draft
    assert found.body == "The bins are late."
    assert any("damaged" in sentence for sentence in found.unread)


def test_behind_forged_lengths_and_counts_the_text_is_read():
    huge = struct.pack("<I", 2**32 - 1)
    for data in (
        huge + b"\x1e\0\1\0" + huge + huge,
        huge + b"\3\x10\1\0" + huge,
        huge + b"\x99\0\1\0",
        huge + struct.pack("<HH16sII", 0x1E, 0x8001, b"", 1, 2**32 - 1),
    ):
        assert read(stream(attribute(1, 0x69003, data), attribute(1, 0x2800C, b"text"))).draft.body == "text"


def test_of_too_many_files_the_first_thousand_are_kept():
    found = read(stream(attribute(2, 0x69002, b"") * 5000)).draft
    assert len(found.attachments) == 1000
    assert "more than 1000 files" in found.unread[0]


def test_random_damage_never_crashes():
    chance = random.Random(5)
    for _ in range(500):
        raw = bytearray(WHOLE)
        for _ in range(chance.choice([1, 4, 20])):
            raw[chance.randrange(4, len(raw))] = chance.choice([0, 255, chance.randrange(256)])
        try:
            assert isinstance(read(bytes(raw)).draft.body, str)
        except UnreadableMessage:
            raise AssertionError("a TNEF stream with its signature always gives a draft") from None
