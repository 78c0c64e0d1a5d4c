"""HTML to lines: the text a browser would show, and what the markup of the mail programs says about quoting.

Known programs: Outlook (Word HTML, web, mobile), Gmail, Apple Mail, Thunderbird, Yahoo, Proton, Zimbra.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from .lines import Line, line

_SILENT = {"script", "style", "head", "title", "template", "noscript", "select", "textarea", "object", "svg", "-comment", "!doctype"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "hr", "pre", "blockquote"}
_BLOCKS = _PARAGRAPHS | {
    *("div", "li", "dt", "dd", "tr", "caption", "address", "article", "aside", "body", "center", "fieldset", "figure", "figcaption"),
    *("footer", "form", "header", "main", "nav", "section", "thead", "tbody", "tfoot"),
}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_IMPLIED_END = {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "colgroup", "html", "head", "body"}
_DEEPEST = 256

# Formatting elements are cloned into every block they reach over, which a hostile body can turn into gigabytes; a span is not.
_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.I)
_TAG = re.compile(r"<(/?)([a-z][^\s/<>]*)[^<>]*>?", re.I)
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_DROPPED = str.maketrans("", "", "\u200b\ufeff\xad\0")  # zero-width fillers and soft hyphens
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.I)
_TIGHT = re.compile(r"margin(?:-bottom)?\s*:\s*0", re.I)
_WORD_CLASS = re.compile(r"\bMso", re.I)
_INDENT = re.compile(r"border\s*:\s*(?:none|0|medium none)", re.I)
_RULE_ABOVE = re.compile(r"border-top\s*:\s*(?:solid|[#\w(),. ]{0,40}\bsolid)|border\s*:\s*none\s*;\s*border-top", re.I)
_WORD_BULLET = re.compile(r"^[·•§o▪](?:\s{2,}|\xa0+\s*)")

_SIGNATURE_CLASSES = {
    "gmail_signature",
    "moz-signature",
    "protonmail_signature_block",
    "applemailsignature",
    "msoautosig",
    "yahoo_signature",
}
_SIGNATURE_IDS = {"signature", "applemailsignature", "ms-outlook-mobile-signature", "ydpsignature"}
_HEADER_CLASSES = {"gmail_attr", "moz-cite-prefix", "moz-forward-container-header"}
_HEADER_IDS = {"divrplyfwdmsg", "replyheader"}
_QUOTE_CLASSES = {"yahoo_quoted", "protonmail_quote", "gmail_extra_quote", "moz-forward-container"}


@dataclass(slots=True)
class _State:
    """What holds inside an element."""

    depth: int = 0
    mark: str = ""
    pre: bool = False


def extract(html: str) -> tuple[str, list[Line]]:
    """The text of an HTML body and its lines; the lines' spans cover the text."""
    page = _Page()
    root = LexborHTMLParser(_tame(html)).body  # compared by mem_id below: "==" would compare the two nodes' HTML
    if root is None:
        return "", []
    states = [_State()]
    node = root
    while True:
        entered = page.enter(node, states)
        if entered and (child := node.child) is not None:
            node = child
            continue
        # Leave this element, and every one it is the last child of.
        while True:
            if entered:
                page.leave(node.tag, states.pop())
            if node.mem_id == root.mem_id:
                return page.finish()
            if (following := node.next) is not None:
                node = following
                break
            node, entered = node.parent, True


def _tame(html: str) -> str:
    """The same page without what makes parsers slow: formatting elements and nesting deeper than any mail's."""
    html = _FORMATTING.sub(r"<\1span", html)
    if html.count("<") <= _DEEPEST:
        return html
    kept, last, depth = [], 0, 0
    for tag in _TAG.finditer(html):
        closing, name = tag.group(1), tag.group(2).lower()
        if name in _VOID or name in _IMPLIED_END:
            continue
        if closing:
            drop = depth > _DEEPEST
            depth = max(0, depth - 1)
        else:
            depth += 1
            drop = depth > _DEEPEST
        if drop:
            kept.append(html[last : tag.start()])
            last = tag.end()
    kept.append(html[last:])
    return "".join(kept)


