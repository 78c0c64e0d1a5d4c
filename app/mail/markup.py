"""Marked-up text to plain text: HTML, enriched text (RFC 1896) and RTF, as far as the words go."""

from __future__ import annotations

import re
import struct

from nlp import text as bodies

from .charset import code_page, decode

_BLANK_LINES = re.compile(r"\n[ \t\xa0]*(?:\n[ \t\xa0]*)+")


def html_text(html: str) -> str:
    """The text of an HTML document as a browser would show it."""
    return bodies.read(html, "html").text


def enriched_text(text: str) -> str:
    """text/enriched (RFC 1896): tags dropped, single line breaks are spaces."""
    text = re.sub(r"<(?!<)[^<>]{0,100}>", "", text.replace("<<", "\x01")).replace("\x01", "<")
    return re.sub(r"\n(\n*)", lambda breaks: breaks[1] or " ", text)


_RTF_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def expand_rtf(data: bytes, most: int) -> bytes:
    """Compressed RTF of Outlook ([MS-OXRTFCP] 2.2) expanded, at most about `most` bytes of it; b"" where it is damaged."""
    if len(data) < 16:
        return b""
    kind = data[8:12]
    if kind == b"MELA":
        return data[16 : 16 + most]
    if kind != b"LZFu":
        return b""
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    write, at, out = len(_RTF_START), 16, bytearray()
    while at < len(data) and len(out) < most:
        flags, at = data[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > len(data):
                    return bytes(out)
                token, at = struct.unpack_from(">H", data, at)[0], at + 2
                read, length = token >> 4, (token & 15) + 2
                if read == write:
                    return bytes(out)
                for step in range(length):
                    byte = window[(read + step) & 4095]
                    out.append(byte)
                    window[write] = byte
                    write = (write + 1) & 4095
            else:
                if at >= len(data):
                    return bytes(out)
                out.append(data[at])
                window[write] = data[at]
                write, at = (write + 1) & 4095, at + 1
    return bytes(out)


_RTF = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S)
_RTF_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore listtable listoverridetable rsidtbl generator".split()
)
_RTF_WORDS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t", b"emdash": "—"}
_RTF_WORDS |= {
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
    b"~": "\xa0",
    b"_": "-",
}


def rtf_text(data: bytes, most: int) -> str:
    """The words of an RTF document, about `most` characters at most."""
    page = re.search(rb"\\ansicpg(\d{3,5})", data[:2000])
    charset = code_page(int(page[1])) if page else "cp1252"
    out: list[str] = []
    raw = bytearray()  # 8-bit characters come a byte at a time and are decoded together
    states: list[tuple[bool, int]] = []
    hidden = False  # in a destination that is no text
    replacements, to_skip, length = 1, 0, 0

    def flush() -> None:
        if raw:
            out.append(decode(bytes(raw), charset))
            raw.clear()

    for token in _RTF.finditer(data):
        word, number, byte, symbol, brace, text = token.groups(b"")
        if length > most:
            break
        if brace == b"{":
            states.append((hidden, replacements))
        elif brace:
            if states:
                hidden, replacements = states.pop()
        elif symbol == b"*" or word in _RTF_HIDDEN:
            hidden = True
        elif word == b"bin":
            break
        elif word == b"uc":
            replacements = min(int(number or 1), 8)
        elif hidden:
            continue
        elif word == b"u" and number:
            flush()
            out.append(chr(int(number) % 65536))
            to_skip = replacements
            length += 1
        elif byte or text:
            piece = bytes.fromhex(byte.decode()) if byte else text
            dropped = min(to_skip, len(piece))
            to_skip -= dropped
            raw += piece[dropped:]
            length += len(piece)
        elif (meant := _RTF_WORDS.get(word or symbol)) is not None:
            flush()
            out.append(meant)
        elif symbol in {b"{", b"}", b"\\"} and symbol:
            raw += symbol
    flush()
    text = "".join(out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _BLANK_LINES.sub("\n\n", text.replace("\0", "")).strip()
