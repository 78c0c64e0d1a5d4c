"""Sentences of letters: a full stop ends one, and so do a blank line, a list item and a short line that stands alone."""

from __future__ import annotations

import re

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from nlp.language.tokens import text_of

ENDS = frozenset(".!?…")
ABBREVIATED = frozenset("mr mrs ms dr prof rev cllr st no nos ref dept ext tel mob e.g i.e etc approx inc vs a.m p.m am pm".split())
CLOSERS = frozenset("\"')]}’”»")
NOT = np.array(-1).astype("uint64")  # how spaCy writes "no sentence starts here"
LONGEST = 200  # tokens; what runs on without a full stop (a pasted list) is parted, so that no reader of sentences pays for all of it
WRAPPED = 60  # a line this long may have been broken by a mail program, in the middle of its sentence


@Language.component("letter_sentences", assigns=["token.is_sent_start", "doc.sents"])
def letter_sentences(doc: Doc) -> Doc:
    letter = text_of(doc)
    starts = np.full((len(doc), 1), NOT, dtype="uint64")  # set in one go: spaCy's setter of a single token reads the whole Doc
    begins = True
    line_start = began = 0
    for token in doc:
        text = token.text
        if token.is_space:
            if "\n" in text or "\r" in text:
                # a single line break in a long line is the mail program's, unless an item of a list follows
                length = token.idx - line_start
                blank = text.count("\n") > 1 or (text.count("\r") > 1 and "\n" not in text)
                following = letter[token.idx + len(text) : token.idx + len(text) + 3]
                item = re.match(r"[-*•·>]|\d{1,2}[.)]", following) is not None
                begins = begins or blank or item or length < WRAPPED
                line_start = token.idx + len(text)
            continue
        begins = begins or token.i - began >= LONGEST
        if begins and not (text in CLOSERS and token.i and not doc[token.i - 1].is_space):
            starts[token.i] = 1
            begins, began = False, token.i
        if text[-1] in ENDS and text.rstrip(".").lower() not in ABBREVIATED and not (text == "." and _abbreviated(doc, token.i)):
            begins = True
    if len(doc):
        doc.from_array(["SENT_START"], starts)
    return doc


def _abbreviated(doc: Doc, i: int) -> bool:
    before = doc[i - 1].lower_ if i else ""
    return before in ABBREVIATED or (len(before) == 1 and before.isalpha() and before != "i")
