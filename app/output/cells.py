"""Text as a terminal shows it: one cell a code point, with the columns it takes and nothing in it that could steer the terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = 4
ZERO_WIDTH_JOINER, EMOJI_STYLE = "\u200d", "\ufe0f"
SKIN_TONES = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is safe to print and `width` columns wide; `marked` says whether it is to be underlined."""

    text: str
    width: int
    marked: bool = False


def cells(line: str, marked: range = range(0), column: int = 0) -> list[Cell]:
    """The cells of one line, one a code point, those in `marked` underlined. `column` is where the line begins (for its tabs)."""
    made: list[Cell] = []
    before, wide = "", 0
    for index, char in enumerate(line):
        text = " " * (TAB - column % TAB) if char == "\t" else printable(char)
        width = len(text) if char == "\t" else _width(text, before, wide)
        made.append(Cell(text, width, index in marked))
        before, wide, column = char, width, column + width
    return made


def printable(char: str) -> str:
    """The character, or what stands for it where it could move the cursor, hide or reorder text: a control picture, or �."""
    category = unicodedata.category(char)
    if category == "Cc":
        return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\u2421" if char == "\x7f" else "\ufffd"
    if category == "Cf":
        return char if char == ZERO_WIDTH_JOINER else "\ufffd" if unicodedata.bidirectional(char) != "BN" else ""
    return "\ufffd" if category in ("Cs", "Zl", "Zp") else char


def plain(text: str) -> str:
    """Words to print on one line: line ends and tabs become spaces, what steers a terminal is replaced."""
    return "".join(map(printable, " ".join(text.split())))


def _width(text: str, before: str, wide: int) -> int:
    """Columns of one code point after another. Emoji that are joined or coloured count once (Unicode TR 51)."""
    if text == EMOJI_STYLE:
        return 1 if wide == 1 else 0
    if not text or ZERO_WIDTH_JOINER in (text, before) or unicodedata.category(text) in ("Mn", "Me"):
        return 0
    if ord(text) in SKIN_TONES and wide == 2:
        return 0
    return 2 if unicodedata.east_asian_width(text) in "WF" else 1
