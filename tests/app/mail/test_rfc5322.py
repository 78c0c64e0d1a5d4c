from __future__ import annotations

import base64
import random
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail import Limits, UnreadableMessage, read
from nlp.draft import Role

HEAD = b"From: Jo Reid <jo@n.gov.uk>\nTo: ann@n.gov.uk\nSubject: Bins\n"


def draft(raw: bytes, **given):
    return read(raw, **given).draft


def addresses(people) -> list[str]:
    return [person.address for person in people]


def multipart(kind: str, *parts: bytes) -> bytes:
    return (
        HEAD
        + b'Content-Type: multipart/%s; boundary="b"\n\npreamble\n' % kind.encode()
        + b"".join(b"--b\n" + part + b"\n" for part in parts)
        + b"--b--\n"
    )


def test_a_plain_message():
    message = read(
        b'From: "Cllr Jo Reid" <Jo.Reid@n.gov.uk>\r\nTo: Ann <ann@n.gov.uk>\r\nCc: c@x.org\r\nBcc: d@x.org\r\nSubject: RE: Bins\r\n'
        b"Date: Mon, 3 Mar 2025 10:00:00 +0100\r\nMessage-ID: <1@x>\r\n\r\nHello\r\nthere\r\n"
    )
    assert message.message_id == "<1@x>"
    assert message.date == "2025-03-03T10:00:00+01:00"
    found = message.draft
    assert (found.sender.address, found.sender.name, found.sender.role) == ("Jo.Reid@n.gov.uk", "Cllr Jo Reid", Role.UNKNOWN)
    assert [addresses(people) for _, people in found.parts()] == [["ann@n.gov.uk"], ["c@x.org"], ["d@x.org"]]
    assert (found.subject, found.body, found.body_type, found.compose_type) == ("RE: Bins", "Hello\nthere\n", "text", "reply")
    assert found.unread == ()


def test_repeated_headers_and_x_bcc_count_and_duplicates_do_not():
    found = draft(b"From: a@x\nTo: b@x\nTo: c@x, Cee <C@x>\nBcc: d@x\nBcc: e@x\nX-Bcc: Some Name, f@x, b@x\n\nhi")
    assert addresses(found.to) == ["b@x", "C@x"]
    assert found.to[1].name == "Cee"
    assert addresses(found.bcc) == ["d@x", "e@x", "f@x"]


def test_the_envelope_shows_blind_copies():
    raw = b"From: a@x\nTo: b@x\nResent-To: r@x\n\nhi"
    assert addresses(draft(raw, envelope_to=["<B@X>", "r@x", "hidden@x", "hidden@x"]).bcc) == ["hidden@x"]
    assert draft(raw, envelope_from="z@x").sender.address == "a@x"
    assert draft(b"To: b@x\n\nhi", envelope_from="<z@x>").sender.address == "z@x"
    assert draft(b"Sender: s@x\nTo: b@x\n\nhi").sender.address == "s@x"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        *((prefix + " x", "reply") for prefix in ("Re:", "AW:", "RE[2]:", "ATB:", "[list] Re:")),
        *((prefix + " x", "forward") for prefix in ("Fwd:", "FW: Re:", "WG:")),
        *((subject, "new") for subject in ("Regarding: x", "Report: x", "x")),
    ],
)
def test_compose_type(subject, expected):
    assert draft(f"From: a@x\nSubject: {subject}\n\nhi".encode()).compose_type == expected


def test_a_reply_without_prefix():
    assert draft(b"From: a@x\nIn-Reply-To: <1@x>\nSubject: Bins\n\nhi").compose_type == "reply"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"=?utf-8?q?Caf=C3=A9?= =?utf-8?q?_bar?=", "Café bar"),
        (b"=?utf-8?b?w6k=?= and =?iso-8859-1?q?=E9?=", "é and é"),
        (b"=?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€"),
        (b"=?nosuch?q?=E9?=", "é"),
        (b"=?utf-8*en?q?hi?=", "hi"),
        (b"raw \xe9", "raw é"),
        (b"raw \xc3\xa9", "raw é"),
        (b"50 =? not ?= one", "50 =? not ?= one"),
        (b"folded\n  line", "folded line"),
        (b"=?utf-8?b?broken", "=?utf-8?b?broken"),
    ],
)
def test_subjects(subject, expected):
    assert draft(b"From: a@x\nSubject: " + subject + b"\n\nhi").subject == expected


