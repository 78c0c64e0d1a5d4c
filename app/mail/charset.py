"""Bytes to text where the label may be missing, unknown or wrong.

The order is: byte-order mark, declared label (its wider relative where there is one), UTF-8 if it fits strictly,
windows-1252, latin-1. Statistical guessing is left out: on short western text it is wrong more often than this.
"""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# labels in real mail that Python does not know
_ALIASES = {
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "windows-874": "cp874",
    "windows-936": "gb18030",
    "windows-949": "cp949",
    "windows-950": "cp950",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}

# mail labelled with the narrow set is often written in the wide one (what browsers do)
_WIDER = {
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
    "tis-620": ("cp874",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "big5": ("big5", "cp950", "big5hkscs"),
    "shift_jis": ("cp932",),
    "euc_kr": ("cp949",),
}

# Python also files base64, zlib, punycode and the like under "codecs": only character sets may be named by a message
_CHARACTER_SET = re.compile(r"utf|iso|cp\d|koi8|big5|gb|hz$|euc|shift_jis|johab|mac|ascii|tis|ptcp|kz|hp_roman")

_STATEFUL = re.compile(r"iso-?2022|csiso2022|hz|utf-?7|utf-?16|utf-?32|unicode")

_CODE_PAGES = {936: "gb18030", 1200: "utf-16-le", 1201: "utf-16-be", 10000: "mac_roman", 20127: "ascii", 20866: "koi8-r", 21866: "koi8-u"}
_CODE_PAGES |= {50220: "iso2022_jp", 50221: "iso2022_jp", 50222: "iso2022_jp", 51932: "euc_jp", 51949: "euc_kr", 52936: "hz"}
_CODE_PAGES |= {54936: "gb18030", 65000: "utf-7", 65001: "utf-8"}

_UNWANTED = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of characters, which no output format can carry


def code_page(number: int) -> str:
    """The label of a Windows code page number, "" for none."""
    if 28591 <= number <= 28606:
        return f"iso8859-{number - 28590}"
    return _CODE_PAGES.get(number, f"cp{number}") if number > 0 else ""


def decode(data: bytes, label: str = "") -> str:
    """The text of `data`, whose declared character set is `label`. Never fails; NULs are dropped."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _clean(data[len(mark) :].decode(codec, "replace"))
    if data.isascii() and not _stateful(label):
        return _clean(data.decode("ascii"))
    for codec in (*_codecs(label), "utf-8"):
        text = _attempt(data, codec, lenient=_stateful(codec))
        if text is not None:
            return _clean(text)
    try:
        return _clean(data.decode("cp1252"))
    except UnicodeDecodeError:
        return _clean(data.decode("latin-1"))


def _stateful(label: str) -> bool:
    """Whether text in this set may be all ASCII bytes and still mean something else."""
    return (
        label.strip()
        .lower()
        .startswith(("iso-2022", "iso2022", "hz", "utf-7", "utf-16", "utf-32", "utf16", "utf32", "unicode", "csiso2022"))
    )


def _codecs(label: str) -> tuple[str, ...]:
    label = label.strip().strip("'\"").lower()[:40]
    try:
        info = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError, UnicodeError):
        return ()
    if not info._is_text_encoding or not _CHARACTER_SET.match(info.name):
        return ()
    return () if info.name == "ascii" else _WIDER.get(info.name, (info.name,))


def _attempt(data: bytes, codec: str, lenient: bool) -> str | None:
    """Strictly; else with a few gaps, since one cut or stray byte must not turn a whole message into another alphabet."""
    try:
        return data.decode(codec)
    except UnicodeError:
        pass
    try:
        text = data.decode(codec, "replace")
    except UnicodeError:
        return None
    gaps = text.count("\ufffd")
    foreign = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text)) - gaps
    return text if lenient or foreign > 20 * gaps else None


def _clean(text: str) -> str:
    return _UNWANTED.sub("", text)
