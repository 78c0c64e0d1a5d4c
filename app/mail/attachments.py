"""The text of attachments, told apart by their content, never by their suffix: text, HTML, RTF, .docx and PDF."""

from __future__ import annotations

import io
import re
import struct
import zipfile

from . import children, documents
from .charset import decode
from .children import NotRead
from .markup import html_text, rtf_text
from .message import Limits

_UNPACKED_BYTES = 64 * 2**20  # of a .docx: a zip bomb is left alone
_DIRECTORY_BYTES = 2**20  # of a zip's table of contents, which bounds the number of its members
_TAGS = 100_000  # of an HTML page: each costs its parser some 10 µs
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_MAGIC = (
    (b"\x89PNG", "pictures"),
    (b"GIF8", "pictures"),
    (b"\xff\xd8\xff", "pictures"),
    (b"BM", "pictures"),
    (b"II*\0", "pictures"),
    (b"MM\0*", "pictures"),
    (b"Rar!", "archives"),
    (b"\x1f\x8b", "archives"),
    (b"7z\xbc\xaf", "archives"),
    (b"BZh", "archives"),
    (b"\xfd7zXZ", "archives"),
    (b"\xd0\xcf\x11\xe0", "older Office files"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"MZ", "programs"),
)
_FAMILIES = {"image": "pictures", "audio": "sound", "video": "films"}


def text_of(data: bytes, content_type: str, limits: Limits, seconds: float) -> str:
    """The text of an attachment, longer than `limits.attachment_chars` by a little where it was cut.

    `seconds` is the wall time that a child process may take. Raises NotRead.
    """
    most = limits.attachment_chars
    if b"%PDF-" in data[:1024]:
        return children.text_of(documents.PDF, data, limits, seconds)
    if data.startswith(b"PK\x03\x04"):
        _check_word(data)
        return children.text_of(documents.WORD, data, limits, seconds)
    if data.startswith(b"{\\rtf"):
        return rtf_text(data[: 8 * most], most)
    for magic, kind in _MAGIC:
        if data.startswith(magic) and not (len(magic) == 2 and data.isascii()):
            raise NotRead(f"{kind} are not read" if kind != "sound" else "sound is not read")
    if b"-----BEGIN PGP MESSAGE-----" in data[:200]:
        raise NotRead("it is encrypted")
    family = content_type.partition("/")[0]
    if family in _FAMILIES and content_type != "image/svg+xml":
        raise NotRead("sound is not read" if family == "audio" else f"{_FAMILIES[family]} are not read")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and _CONTROLS.search(data[:8192]):
        raise NotRead("files of this kind are not read")
    text = decode(data[: 4 * most + 4]).replace("\r\n", "\n")
    if content_type == "text/html" or re.match(r"\s*<(?:!doctype html|html)\b", text[:200], re.I):
        if text.count("<") > _TAGS:
            raise NotRead("it has too much markup")
        return html_text(text)
    return text


def _check_word(data: bytes) -> None:
    """Raises NotRead for a zip that is no Word document, or would unpack to more than is read."""
    at = data.rfind(b"PK\x05\x06", -65_557)
    if at < 0 or at + 16 > len(data) or struct.unpack_from("<I", data, at + 12)[0] > _DIRECTORY_BYTES:
        raise NotRead("archives are not read")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise NotRead("it is damaged or protected") from None
    names = [member.filename for member in members]
    if "word/document.xml" not in names:
        raise NotRead(_other_archive(names))
    if sum(member.file_size for member in members) > _UNPACKED_BYTES:
        raise NotRead("it is too large once unpacked")


def _other_archive(names: list[str]) -> str:
    roots = {name.partition("/")[0] for name in names}
    if "xl" in roots:
        return "spreadsheets are not read"
    if "ppt" in roots:
        return "presentations are not read"
    return "archives are not read"