@pytest.mark.parametrize(
    ("charset", "raw", "expected"),
    [
        ("utf-8", "café".encode(), "café"),
        ("us-ascii", "café".encode(), "café"),
        ("us-ascii", b"caf\xe9 \x93", "café “"),
        ("x-unknown", b"caf\xe9", "café"),
        ("iso-8859-1", b"\x93hi\x94", "“hi”"),
        ("gb2312", "中文".encode("gb18030"), "中文"),
        ("windows-874", "ไทย".encode("cp874"), "ไทย"),
        ("base64", b"caf\xe9", "café"),
        ("unicode_escape", b"\\u0041\xe9", "\\u0041é"),
        ("utf-8", "naïve café über allé élan vif où ça".encode() * 3 + b"\xc3", "naïve café über allé élan vif où ça" * 3 + "\ufffd"),
        ("utf-8", b"caf\xe9", "café"),
        ("utf-16", "hi é".encode("utf-16"), "hi é"),
        ("utf-8", b"\xef\xbb\xbfhi", "hi"),
        ("utf-8", b"a\0b", "ab"),
    ],
)
def test_charsets(charset, raw, expected):
    assert draft(HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + raw).body == expected


@pytest.mark.parametrize(
    ("encoding", "raw", "expected"),
    [
        ("base64", base64.encodebytes("Grüße".encode()), "Grüße"),
        ("BASE64", b"SGVs*bG8", "Hello"),
        ("base64", b"SGVsbG8=\nd29ybGQ=\n", "Helloworld"),
        ("base64", b"This was never encoded at all, in truth.", "This was never encoded at all, in truth."),
        ("base64", b"SGVsbG8=\n-- a footer in plain text\n", "Hello\n-- a footer in plain text\n"),
        ("quoted-printable", b"Gr=C3=BC=\n=C3=9Fe =XX", "Grüße =XX"),
        ("quoted printable", b"=41", "A"),
        ("7-bit", "é".encode(), "é"),
        ("text/html", b"hi", "hi"),
    ],
)
def test_transfer_encodings(encoding, raw, expected):
    assert (
        draft(HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n" + raw).body
        == expected
    )


def test_flowed_text():
    head = HEAD + b"Content-Type: text/plain; format=flowed"
    assert draft(head + b"\n\nA long \nline \nhere\n\n> q \n> r\n>> s\n-- \nJo\n").body == "A long line here\n\n> q r\n>> s\n-- \nJo\n"
    assert draft(head + b"; delsp=yes\n\nDampf \nschiff\n From\n").body == "Dampfschiff\nFrom\n"


PLAIN = b"Content-Type: text/plain\n\nHello Ann, the bins are late."
HTML = b"Content-Type: text/html\n\n<p>Hello <b>Ann</b>, the bins are late.</p>"


def test_alternative_prefers_plain_text():
    found = draft(multipart("alternative", PLAIN, HTML))
    assert (found.body, found.body_type, found.attachments) == ("Hello Ann, the bins are late.", "text", ())


@pytest.mark.parametrize("stub", [b"", b" \n ", b"Your program cannot show HTML."])
def test_alternative_takes_html_where_the_plain_text_is_no_text(stub):
    html = b"Content-Type: text/html\n\n<p>" + b"The bins are late again, Ann, and I have had enough of it. " * 20 + b"</p>"
    found = draft(multipart("alternative", b"Content-Type: text/plain\n\n" + stub, html))
    assert found.body_type == "html"
    assert found.body.startswith("<p>The bins")


def test_html_only():
    found = draft(HEAD + HTML)
    assert (found.body, found.body_type) == ("<p>Hello <b>Ann</b>, the bins are late.</p>", "html")
    assert draft(HEAD + b'Content-Type: text/html\n\n<meta charset="windows-1251">\xcf').body.endswith("П")


def test_inline_texts_are_joined_and_attachments_are_not():
    found = draft(
        multipart("mixed", b"\nOne", b"Content-Type: text/plain\n\nTwo", b"Content-Disposition: attachment; filename=a.txt\n\nThree")
    )
    assert found.body == "One\nTwo"
    assert [(item.name, item.text) for item in found.attachments] == [("a.txt", "Three")]


def test_plain_and_html_parts_side_by_side_become_html():
    found = draft(multipart("mixed", b"\nOne < two", HTML))
    assert found.body_type == "html"
    assert found.body == "<div>One &lt; two</div>\n<p>Hello <b>Ann</b>, the bins are late.</p>"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + HEAD + b"\nhi",
        b"From jo@x Mon Mar  3 10:00:00 2025\n" + HEAD + b"\nhi",
        b"\n\n" + HEAD + b"\nhi",
        HEAD.replace(b":", b" :") + b"\nhi",
        b" stray continuation\n" + HEAD + b"\nhi",
        HEAD.replace(b"\n", b"\r\n") + b"\nhi",
        HEAD.replace(b"\n", b"\r") + b"\rhi",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi",
        HEAD + b"Content-Type: multipart/mixed\n\n--guess\nContent-Type: text/plain\n\nhi\n--guess--\n",
        HEAD + b"Content-Type: multipart/mixed; boundary=wrong\n\n--right\nContent-Type: text/plain\n\nhi\n--right--\n",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\nhi",
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(b"--b\n\nhi\n--b--"),
        HEAD + b'Content-Type: multipart/mixed; boundary="a"\n\n--ab\nContent-Type: text/plain\n\nhi\n',
        HEAD + b"Content-Type: nonsense\n\nhi",
    ],
)
def test_malformed_messages_are_read_all_the_same(raw):
    found = draft(raw)
    assert found.body.strip() == "hi"
    assert found.sender.address == "jo@n.gov.uk"
    assert addresses(found.to)[0] == "ann@n.gov.uk"
    assert found.subject == "Bins"


