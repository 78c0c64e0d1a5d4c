"""The lexicon finds what its patterns say, leaves ordinary letters alone, and finds as much behind hostile text."""

from __future__ import annotations

import tomllib

import pytest

from nlp.language import LABELS, Context, Label, pipeline
from nlp.language.lexicon import DATA, LexiconLabels, compile_pattern

LISTS = {"who": ["you", "he"], "phrase": ["make sure", "see"]}


def labels(text: str, own: tuple[tuple[int, int], ...] | None = None) -> tuple[Label, ...]:
    nlp = pipeline()
    doc = nlp.make_doc(text)
    doc._.context = Context(own=((0, len(text)),) if own is None else own)
    return nlp(doc)._.labels


def names(text: str) -> set[str]:
    return {label.name for label in labels(text)}


def marked(text: str, name: str) -> set[str]:
    return {text[label.start : label.end] for label in labels(text) if label.name == name}


# the format


@pytest.mark.parametrize(
    ("pattern", "row", "matched"),
    [
        ("will pay", " we will pay . ", "will pay "),
        ("will|shall pay", " we shall pay . ", "shall pay "),
        ("will so_be_it", " it will so be it ", "will so be it "),
        ("{who} {phrase} that", " he make sure that ", "he make sure that "),
        ("will now? pay", " we will pay ", "will pay "),
        ("will .. pay", " we will of course gladly pay ", "will of course gladly pay "),
        ("will .. pay", " we will a b c d e pay ", None),
        ("will ... pay", " we will a b c d e pay ", "will a b c d e pay "),
        ("will .. pay", " we will not pay ", None),
        ("will .. pay", " we will ; they pay ", None),
        ("will !not pay|not", " we will not ", None),
        ("will !not pay|not", " we will pay ", "will pay "),
        ("^ pay", ' " pay up ', "pay "),
        ("^ pay", " we pay ", None),
        ("pay $", " we pay . ", "pay "),
        ("pay $", " we pay up ", None),
        ("thanks , < love > $", " thanks , love ! ", "love "),
        ("what ?", " what ? ", "what ? "),
        ("pay", " payment repay ", None),
    ],
)
def test_a_pattern_matches_rows_of_words(pattern: str, row: str, matched: str | None):
    found = compile_pattern(pattern, LISTS)[0].search(row)
    assert (found and found.group(1)) == matched


def test_what_a_pattern_needs():
    assert compile_pattern("{phrase} now? .. he|you !not", LISTS)[1] == (frozenset({"make", "see"}), frozenset({"he", "you"}))


def test_a_pattern_that_could_match_anything_is_refused():
    with pytest.raises(ValueError, match="no word"):
        compile_pattern(".. now?", LISTS)
    with pytest.raises(KeyError):
        compile_pattern("{nobody} pays", LISTS)


def test_a_group_needs_a_known_label():
    with pytest.raises(ValueError, match="no such label"):
        LexiconLabels({"lists": {"one": [], "family": []}, "rudeness": [{"certainty": 1, "patterns": ["oi"]}]})


def test_the_lexicon_is_small_and_speaks_of_every_label():
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    lists = data.pop("lists")
    assert set(data) == set(LABELS)
    written = [p for groups in data.values() for group in groups for p in group["patterns"]]
    assert len(written) <= 360 and len(set(written)) == len(written)
    everything = " ".join(written) + " ".join(u for groups in data.values() for group in groups for u in group.get("unless", ()))
    assert [name for name in lists if "{" + name + "}" not in everything] == []
    assert all(0 < group["certainty"] <= 0.9 for groups in data.values() for group in groups)


