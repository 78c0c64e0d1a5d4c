"""How letters are cut up for the encoder: every sentence is read, once, beside its neighbours."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.draft import Role
from nlp.language import SHIPPED
from nlp.language.encoder import load
from nlp.language.windows import CAPITAL, CAPITALS, CONTEXT, FULL, LONGEST, MIXED, PLAIN, Windows

WINDOWS = Windows(load(SHIPPED).tokenizer)


def test_a_window_says_who_writes_to_whom_and_holds_the_sentences():
    pieces = WINDOWS.pieces(["Dear Tom,", "I want it on my desk by noon."])
    (window,) = WINDOWS.cut(Role.MEMBER, (Role.PRESS, Role.OFFICER), enumerate(pieces))
    said = WINDOWS.tokenizer.decode(window.ids, skip_special_tokens=False)
    assert said == "[CLS] member to officer, press [SEP] dear tom, [SEP] i want it on my desk by noon. [SEP]"
    assert [number for number, *_ in window.sentences] == [0, 1]
    assert window.segments == [1] * 7 + [0] * (len(window.ids) - 7)


@given(st.lists(st.text(alphabet="ab c.\n'Éß🙂", max_size=400), max_size=30))
@settings(max_examples=60, deadline=None)
def test_every_piece_is_judged_once_and_no_window_is_too_long(sentences: list[str]):
    pieces = WINDOWS.pieces(sentences)
    windows = list(WINDOWS.cut(Role.OFFICER, (Role.MEMBER,), enumerate(pieces)))
    judged = [(number, window.ids[start:end]) for window in windows for number, start, end in window.sentences]
    assert judged == [(number, list(part.ids)) for number, parts in enumerate(pieces) for part in parts]
    assert all(len(window.ids) <= FULL + CONTEXT + LONGEST for window in windows)


def test_a_new_window_begins_with_the_sentence_before():
    pieces = WINDOWS.pieces(["He rang four times about the gate by the chapel."] * 20)
    first, second, *_ = WINDOWS.cut(Role.MEMBER, (), enumerate(pieces))
    number, start, _ = second.sentences[0]
    assert number == first.sentences[-1][0] + 1
    assert second.ids[start - len(pieces[0][0].ids) - 1 : start - 1] == list(pieces[0][0].ids)


def test_how_words_are_written_is_kept():
    ((pieces,),) = WINDOWS.pieces(["tom Tom TOM I 14 iPad"])
    by_word = {WINDOWS.tokenizer.id_to_token(i): w for i, w in zip(pieces.ids, pieces.written, strict=True)}
    assert by_word["i"] == CAPITAL and by_word["14"] == PLAIN and by_word["ipad"] == MIXED
    assert [w for i, w in zip(pieces.ids, pieces.written, strict=True) if WINDOWS.tokenizer.id_to_token(i) == "tom"] == [
        PLAIN,
        CAPITAL,
        CAPITALS,
    ]


def test_offsets_are_code_points_of_the_sentence():
    text = "🙂 Éloïse paid £5"
    ((pieces,),) = WINDOWS.pieces([text])
    assert "".join(text[a:b] for a, b in pieces.spans) == text.replace(" ", "")