def test_a_header_without_blank_line_ends_at_the_first_line_that_is_no_field():
    assert draft(HEAD + b"Dear Ann\nTo: judge\n").body == "Dear Ann\nTo: judge\n"


def test_an_attached_message_is_an_attachment_with_its_own():
    inner = b"Content-Type: message/rfc822\n\n" + multipart(
        "mixed", PLAIN, b"Content-Disposition: attachment; filename=plan.txt\n\nNew plan"
    )
    found = draft(multipart("mixed", b"\nSee below", inner.replace(b'b"', b'c"').replace(b"--b", b"--c")))
    assert found.body == "See below"
    assert [item.name for item in found.attachments] == ["Bins.eml", "plan.txt"]
    text = found.attachments[0].text
    assert found.attachments[0].content_type == "message/rfc822"
    assert text.startswith("From: Jo Reid <jo@n.gov.uk>\nTo: ann@n.gov.uk\nSubject: Bins\n")
    assert "the bins are late" in text
    assert found.attachments[1].text == "New plan"


def test_a_message_that_is_attached_as_a_mere_file_is_read_too():
    file = (
        b"Content-Type: application/octet-stream; name=old.eml\nContent-Disposition: attachment\n\nMIME-Version: 1.0\n"
        + HEAD
        + b"\nOld text"
    )
    found = draft(multipart("mixed", b"\nhi", file))
    assert found.attachments[0].content_type == "message/rfc822"
    assert found.attachments[0].text.endswith("Subject: Bins\n\nOld text")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nAAAA", "encrypted"),
        (HEAD + b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nAAAA", "sealed"),
        (
            multipart(
                "encrypted", b"Content-Type: application/pgp-encrypted\n\nVersion: 1", b"Content-Type: application/octet-stream\n\nx"
            ),
            "encrypted",
        ),
        (HEAD + b"\n-----BEGIN PGP MESSAGE-----\nabc\n", "encrypted"),
        (HEAD + b"Content-Type: message/partial; number=1; total=2; id=x\n\nhi", "pieces"),
        (multipart("mixed", b"\nhi", b"Content-Type: message/external-body; access-type=URL\n\nContent-Type: text/plain\n\n"), "elsewhere"),
    ],
)
def test_what_cannot_be_read_is_said(raw, words):
    assert any(words in sentence for sentence in draft(raw).unread)


def test_signed_messages_are_read_without_complaint():
    found = draft(multipart("signed", PLAIN, b"Content-Type: application/pgp-signature; name=s.asc\n\nxyz"))
    assert found.body.startswith("Hello Ann")
    assert found.unread == ()


def test_inline_pictures_are_not_worth_a_sentence():
    logo = b"Content-Type: image/png\nContent-ID: <logo>\n\n\x89PNG"
    photo = b"Content-Type: image/png\nContent-Disposition: attachment; filename=photo.png\n\n\x89PNG"
    assert draft(multipart("related", HTML, logo)).unread == ()
    assert draft(multipart("mixed", HTML, photo)).unread == ("The attachment 'photo.png' was not read (pictures are not read).",)


def test_uuencoded_files_leave_the_body():
    found = draft(HEAD + b"\nSee the file.\nbegin 644 note.txt\n+2&5L;&\\@=&AE<F4 \n`\nend\nBye\n")
    assert found.body == "See the file.\n\nBye\n"
    assert [(item.name, item.text) for item in found.attachments] == [("note.txt", "Hello there")]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment; filename*=utf-8''caf%C3%A9.txt", "café.txt"),
        (b"attachment; filename*0=long; filename*1=name.txt", "longname.txt"),
        (b"attachment; filename*0*=utf-8''caf%C3%A9; filename*1=.txt", "café.txt"),
        (b'attachment; filename="=?utf-8?q?caf=C3=A9.txt?="', "café.txt"),
        (b'attachment; filename="a;b \\"c\\".txt"', 'a;b "c".txt'),
        (b"attachment; filename=my plan.txt", "my plan.txt"),
        (b"attachment; filename=../../etc/passwd", ".._.._etc_passwd"),
    ],
)
def test_file_names(disposition, name):
    found = draft(multipart("mixed", b"\nhi", b"Content-Disposition: " + disposition + b"\n\nx"))
    assert [item.name for item in found.attachments] == [name]