def test_every_pattern_is_written_in_norms():
    """A word with a capital or a contraction would never match: NORMs are in lower case and "don't" is `do not`."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    lists = data.pop("lists")
    words = [w for entries in lists.values() for entry in entries for w in entry.split()]
    words += [w for groups in data.values() for group in groups for p in group["patterns"] for i in p.split() for w in i.split("|")]
    assert [w for w in words if w.replace("NAME", "") != w.replace("NAME", "").lower() or "n't" in w or "£" in w] == []


# what is found

FOUND = [
    ("over-familiar", "Evening treacle, how did the audit go?"),
    ("over-familiar", "Shall we grab a cheeky pint after work?"),
    ("over-familiar", "Just between us, I gather the auditor is having an affair."),
    ("over-familiar", "That dress brings out your lovely eyes."),
    ("attack", "Your enforcement officers are bone idle."),
    ("attack", "He has lied to the scrutiny panel again."),
    ("attack", "What do your staff do all day, apart from drink tea? They sit around on their backsides."),
    ("attack", "Gwen Pritchard couldn't organise a raffle."),
    ("criticism", "Gwen Pritchard mishandled the tender."),
    ("criticism", "The clerk has failed to answer two letters."),
    ("obligation", "The council will reimburse you for the tyre."),
    ("obligation", "You have my word that the footway will be relaid."),
    ("obligation", "We accept full liability for the flood."),
    ("obligation", "I have waived your parking charge, so you owe nothing."),
    ("instruction", "I am directing you to close the footbridge."),
    ("instruction", "You are not to speak to the contractor."),
    ("instruction", "Remove the barriers today."),
    ("pressure", "You should rethink your recommendation before Monday."),
    ("pressure", "Can you squeeze her in ahead of the others?"),
    ("pressure", "Unless you approve it, I shall go to the papers."),
    ("pressure", "Drop everything and come to my house."),
    ("party-political", "Vote Green on 4 May."),
    ("party-political", "Could the post room fold our leaflets?"),
    ("disrespect", "Pipe down and learn your place."),
    ("disrespect", "WHY DO YOU NEVER ANSWER ME!"),
    ("sensitive", "Mrs Gwen Pritchard suffers from epilepsy."),
    ("sensitive", "The tenant is six months behind with her rent and on methadone."),
    ("as-council", "For and on behalf of Dunmoor Town Council"),
    ("as-council", "The Council has decided to sell the depot."),
]


@pytest.mark.parametrize(("label", "text"), FOUND, ids=[t for _, t in FOUND])
def test_what_is_found(label: str, text: str):
    assert label in names(text)


CLEAN = [
    "Hope you had a good weekend, and many thanks for the drawings.",
    "Would Thursday suit for a coffee to go through the tender?",
    "The report does not say where the water will go.",
    "I disagree with the recommendation and shall vote against it.",
    "I will raise this with planning and let you know.",
    "If Cabinet agrees, the council could pay for the gate.",
    "Will the council pay for the gate?",
    "I cannot promise that the council will pay.",
    "Please could you look into this by Friday?",
    "Please send me the minutes today.",
    "Could you tell me the reasons for your advice?",
    "I am not asking you to change your advice.",
    "The Labour group will move an amendment.",
    "You need photo ID to vote on Thursday.",
    "The domestic abuse strategy was adopted in May.",
    "The bridge is closed for repair until June.",
    "I write on behalf of my residents.",
    "I cannot speak on behalf of the council.",
    "MINUTES OF THE ANNUAL GENERAL MEETING",
]


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_sentences_are_left_alone(text: str):
    assert labels(text) == ()


# what is marked


def test_a_form_of_address_is_marked_alone_and_a_promise_with_its_sentence():
    text = "Thanks for the plan, darling. We will refund the fee, I promise.\n\nRuth xx"
    assert marked(text, "over-familiar") == {"darling", "xx"}
    assert marked(text, "obligation") == {"We will refund the fee, I promise."}


def test_marked_words_end_with_the_whole_name():
    data = {"lists": {"one": [], "family": []}, "disrespect": [{"certainty": 0.5, "span": "match", "patterns": ["oi NAME"]}]}
    nlp = pipeline()
    doc = nlp('He said "oi Gwen Pritchard" twice.')
    doc._.context = Context(own=((0, 99),))
    (label,) = LexiconLabels(data)(doc)._.labels
    assert doc.text[label.start : label.end] == "oi Gwen Pritchard"


def test_quoted_words_are_read_for_sensitive_facts_only():
    text = "Your staff are useless. Mr Dan Hale has cancer."
    assert {label.name for label in labels(text, own=())} == {"sensitive"}


def test_a_sensitive_fact_needs_a_person():
    assert "sensitive" in names("His brother was diagnosed with cancer.")
    assert labels("Cases diagnosed with cancer rose last year.") == ()


def test_the_same_words_are_labelled_once():
    found = labels("You idiots are a bunch of idiots and liars.")
    assert len([label for label in found if label.name == "attack"]) == 1


# a whole letter, and texts made to hurt


def test_an_ordinary_letter_has_no_labels():
    body = (
        "Dear Ruth,\n\nThank you for the note about the crossing in Mill Lane. The residents of the terrace are glad that the survey "
        "is done, and they would like to know when the paint will be renewed. Could you tell me whether the contractor has a date, and "
        "who will put the notices up? The school is closed until Tuesday, so that week would suit everybody. I have told Mr Hale that "
        "the council will look at the drain too, and that he will hear from you. If there is a plan that I may pass on, please send it "
        "to me and I will take it round. The lamp by the chapel has been out again, and the hedge at the corner hides the sign from "
        "drivers who come down the hill. I shall be at the surgery on Saturday and expect to be asked about both.\n\nKind regards,\n"
    )
    assert labels(body) == ()


@pytest.mark.parametrize(
    "unit", ["you will ", "you are not to put the ", "A'", "STOP IT NOW AND ", "unless you i ", "he is , and , ", "x ", "! ", "WHY ME,   "]
)
def test_an_attack_behind_a_hostile_text_is_found(unit: str):
    text = unit * (300_000 // len(unit)) + "\n\nYou idiots."
    assert marked(text, "attack") == {"You idiots."}
