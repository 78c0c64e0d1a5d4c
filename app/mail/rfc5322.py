"""RFC 5322 messages: .eml files, what a gateway hands over, members of Maildir, mbox and archives."""

from __future__ import annotations

import html as markup
import re
from dataclasses import dataclass, field
from functools import partial

from nlp.draft import Party

from . import tnef
from .addresses import parties
from .charset import decode
from .headers import decode_words, iso_date, tidy
from .markup import enriched_text, html_text
from .message import Content, Item, Limits, UnreadableMessage
from .mime import Budget, Part, leaves, parse
from .transfer import uuencoded

_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SILENT = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys"}
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)

ENCRYPTED = "The message is encrypted, so its text was not read."
SEALED = "The message is signed in a sealed form (S/MIME), so its text was not read."


def read(data: bytes, limits: Limits, attached: bool = False, budget: Budget | None = None) -> Content:
    """One message without its attachments opened; an attached one may have lost its header.

    Raises UnreadableMessage where `data` does not begin with any header field.
    """
    content = Content()
    if len(data) > limits.max_bytes:
        data = data[: limits.max_bytes]
        content.unread.append(f"The message is larger than {limits.max_bytes // 2**20} MB; what lies beyond was not read.")
    root = parse(data, budget or Budget(limits))
    if not root.fields and not attached:
        raise UnreadableMessage("This is not an e-mail message: it does not begin with any header.")
    read_fields(root, content, limits)
    _read_body(root, content, limits)
    return content


def read_fields(headers: Part, content: Content, limits: Limits) -> None:
    """People, subject, date and identity out of the header fields. Repeated fields all count.

    Of each list of people one more than the cap is read, which tells that it was reached.
    """
    most = limits.max_recipients + 1
    content.to = _people(headers, most, "to")
    content.cc = _people(headers, most, "cc")
    content.bcc = _people(headers, most, "bcc")
    content.shown = {party.identity for party in (*content.to, *content.cc, *content.bcc)}
    content.shown |= {party.identity for party in _people(headers, most, "resent-to", "resent-cc", "resent-bcc")}
    # Exchange and Notes exports keep blind copies here, though often as bare names
    content.bcc += [party for party in _people(headers, most, "x-bcc") if "@" in party.address and party.identity not in content.shown]
    content.shown |= {party.identity for party in content.bcc}
    authors = [party for party in _people(headers, most, "from") + _people(headers, most, "sender") if party.address]
    content.sender = next((party for party in authors if "@" in party.address), authors[0] if authors else Party(""))
    content.subject = tidy(decode_words(headers.first("subject")))
    content.message_id = tidy(headers.first("message-id"))[:998]
    content.date = iso_date(headers.first("date"))
    content.answers = "in-reply-to" in headers or "references" in headers


def _people(headers: Part, most: int, *names: str) -> list[Party]:
    people: list[Party] = []
    for value in headers.all(*names):
        people += parties(value, most)
        if len(people) >= most:
            break
    return people[:most]