@pytest.mark.parametrize(
    "date", [b"", b"yesterday", b"Mon, 3 Mar 0102 10:00:00 +0000", b"Mon, 99 Mar 2025 10:00:00 +0000", b"Mon, 3 Mar 2025 10:00:00 +9999"]
)
def test_dates_that_are_none(date):
    assert read(b"From: a@x\nDate: " + date + b"\n\nhi").date is None


@pytest.mark.parametrize("raw", [b"", b" \r\n", b"no header here", b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7\n1 0 obj", b"\0" * 100])
def test_what_is_no_message(raw):
    with pytest.raises(UnreadableMessage) as caught:
        read(raw)
    assert caught.value.reason.endswith(".")


@pytest.mark.parametrize("kind", [b"text/pl\xe9in", b"text", b"a/b/c", b"image/" + b"x" * 9000, b"a/b c", b"multipart/\xe9"])
def test_content_types_hold_nothing_that_cannot_be_passed_on(kind):
    found = draft(multipart("mixed", b"\nhi", b"Content-Type: " + kind + b"\nContent-Disposition: attachment; filename=a\n\nx"))
    assert [len(item.content_type.encode()) < 201 for item in found.attachments] == [True]


def test_as_many_parts_as_allowed_are_no_reason_for_a_sentence():
    assert draft(multipart("mixed", b"\n1", b"\n2", b"\n3"), limits=Limits(max_parts=3)).unread == ()


def test_caps_are_said():
    small = Limits(max_bytes=400, max_parts=3, max_depth=1, max_recipients=2, max_body_chars=10, attachment_chars=5)
    many = draft(b"From: a@x\nTo: b@x, c@x, d@x\n\nhi", limits=small)
    assert addresses(many.to) == ["b@x", "c@x"]
    assert "recipients" in many.unread[0]
    assert draft(b"From: a@x\nTo: b@x, c@x, d@x\n\nhi", limits=small, envelope_to=["d@x"]).bcc == ()
    long = draft(HEAD + b"\n" + b"x" * 50, limits=small)
    assert (long.body, len(long.unread)) == ("x" * 10, 1)
    assert "larger" in draft(HEAD + b"\n" + b"x" * 500, limits=small).unread[0]
    assert "parts" in draft(multipart("mixed", b"\n1", b"\n2", b"\n3", b"\n4"), limits=small).unread[0]
    attached = draft(multipart("mixed", b"\n1", b"Content-Disposition: attachment\n\n123456789"), limits=small)
    assert attached.attachments[0].text == "12345"
    assert "in part" in attached.unread[0]
    deep = HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(4)) + b"\nhi"
    assert "nested" in draft(deep, limits=small).unread[0]


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), min_size=1, max_size=60).filter(lambda text: text.strip())


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(["7bit", "base64", "quoted-printable"]), st.booleans(), st.integers(0, 9))
def test_what_the_standard_library_writes_is_read_back(texts, encoding, flat, seed):
    name = random.Random(seed).choice(["Jo Reid", "Reid, Jo", "Zoë Ñandú", 'Jo "Red" Reid'])
    if flat:
        message = EmailMessage()
        message.set_content(texts[0], cte="8bit" if encoding == "7bit" else encoding)
    else:
        message = MIMEMultipart()
        for text in texts:
            message.attach(MIMEText(text, "plain", "utf-8"))
    message["From"] = "jo@n.gov.uk"
    if flat:
        from email.headerregistry import Address

        message["To"] = Address(name, "ann", "n.gov.uk")
        message["Subject"] = texts[-1].strip()
    found = draft(message.as_bytes())
    expected = [texts[0]] if flat else [text for text in texts if text.strip()]
    squeeze = lambda text: "".join(text.split())
    assert squeeze(found.body) == squeeze("".join(expected))
    assert found.unread == ()
    if flat:
        assert [(person.address, person.name) for person in found.to] == [("ann@n.gov.uk", name)]
        assert squeeze(found.subject) == squeeze(texts[-1])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_crash(noise):
    for raw in (noise, HEAD + noise, multipart("mixed", noise), HEAD + b"Content-Type: " + noise + b"\n\n" + noise):
        try:
            draft(raw)
        except UnreadableMessage:
            assert raw is noise
