"""The pipeline as a whole: it keeps the text, parts letters into sentences, and cuts words without end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.language import Context, pipeline
from nlp.language.encoder import FAULT
from nlp.language.sentences import LONGEST
from nlp.language.tokens import LONG


def sentences(text: str) -> list[str]:
    return [s.text.strip() for s in pipeline()(text).sents if s.text.strip()]


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_the_doc_holds_the_text_to_the_character(text: str):
    doc = pipeline()(text)
    assert doc.text == text
    assert "".join(s.text_with_ws for s in doc.sents) == text


@pytest.mark.parametrize("run", ["!", "a", "x.", "😀", "£9,", "'s", "a-b"])
def test_words_without_end_are_cut(run: str):
    text = f"Dear Ruth,\n\n{run * 60_000} Yours, Carol"
    doc = pipeline().make_doc(text)
    assert doc.text == text
    assert max(len(token) for token in doc) <= LONG
    assert [t.text for t in doc][-3:] == ["Yours", ",", "Carol"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dear Mr. Lowe,\n\nI met Cllr. Osei at St. Bride's.", ["Dear Mr. Lowe,", "I met Cllr. Osei at St. Bride's."]),
        ("Many thanks\nCarol", ["Many thanks", "Carol"]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("- the gate\n- the path", ["- the gate", "- the path"]),
        (
            "This line was broken by a mail program that wraps after seventy\ncharacters. The next follows.",
            ["This line was broken by a mail program that wraps after seventy\ncharacters.", "The next follows."],
        ),
        ("It is 1.4 metres short.", ["It is 1.4 metres short."]),
    ],
)
def test_letters_are_parted_into_sentences(text: str, parts: list[str]):
    assert sentences(text) == parts


def test_only_what_the_author_wrote_is_labelled_for_tone():
    nlp = pipeline()
    text = "Your officers are useless. Your officers are useless."
    doc = nlp.make_doc(text)
    doc._.context = Context(own=((0, 26),))
    found = [label for label in nlp(doc)._.labels if label.name in FAULT]
    assert found and all(label.end <= 26 for label in found)


def test_a_list_without_a_full_stop_is_parted():
    doc = pipeline()("call 07700 900123 " * 2_000)
    assert max(len(sentence) for sentence in doc.sents) <= LONGEST
    assert len(doc._.identifiers) == 2_000