@dataclass
class _Segment:
    """Text of the body that has one place in it: one inline part, or the versions of a multipart/alternative."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)


def _read_body(root: Part, content: Content, limits: Limits) -> None:
    segments: dict[int, _Segment] = {}
    room = dict.fromkeys(("plain", "html"), limits.max_body_chars)
    for number, part in enumerate(leaves(root)):
        kind = part.kind
        alternative = _outermost_alternative(part)
        if note := _unopened(part):
            content.unread.append(note)
        elif kind in _TNEF or part.name.lower() == "winmail.dat":
            inner = tnef.read(part.payload(2 * limits.attachment_bytes), limits)
            segments.setdefault(id(part), _Segment([inner.plain] if inner.plain else [], [inner.html] if inner.html else []))
            content.items += inner.items
            content.unread += inner.unread
        elif part is root or _is_text(part, number == 0, alternative):
            segment = segments.setdefault(id(alternative or part), _Segment())
            _read_text(part, segment, content, limits, room)
        elif alternative is None or not kind.startswith("text/") or part.get_content_disposition() == "attachment":
            content.items.append(_item(part))
    content.unread += root.budget.sentences()
    _join(list(segments.values()), content)
    if "-----BEGIN PGP MESSAGE-----" in content.plain:
        content.unread.append(ENCRYPTED)


def _outermost_alternative(part: Part) -> Part | None:
    found = None
    while part.parent is not None:
        part = part.parent
        if part.kind == "multipart/alternative":
            found = part
    return found


def _unopened(part: Part) -> str:
    """The sentence on a part that hides the text from us, "" for any other part."""
    kind = part.kind
    if kind in _SMIME or (kind == "application/octet-stream" and part.name.lower().endswith(".p7m")):
        return SEALED if part.parameters.get("smime-type", "").lower() in {"signed-data", "compressed-data"} else ENCRYPTED
    if part.parent is not None and part.parent.kind == "multipart/encrypted":
        return ENCRYPTED if kind != "application/pgp-encrypted" else ""
    if kind == "message/partial":
        return "This is only one of several pieces into which a message was cut; the others were not read."
    if kind == "message/external-body":
        return "A part of the message lies elsewhere and was not fetched."
    return ""


def _is_text(part: Part, first: bool, alternative: Part | None) -> bool:
    """Whether a leaf is body text rather than something attached."""
    kind = part.kind
    if part.multipart:
        return True
    if part.get_content_disposition() == "attachment" or (alternative is None and part.name and not first):
        return False
    return kind in {"text/plain", "text/html", "text/enriched", "text/richtext"} or kind == "text"


def _read_text(part: Part, segment: _Segment, content: Content, limits: Limits, room: dict[str, int]) -> None:
    data = part.payload(8 * limits.max_body_chars + 1)
    kind = part.kind
    if (
        not kind.startswith("text/")
        and not part.multipart
        and (b"\0" in data[:1000] or kind.partition("/")[0] in {"image", "audio", "video"})
    ):
        content.items.append(_item(part))  # the message is nothing but a file
        return
    if not kind.startswith(("text/", "multipart/")):
        content.items.append(_item(part))
        return
    charset = part.parameters.get("charset", "")
    if kind == "text/html":
        if not charset and (declared := _META_CHARSET.search(data[:2000])):
            charset = declared[1].decode("ascii", "replace")
        segment.html.append(_capped(_lines(decode(data, charset)), "html", room, content, limits))
        return
    data, files = uuencoded(data)
    content.items += [Item(name, "", len(inner), partial(bytes, inner)) for name, inner in files]
    text = _lines(decode(data, charset))
    if kind in {"text/enriched", "text/richtext"}:
        text = enriched_text(text)
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
    segment.plain.append(_capped(text, "plain", room, content, limits))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _capped(text: str, version: str, room: dict[str, int], content: Content, limits: Limits) -> str:
    """As much of a text as there is room for in this version of the body."""
    kept = text[: room[version]]
    room[version] -= len(kept)
    if len(kept) < len(text):
        content.unread.append(f"The text is longer than {limits.max_body_chars:,} characters; the rest was not read.")
    return kept


def unflowed(text: str, delete_space: bool) -> str:
    """format=flowed text with its soft line breaks taken out (RFC 3676, 4); `delete_space` is DelSp=yes."""
    out: list[str] = []
    soft, depth = False, 0  # whether the line before ends in a soft break, and its quote depth
    for line in text.split("\n"):
        bare = line.lstrip(">")
        level = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # space-stuffing, or the space behind the quote marks
        if soft and level == depth and bare != "-- ":
            out.append(bare)
        else:
            out.append(("\n" if out else "") + (">" * level + " " if level else "") + bare)
        soft, depth = bare.endswith(" ") and bare != "-- ", level
        if soft and delete_space:
            out[-1] = out[-1][:-1]
    return "".join(out)


def _join(segments: list[_Segment], content: Content) -> None:
    """One body out of all segments: plain text if every segment has it, else HTML."""
    chosen: list[tuple[str, str]] = []
    for segment in segments:
        plain, html = "\n".join(segment.plain), "\n".join(segment.html)
        if html.strip() and (not plain.strip() or _stub(plain, html)):
            plain = ""
        if plain.strip() or html.strip():
            chosen.append((plain, html))
    if all(plain.strip() for plain, _ in chosen):
        content.plain = "\n".join(plain for plain, _ in chosen)
    else:
        content.html = "\n".join(_as_html(plain) if plain.strip() else html for plain, html in chosen)


def _as_html(plain: str) -> str:
    return "<div>" + markup.escape(plain, quote=False).replace("\n", "<br>\n") + "</div>"


def _stub(plain: str, html: str) -> bool:
    """Whether the plain version only stands in for the HTML ("please use a program that can show HTML")."""
    words = len(plain.split())
    return words < 100 and len(html) > 4 * len(plain) and len(html_text(html).split()) > 3 * words + 20


def _item(part: Part) -> Item:
    kind = part.kind
    encoding = part.first("content-transfer-encoding").lower()
    size = len(part.raw) * 3 // 4 if "base64" in encoding else len(part.raw)
    name = part.name
    disposition = part.get_content_disposition()
    inline = kind.startswith("image/") and disposition != "attachment" and (disposition == "inline" or "content-id" in part)
    return Item(name, kind, size, part.payload, inline=inline or kind in _SILENT)
