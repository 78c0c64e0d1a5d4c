"""spaCy's tokenizer, kept from words without end: it takes a suffix off at a time, which on "!!!!…" costs the square of the length."""

from __future__ import annotations

import re

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

TEXT = "text"  # under this key of `doc.user_data`
LONG = 256  # characters without white space that no word of a letter has
_RUN = re.compile(rf"(\S{{{LONG},}})")


class LetterTokenizer:
    """Tokenizes as the one inside does, and cuts what is too long for a word into pieces of `LONG` characters."""

    def __init__(self, inside: Tokenizer) -> None:
        self.inside, self.vocab = inside, inside.vocab

    def __call__(self, text: str) -> Doc:
        if not _RUN.search(text):
            return self.inside(text)
        parts = [self._cut(part) if _RUN.fullmatch(part) else self.inside(part) for part in _RUN.split(text) if part]
        return Doc.from_docs(parts, ensure_whitespace=False)

    def _cut(self, run: str) -> Doc:
        pieces = [run[at : at + LONG] for at in range(0, len(run), LONG)]
        return Doc(self.vocab, words=pieces, spaces=[False] * len(pieces))


def text_of(doc: Doc) -> str:
    """The text of a Doc, which spaCy's own `doc.text` puts together anew, token by token, at every call."""
    if TEXT not in doc.user_data:
        doc.user_data[TEXT] = doc.text
    return doc.user_data[TEXT]
