from __future__ import annotations

import base64
import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter

from app.mail import Limits, children, read

HEAD = b"From: jo@n.gov.uk\nTo: ann@x\nSubject: Bins\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n"


def attach(data: bytes, name: str = "file.bin", kind: str = "application/octet-stream") -> bytes:
    head = f"--b\nContent-Type: {kind}\nContent-Disposition: attachment; filename={name}\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(data)


def opened(*files: bytes, limits: Limits = Limits()):  # noqa: B008
    return read(HEAD + b"".join(files) + b"--b--\n", limits=limits).draft


def pdf(*pages: str) -> bytes:
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        content = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents {5 + 2 * number} 0 R/Resources<</Font<</F 3 0 R>>>>>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    out, table = "%PDF-1.4\n", "0000000000 65535 f \n"
    for number, text in enumerate(objects, 1):
        table += f"{len(out):010} 00000 n \n"
        out += f"{number} 0 obj{text}endobj\n"
    end = f"xref\n0 {len(objects) + 1}\n{table}trailer<</Root 1 0 R/Size {len(objects) + 1}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + end).encode()


def docx() -> bytes:
    document = Document()
    document.add_paragraph("Dear Ann,")
    document.add_table(1, 2).rows[0].cells[0].text = "A cell"
    document.tables[0].rows[0].cells[1].text = "Its neighbour"
    document.sections[0].header.paragraphs[0].text = "A page header"
    raw = io.BytesIO()
    document.save(raw)
    return raw.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("name,phone\nJosé,1".encode(), "name,phone\nJosé,1"),
        (b"caf\xe9", "café"),
        ("wide é".encode("utf-16"), "wide é"),
        (b"<!DOCTYPE html><html><head><style>p{}</style></head><body><p>One</p><p>Two &amp; three</p></body>", "One\n\nTwo & three"),
        (rb"{\rtf1\ansi One\par Two}", "One\nTwo"),
        (pdf("Hello from a page"), "Hello from a page"),
    ],
)
def test_told_apart_by_content(data, expected):
    found = opened(attach(data))
    assert found.attachments[0].text.strip() == expected
    assert found.attachments[0].size == len(data)
    assert found.unread == ()


def test_word_documents_with_tables_and_headers():
    text = opened(attach(docx(), "letter.pdf")).attachments[0].text
    assert text.startswith("Dear Ann,")
    assert "A cell" in text and "Its neighbour" in text and "A page header" in text


def word(body: bytes) -> bytes:
    """A Word document whose main part is `body`."""
    with zipfile.ZipFile(io.BytesIO(docx())) as archive:
        return zipped({name: body if name == "word/document.xml" else archive.read(name) for name in archive.namelist()})


def test_word_documents_under_review_with_controls_and_text_boxes():
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    xml = f"<w:document {w}><w:body><w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>Gone</w:delText></w:r></w:del>"
    xml += "<w:ins><w:r><w:t>, new</w:t></w:r></w:ins></w:p>"
    xml += "<w:sdt><w:sdtContent><w:p><w:r><w:t>Field</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    box = "<w:p><w:r><w:t>Box</w:t></w:r></w:p>"
    xml += f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:body></w:document>"
    assert opened(attach(word(xml.encode()))).attachments[0].text.startswith("Kept, new\nField\nBox")


def test_the_text_of_word_documents_is_capped():
    xml = "<w:p><w:r><w:t>word </w:t></w:r></w:p>" * 5000
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    long = attach(word(f"<w:document {w}><w:body>{xml}</w:body></w:document>".encode()), "long.docx")
    found = opened(long, limits=Limits(attachment_chars=5000))
    assert len(found.attachments[0].text) == 5000
    assert "read only in part" in found.unread[0]
    assert opened(attach(docx())).attachments[0].text.startswith("Dear Ann,")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zipped({"xl/workbook.xml": b"<x/>"}), "spreadsheets are not read"),
        (zipped({"ppt/presentation.xml": b"<x/>"}), "presentations are not read"),
        (zipped({"a.txt": b"x"}), "archives are not read"),
        (b"PK\x03\x04 cut", "archives are not read"),
        (zipped({"word/document.xml": b"<w:p"}), "it is damaged or protected"),
        (word(b"<w:p"), "it is damaged or protected"),
        (word(b"<d>" * 5000 + b"</d>" * 5000), "it is damaged or protected"),
        (word(b'<!DOCTYPE d [<!ENTITY a "aa">]><d>&a;</d>'), "it is damaged or protected"),
        (word(b"<d>" + b" " * (65 * 2**20) + b"</d>"), "it is too large once unpacked"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "older Office files are not read"),
        (b"\x89PNG\r\n", "pictures are not read"),
        (b"\x00\x01\x02binary", "files of this kind are not read"),
        (b"<html>" + b"<p>x" * 100_000, "it has too much markup"),
        (b"%PDF-1.4 nothing behind it", "it is damaged"),
        (pdf(""), "it holds no text; it may be a scan"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc", "it is encrypted"),
    ],
)
def test_what_is_not_read_is_said(data, why):
    found = opened(attach(data, "plan.xlsx"))
    assert found.attachments[0].text is None
    assert found.unread == (f"The attachment 'plan.xlsx' was not read ({why}).",)


def test_a_locked_pdf():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret"))))
    writer.encrypt("password", algorithm="RC4-128")
    raw = io.BytesIO()
    writer.write(raw)
    assert opened(attach(raw.getvalue())).unread == ("The attachment 'file.bin' was not read (it is protected by a password).",)


def test_page_cap():
    found = opened(attach(pdf("One", "Two", "Three")), limits=Limits(pdf_pages=2))
    assert found.attachments[0].text.split() == ["One", "Two"]
    assert "more than 2 pages" in found.unread[0]


def test_no_text_is_read_once_there_is_enough():
    found = opened(attach(b"abcdef"), attach(b"more"), attach(b"\x89PNG"), limits=Limits(attachment_chars=5))
    assert [item.text for item in found.attachments] == ["abcde", None, None]
    assert "hold too much text" in found.unread[1]


def test_size_cap():
    found = opened(attach(b"x" * 2000), limits=Limits(attachment_bytes=1000))
    assert found.attachments[0].text is None
    assert "larger than" in found.unread[0]


def test_a_child_that_is_late_is_ended():
    children.close()  # so that a fresh one has to start, which takes longer than this
    found = opened(attach(pdf("One")), limits=Limits(seconds=0.005))
    assert "too long" in found.unread[0]
    assert opened(attach(pdf("One"))).attachments[0].text.strip() == "One"


def test_a_child_is_kept_within_its_memory():
    found = opened(attach(pdf("One") + bytes(30 * 2**20)), limits=Limits(child_bytes=60 * 2**20))
    assert found.attachments[0].text is None
    assert len(found.unread) == 1


def test_children_are_used_again_and_serve_threads():
    with ThreadPoolExecutor(6) as pool:
        texts = list(pool.map(lambda number: opened(attach(pdf(f"Page {number}"))).attachments[0].text.strip(), range(24)))
    assert texts == [f"Page {number}" for number in range(24)]
    before = {child.pid for _, child in children._idle}
    opened(attach(pdf("once more")))
    assert 0 < len(before) <= 4
    assert {child.pid for _, child in children._idle} == before


def test_a_fork_does_not_share_children():
    opened(attach(pdf("One")))
    assert children._idle
    pid = os.fork()
    if not pid:
        os._exit(7 if not children._idle else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