class _Page:
    """The lines written so far, and the one being written."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int, str]] = []
        self.parts: list[str] = []
        self.started = False  # something stands on this line, be it only a space that must not vanish
        self.gap = False  # an empty line is due before the next words
        self.space = False  # a space is due before the next word
        self.here = _State()

    def enter(self, node, states: list[_State]) -> bool:
        """Writes what opening `node` shows. True when it was opened, so that its children and `leave` follow."""
        tag, outer = node.tag, states[-1]
        if tag == "-text":
            self.words(node.text_content or "", outer)
            return False
        if tag == "br":
            self.end_line(outer)
            return False
        if tag in _SILENT:
            return False
        attributes = node.attributes
        style = attributes.get("style") or ""
        if "hidden" in attributes or _HIDDEN.search(style):
            return False
        state = _inside(node, attributes, outer)
        if tag in _BLOCKS:
            self.end_block(outer)
            # Word writes one paragraph a line and sets its margin to nothing; an empty one is the blank line.
            if tag in _PARAGRAPHS and not (tag == "p" and (_TIGHT.search(style) or _WORD_CLASS.search(attributes.get("class") or ""))):
                self.gap = True
        elif tag in ("td", "th") and self.started and self.parts:
            self.parts.append("\t")
            self.space = False
        if tag == "li":
            self.parts.append("- ")
            self.space = False
        states.append(state)
        return True

    def leave(self, tag: str, state: _State) -> None:
        if tag in _BLOCKS:
            self.end_block(state)
            if tag in _PARAGRAPHS and tag != "p":
                self.gap = True

    def words(self, written: str, state: _State) -> None:
        written = written.translate(_DROPPED)
        if not written:
            return
        self.here = state
        if state.pre:
            first, *rest = written.replace("\r\n", "\n").split("\n")
            self.append(first)
            for more in rest:
                self.end_line(state)
                self.append(more)
            return
        if "\xa0" in written:
            self.started = True
        inner = _SPACE.sub(" ", written)
        if inner.startswith(" "):
            self.space = True
        if word := inner.strip(" "):
            if self.space and self.parts and not self.parts[-1].endswith((" ", "\t")):
                self.parts.append(" ")
            self.append(word)
            self.space = inner.endswith(" ")

    def append(self, word: str) -> None:
        if word:
            self.started = True
            self.parts.append(word)

    def end_block(self, state: _State) -> None:
        if self.started:
            self.end_line(state)
        self.parts, self.space = [], False

    def end_line(self, state: _State) -> None:
        shown = "".join(self.parts).rstrip()
        if shown:
            if self.gap and self.rows and self.rows[-1][0]:
                self.rows.append(("", self.here.depth, ""))
            self.gap = False
            self.rows.append((_WORD_BULLET.sub("- ", shown), self.here.depth, self.here.mark))
        elif self.rows and self.rows[-1][0]:
            self.rows.append(("", state.depth, ""))
        self.parts, self.started, self.space = [], False, False

    def finish(self) -> tuple[str, list[Line]]:
        while self.rows and not self.rows[-1][0]:
            self.rows.pop()
        lines, at = [], 0
        for i, (shown, depth, mark) in enumerate(self.rows):
            end = at + len(shown) + (i < len(self.rows) - 1)
            lines.append(line(at, end, shown, depth, mark))
            at = end
        return "\n".join(row[0] for row in self.rows), lines


def _inside(node, attributes: dict[str, str | None], outer: _State) -> _State:
    """What holds inside an element, given what holds around it."""
    # Outlook on the web puts "x_" before the ids and classes of what it quotes, once per round.
    tag, style = node.tag, attributes.get("style") or ""
    names = {re.sub(r"^(?:x_)+", "", c) for c in (attributes.get("class") or "").lower().split()}
    ident = re.sub(r"^(?:x_)+", "", (attributes.get("id") or "").lower())
    depth, mark = outer.depth, outer.mark
    if tag == "blockquote":
        cited = (attributes.get("type") or "").lower() == "cite" or "gmail_quote" in names
        if cited or not (_INDENT.search(style) and "border-left" not in style):
            depth += 1
    elif names & _QUOTE_CLASSES or ident.startswith("yahoo_quoted") or ("gmail_quote" in names and not _holds_blockquote(node)):
        depth += 1
    if names & _SIGNATURE_CLASSES or ident in _SIGNATURE_IDS:
        mark = "signature"
    elif names & _HEADER_CLASSES or ident in _HEADER_IDS:
        mark = "header"
    elif tag == "div" and _RULE_ABOVE.search(style):
        mark = "border"
    return _State(depth, mark, outer.pre or tag == "pre")


def _holds_blockquote(node) -> bool:
    child = node.child
    while child is not None:
        if child.tag == "blockquote":
            return True
        child = child.next
    return False
