"""Transfer encodings of real mail: dirty or cut base64, quoted-printable, uuencode. Nothing here fails; what is broken is left out."""

from __future__ import annotations

import binascii
import re

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET) - set(b"="))
_UU_BLOCK = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n((?:[ -`]{1,90}\r?\n)*?)end[ \t]*\r?$", re.M)


def base64_bytes(data: bytes) -> bytes:
    """Decoded base64. Foreign characters are skipped, several padded runs are joined, a cut end is completed."""
    out = []
    for run in data.translate(None, _NOT_BASE64).split(b"="):
        whole = run[:-1] if len(run) % 4 == 1 else run
        out.append(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    return b"".join(out)


def quoted_printable(data: bytes) -> bytes:
    """Decoded quoted-printable; malformed escapes stay as they are."""
    return binascii.a2b_qp(data)


def transferred(data: bytes, encoding: str) -> bytes:
    """`data` freed of its Content-Transfer-Encoding. An unknown or wrong label leaves it as it is."""
    kind = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if kind.startswith("base64"):
        body, footer = _footer(data)
        # a base64 line holds no spaces: text with many of them was never encoded, whatever its label says
        return data if body.count(b" ") * 50 > len(body) else base64_bytes(body) + footer
    if kind.startswith("quotedprintable"):
        return quoted_printable(data)
    if kind in {"xuuencode", "uuencode", "xuue", "uue"}:
        block = _UU_BLOCK.search(data + b"\n")
        return _uu_bytes(block[2]) if block else data
    return data


def _footer(data: bytes) -> tuple[bytes, bytes]:
    """Splits base64 from the plain text that a list server put after its padding."""
    start = data.rfind(b"\n", 0, data.find(b" ") + 1) + 1
    if data[:start].rstrip().endswith(b"=") and not re.match(rb"[A-Za-z0-9+/]+=", data[start:]):
        return data[:start], b"\n" + data[start:]
    return data, b""


def uuencoded(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Cuts uuencoded files out of a text body: what is left, and (name, bytes) of each file."""
    if b"begin " not in data:
        return data, []
    files: list[tuple[str, bytes]] = []

    def cut(block: re.Match[bytes]) -> bytes:
        files.append((block[1].decode("utf-8", "replace").strip(), _uu_bytes(block[2])))
        return b""

    return _UU_BLOCK.sub(cut, data), files


def _uu_bytes(lines: bytes) -> bytes:
    out = []
    for line in lines.splitlines():
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # some encoders leave trailing characters: keep what the length octet announces
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[: count + 1]))
            except binascii.Error:
                continue
    return b"".join(out)
