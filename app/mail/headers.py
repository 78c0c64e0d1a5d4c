"""Header fields: encoded words (RFC 2047), parameters (RFC 2045, RFC 2231), dates and subject prefixes, all in linear time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from .charset import decode
from .message import ComposeType
from .transfer import base64_bytes, quoted_printable

ENCODED_WORD = r"=\?[^?\s]*\?[bBqQ]\?[^?]*\?="

_WORD = re.compile(r"=\?([^?\s*]*)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*+(?:"|\Z)|[^;]*)', re.S)
_EXTENDED = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")

# the prefixes that mail programs of these languages write: en, de, nl, sv/da/no, fi, fr, es, it, pt, pl, tr, cy (Welsh), zh
_PREFIX = re.compile(
    r"\s*(?:\[[^\[\]]{0,40}\]\s*)?"
    r"(?:(?P<reply>re|aw|antw|antwort|sv|vs|ref|réf|réponse|res|rif|r|odp|ynt|atb|回复|答复)"
    r"|(?P<forward>fw|fwd|wg|doorst|vb|vl|tr|rv|enc|i|inoltro|pd|ilt|yml|转发))"
    r"(?:\s*[\[(]\d{1,3}[\])]|\^\d{1,3})?\s*[:：]",
    re.I,
)


def decode_words(value: str) -> str:
    """`value` with its encoded words decoded (RFC 2047).

    Adjacent words of one character set are joined as bytes first, because mailers cut in the middle of a character.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        label = word[1].lower()
        if not pending or between.strip() or label != charset:
            out.append(decode(pending, charset) if pending else "")
            pending = b""
            out.append(between if between.strip() or not out or at == 0 else "")
        raw = word[3].encode("utf-8", "replace")
        pending += base64_bytes(raw) if word[2] in "bB" else quoted_printable(raw.replace(b"_", b"=20").replace(b" ", b"=20"))
        charset, at = label, word.end()
    out.append(decode(pending, charset) if pending else "")
    out.append(value[at:])
    return "".join(out)


def tidy(value: str) -> str:
    """One line: control characters and runs of white space become one space."""
    return " ".join(_CONTROL.sub(" ", value).split())


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, names in lower case, RFC 2231 and RFC 2047 forms decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, written in _PARAMETER.findall(value[:16_000]):
        text = re.sub(r"\\(.)", r"\1", written.strip('"'), flags=re.S) if written.startswith('"') else written.strip()
        extended = _EXTENDED.match(name.lower())
        if extended and (extended[2] or extended[3]):
            pieces.setdefault(extended[1], []).append((int(extended[2] or 0), bool(extended[3]), text))
        else:
            plain.setdefault(name.lower(), decode_words(text))
    for name, parts in pieces.items():
        parts.sort(key=lambda part: part[0])
        charset, raw = "", b""
        if parts[0][1] and parts[0][2].count("'") >= 2:  # charset'language'text
            charset, _, first = parts[0][2].split("'", 2)
            parts[0] = (0, True, first)
        for _, encoded, text in parts:
            raw += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        plain[name] = decode(raw, charset)
    return plain


def iso_date(value: str) -> str | None:
    """An RFC 5322 date as ISO 8601, None where it is missing, malformed or not of the age of e-mail."""
    try:
        year, month, day, hour, minute, second, *_, offset = parsedate_tz(value[:200])
        zone = None if offset is None else timezone(timedelta(seconds=offset))
        when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None
    return when.isoformat() if credible(when) else None


def credible(when: datetime) -> bool:
    return 1970 <= when.year <= 2100


def file_time(ticks: int) -> str | None:
    """A Windows FILETIME (100 ns since 1601, UTC) as ISO 8601."""
    try:
        when = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
    return when.replace(microsecond=0).isoformat() if credible(when) else None


def compose_type(subject: str, answers: bool) -> ComposeType:
    """How a message came about: by the prefix of its subject, else by whether it names a message that it answers."""
    prefix = _PREFIX.match(subject)
    if prefix:
        return "forward" if prefix["forward"] else "reply"
    return "reply" if answers else "new"
