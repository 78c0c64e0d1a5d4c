"""The sentences and letters that the model learns from: well formed, many enough, and read as they are marked."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from nlp.draft import Role
from nlp.language import LABELS
from nlp.training.names import Origin, Renamer, origins
from nlp.training.sentences import DATA, VOICES, FaultyLine, Marked, marked, read_all_letters, read_line, read_voice, read_voices

SENTENCES = read_voices()
LETTERS = read_all_letters()
MORE = {"criticism", "obligation", "pressure", "instruction"}


def test_there_are_enough_sentences_and_half_of_them_are_harmless():
    counts = Counter(label for sentence in SENTENCES for label in sentence.labels)
    assert len(SENTENCES) >= 8_000
    assert len([s for s in SENTENCES if not s.labels]) >= 0.5 * len(SENTENCES)
    for label in LABELS:
        assert counts[label] >= (600 if label in MORE else 400), label


def test_every_line_of_every_writer_can_be_read():
    for path in VOICES.glob("*.txt"):
        assert len(list(read_voice(path))) == len([line for line in path.read_text("utf-8").splitlines() if line.strip()])


def test_members_alone_promise_order_press_and_speak_for_the_council():
    for sentence in SENTENCES:
        if sentence.labels & {"obligation", "instruction", "pressure", "as-council"}:
            assert sentence.writer in (Role.MEMBER, Role.UNKNOWN), sentence.voice


def test_every_letter_is_read_and_nearly_half_of_them_have_breaches():
    written = sum(
        path.read_text("utf-8").count("\n=== ") + path.read_text("utf-8").startswith("=== ") for path in (DATA / "letters").glob("*.txt")
    )
    assert len(LETTERS) == written >= 400
    with_breach = [letter for letter in LETTERS if any(s.labels for s in letter.sentences)]
    assert 0.4 <= len(with_breach) / len(LETTERS) <= 0.6


def test_a_tenth_was_labelled_twice():
    again = (DATA / "second-labels.txt").read_text("utf-8").splitlines()
    assert len(again) >= 0.1 * len(SENTENCES)
    numbers = {path.stem: len(path.read_text("utf-8").splitlines()) for path in VOICES.glob("*.txt")}
    for line in again:
        voice, _, number = line.partition(" | ")[0].rpartition(":")
        assert 1 <= int(number) <= numbers[voice]


def test_a_line_is_read_as_it_is_marked():
    line = "pressure, criticism | member > officer, press | Dear {Tom}, | [{Priya Nair} of ~6 Mill Lane~ never read it], I fear."
    found = read_line(line, "somebody")
    assert (found.writer, found.readers, found.labels) == (Role.MEMBER, {Role.OFFICER, Role.PRESS}, {"pressure", "criticism"})
    assert found.before == Marked("Dear Tom,", None, ((5, 8),))
    assert found.said == Marked("Priya Nair of 6 Mill Lane never read it, I fear.", (0, 39), ((0, 10),), ((14, 25),))


@pytest.mark.parametrize(
    "line",
    [
        "- | member > officer | nothing more",
        "rudeness | member > officer | - | [Oi.]",
        "- | member > nobody | - | Good day.",
        "pressure | member > officer | - | No marks.",
        "- | member > officer | - | [Marks.]",
        "- | member > officer | - | An open {brace.",
        "- | member > officer | - | A closed] one.",
    ],
)
def test_a_faulty_line_is_named_without_its_words(line: str):
    with pytest.raises(FaultyLine, match="somebody, line 7") as error:
        read_line(line, "somebody", 7)
    assert "Good" not in str(error.value) and "Oi" not in str(error.value)


def test_new_names_keep_the_marks_in_their_places():
    text = marked("[{Priya Nair} told {Colin} and {Nair}'s son] on ~6 Mill Lane~.")
    new = Renamer(random.Random(1), Origin(("Bo",), ("Featherstonehaugh",)))(text)
    assert new.text == "Bo Featherstonehaugh told Bo and Featherstonehaugh's son on 6 Mill Lane."
    assert [new.text[a:b] for a, b in new.names] == ["Bo Featherstonehaugh", "Bo", "Featherstonehaugh"]
    assert new.text[slice(*new.span)] == "Bo Featherstonehaugh told Bo and Featherstonehaugh's son"  # type: ignore[arg-type, misc]
    assert [new.text[a:b] for a, b in new.addresses] == ["6 Mill Lane"]


def test_names_are_of_many_origins():
    assert len(origins()) >= 20
    assert all(len(o.given) >= 40 and len(o.family) >= 40 for o in origins().values())
