"""Where the lines of a text begin and end."""

from __future__ import annotations

import re
from bisect import bisect_right


class Lines:
    """The lines of `text`, counted from 0; a line ends with CRLF, LF or CR. `starts` and `ends` are code points, line ends left out."""

    def __init__(self, text: str) -> None:
        breaks = list(re.finditer(r"\r\n|\r|\n", text))
        self.text = text
        self.starts = [0, *(found.end() for found in breaks)]
        self.ends = [*(found.start() for found in breaks), len(text)]

    def spanned(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last line that the span `[start:end)` touches."""
        return bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(end - 1, start)) - 1
