"""Splits address headers (RFC 5322, 3.4) without recursion, in linear time, and loses nobody over bad syntax.

Real headers hold unquoted commas, quotes that never close, semicolons for commas, names without addresses, groups,
routes and comments. A recipient too few hides a copy, so what cannot be parsed strictly is parsed loosely.
"""

from __future__ import annotations

import re

from nlp.draft import Party

from .headers import ENCODED_WORD, decode_words, tidy

_STRICT = re.compile(ENCODED_WORD + r'|"(?:[^"\\]|\\.)*+"|<[^<>]*>|\\.|[,;:()"]', re.S)
_LOOSE = re.compile(ENCODED_WORD + r"|<[^<>]*>|[,;:]", re.S)
_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^\s"])+', re.S)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_UNPAIRED = str.maketrans({'"': " ", "(": " ", ")": " ", "\\": None})
_NOBODY = re.compile(r"undisclosed|unlisted|unspecified|suppressed|recipients? list not shown|no To-header", re.I)
_LONGEST = 998  # RFC 5322, 2.1.1: no line is longer, so no address is
_LONGEST_ENTRY = 100_000


def parties(value: str, most: int = 100_000) -> list[Party]:
    """Everybody whom one address header names, in order, about `most` at most; addresses as they were written, names decoded.

    Somebody who is named without any address has the name in the place of the address. Empty groups
    ("undisclosed-recipients:;") name nobody.
    """
    found = _split(value, most)
    whole = tidy(value)
    if "=?" in whole and "@" not in whole:
        decoded = decode_words(whole)  # some mailers encode the whole header, addresses and all
        if "@" in decoded:
            found = _split(decoded.replace("=?", " "), most)
    return found


class _Entry:
    """One entry of the list while it is being read."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angles: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.angles) or any(word.strip() for word in (*self.words, *self.comments))


def _split(value: str, most: int) -> list[Party]:
    scanned = _scan(value, _STRICT, most)
    if scanned is None:
        scanned = _scan(value.translate(_UNPAIRED), _LOOSE, most) or []
    found: list[Party] = []
    surname = ""  # "Smith, Jo <j@x>" without its quotes: the part before the comma waits for the part behind it
    for entry, closed in scanned:
        text = "".join(entry.words)[:_LONGEST_ENTRY]
        addresses = _addresses(entry.angles, text)
        name = _name(text) if entry.angles and any(addresses) else ""
        if not addresses:
            if surname:
                found.append(Party(surname, surname))
            surname = _name(text or "".join(entry.comments))
        else:
            if surname and name and entry.angles:
                name = f"{surname}, {name}"
            elif surname:
                found.append(Party(surname, surname))
            surname = ""
            name = name or _bare_name(text) or _name("".join(entry.comments))
            found += [Party(address, name if number == 0 and name != address else "") for number, address in enumerate(addresses)]
        if closed and surname:
            found.append(Party(surname, surname))
            surname = ""
    return [party for party in found if party.address and not ("@" not in party.address and _NOBODY.search(party.address))]


def _scan(value: str, tokens: re.Pattern[str], most: int) -> list[tuple[_Entry, bool]] | None:
    """The entries, and whether each was closed by more than a comma. None where quotes or brackets do not pair up."""
    entries: list[tuple[_Entry, bool]] = []
    entry, depth, at = _Entry(), 0, 0
    for token in tokens.finditer(value):
        text, mark = value[at : token.start()], token[0]
        at = token.end()
        (entry.comments if depth else entry.words).append(text)
        if mark == '"':
            return None
        if mark == "(":
            depth += 1
            entry.comments.append(" (" if depth > 1 else " ")
        elif mark == ")":
            if not depth:
                return None
            depth -= 1
            entry.comments.append(")" if depth else "")
        elif depth:
            entry.comments.append(mark[1:] if mark[0] == "\\" else mark)
        elif mark in {",", ";"}:
            if entry or (mark == ";" and entries and not entries[-1][1]):  # an empty entry only closes the one before it
                entries.append((entry, mark == ";"))
                if len(entries) > most:
                    return entries
            entry = _Entry()
        elif mark == ":":
            if entry.angles or any("@" in word or "[" in word for word in entry.words):
                entry.words.append(mark)
            else:
                entry = _Entry()  # what stood there was the name of a group
        elif mark[0] == "<":
            entry.angles.append(mark[1:-1])
            entry.words.append(" ")
        elif mark[0] == "\\":
            entry.words.append(mark[1:].replace('"', ""))
        else:
            entry.words.append(mark)
    if depth:
        return None
    entry.words.append(value[at:])
    return [*entries, (entry, True)]


def _addresses(angles: list[str], text: str) -> list[str]:
    """The addresses of one entry: those in angle brackets, else the words that hold an @, else a single word (a local user)."""
    inside = [address for angle in angles for address in _inside(angle)]
    if any("@" in address for address in inside):
        return inside
    words = _WORD.findall(text)
    with_at = [address for word in words if "@" in word and (address := _bare(word)) and address != "@"]
    if with_at:
        return with_at
    return inside or ([bare] if len(words) == 1 and not angles and (bare := _bare(words[0])).isalnum() and bare.islower() else [])


def _inside(angle: str) -> list[str]:
    """What stands between angle brackets: one address, behind a route at times; sloppy senders put several there."""
    angle = angle.strip()
    if angle.startswith("@"):
        angle = angle.rpartition(":")[2]
    many = [angle] if '"' in angle or angle.count("@") < 2 else re.split(r"[,;]", angle)
    return [address for one in many if (address := _bare(one))]


def _bare(word: str) -> str:
    word = tidy(word)
    if len(word) > 2 and word[0] == word[-1] and word[0] in "\"'":
        word = word[1:-1].strip()
    word = word.strip(" \t'<>,;") if '"' not in word else word.strip()
    if word.startswith("[") and word.endswith("]"):
        word = word[1:-1]
    if word[:7].lower() == "mailto:":
        word = word[7:]
    return word[:_LONGEST]


def _bare_name(text: str) -> str:
    """The words around an address that stands without angle brackets."""
    return _name(" ".join(word for word in _WORD.findall(text) if "@" not in word))


def _name(text: str) -> str:
    text = _QUOTED.sub(lambda quoted: _ESCAPED.sub(r"\1", quoted[1]) if "\\" in quoted[1] else quoted[1], text)
    text = tidy(decode_words(text)).strip(" ,;")
    if len(text) > 2 and text[0] == text[-1] == "'":
        text = text[1:-1].strip()
    return text[:_LONGEST]
