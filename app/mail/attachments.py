"""The text of attachments, told apart by their content, never by their suffix: text, HTML, RTF, .docx and PDF."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pyexpat import ExpatError, ParserCreate

from . import children
from .charset import decode
from .markup import html_text, rtf_text
from .message import Limits

_XML_BYTES = 16 * 2**20  # of a .docx once unpacked: a zip bomb is cut off here
_DIRECTORY_BYTES = 2**20  # of a zip's table of contents
_WORD_PART = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_WORD_BREAKS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tc": "\t"}
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


class NotRead(Exception):
    """Why an attachment has no text: words that end the sentence "The attachment … was not read (…)."."""


def text_of(data: bytes, content_type: str, charset: str, limits: Limits, seconds: float) -> str:
    """The text of an attachment, longer than `limits.attachment_chars` by a little where it was cut.

    `seconds` is the wall time that a child process may take. Raises NotRead.
    """
    most = limits.attachment_chars
    if b"%PDF-" in data[:1024]:
        return children.pdf_text(data, limits, seconds)
    if data.startswith(b"PK\x03\x04"):
        return _word_text(data, most)
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
    text = decode(data[: 4 * most + 4], charset).replace("\r\n", "\n")
    if content_type == "text/html" or re.match(r"\s*<(?:!doctype html|html)\b", text[:200], re.I):
        return html_text(text)
    return text


def _word_text(data: bytes, most: int) -> str:
    """The words of a .docx: body, tables, headers, footers, notes and comments; what was deleted under review is left out."""
    at = data.rfind(b"PK\x05\x06", -65_557)
    if at < 0 or at + 16 > len(data) or struct.unpack_from("<I", data, at + 12)[0] > _DIRECTORY_BYTES:
        raise NotRead("archives are not read")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "word/document.xml" not in names:
                raise NotRead(_other_archive(names))
            wanted = sorted({name for name in names if _WORD_PART.fullmatch(name)}, key=lambda name: (name != "word/document.xml", name))
            text, left = _Words(most), _XML_BYTES
            for name in wanted[:100]:
                if archive.getinfo(name).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    raise NotRead("it is damaged")
                with archive.open(name) as part:
                    xml = part.read(left + 1)
                if len(xml) > left:
                    raise NotRead("it is too large once unpacked")
                left -= len(xml)
                text.read(xml)
            return str(text)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ExpatError,
        KeyError,
        ValueError,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        struct.error,
    ):
        raise NotRead("it is damaged or protected") from None


def _other_archive(names: list[str]) -> str:
    roots = {name.partition("/")[0] for name in names}
    if "xl" in roots:
        return "spreadsheets are not read"
    if "ppt" in roots:
        return "presentations are not read"
    return "archives are not read"


class _Words:
    """Gathers the text of WordprocessingML with expat, which keeps no tree and refuses nothing but a DTD."""

    def __init__(self, most: int) -> None:
        self._most, self._length, self._out = most, 0, []

    def read(self, xml: bytes) -> None:
        parser = ParserCreate(namespace_separator=" ")
        self._texts = self._fallbacks = 0
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(xml, True)

    def _doctype(self, *_: object) -> None:
        raise ValueError("a DTD, which no .docx has")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "Fallback":  # the same text once more, for older programs
            self._fallbacks += 1
        elif local == "t":
            self._texts += 1

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "Fallback":
            self._fallbacks -= 1
        elif local == "t":
            self._texts -= 1
        elif local in _WORD_BREAKS and not self._fallbacks:
            self._add(_WORD_BREAKS[local])

    def _characters(self, text: str) -> None:
        if self._texts and not self._fallbacks:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._length <= self._most:
            self._out.append(text)
            self._length += len(text)

    def __str__(self) -> str:
        return re.sub(r"\n\t", "\t", "".join(self._out)).strip()
