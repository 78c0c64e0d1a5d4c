"""The language pass: one spaCy pipeline that gives a Doc with

- `doc.sents`: sentences, lines of a letter taken into account;
- `doc._.identifiers`: UK identifiers, contact details and addresses, by rules (see `identifiers`);
- `doc.ents` labelled PERSON, each with `span._.name`, and
- `doc._.labels`: what sentences do, each with a span and a certainty (`Label`), both by the trained encoder (see `encoder`).

The checks of tone and substance stand on labels and never read words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from nlp.draft import Role

LABELS = (
    "over-familiar",  # more intimate than a professional relationship
    "attack",  # an insult, ridicule, or a charge of bad faith against a person or a group of people
    "criticism",  # a person's conduct or capability found at fault, in civil words
    "obligation",  # the council (or "we") is bound: a promise, a price, a permission, an admission, an undertaking
    "instruction",  # an order
    "pressure",  # pressing for advice to change, a threat, an unreasonable demand, a favour, private help
    "party-political",  # campaigning or party content, a party preference
    "disrespect",  # shouting, demeaning or discriminatory words
    "sensitive",  # a special-category or otherwise sensitive fact about a private person
    "as-council",  # written for the council or as the council
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a stretch of text does: one of `LABELS`, the span that carries it (doc offsets) and how certain that is (0 to 1)."""

    name: str
    start: int
    end: int
    certainty: float


@dataclass(frozen=True, slots=True)
class Context:
    """Who writes to whom, and which spans of the Doc the author wrote (signature included). Set on `doc._.context` before the pass."""

    writer: Role = Role.UNKNOWN
    readers: frozenset[Role] = frozenset()
    own: tuple[tuple[int, int], ...] = ()


Doc.set_extension("labels", default=(), force=True)
Doc.set_extension("context", default=Context(), force=True)


SHIPPED = Path(__file__).resolve().parents[1] / "model"  # the artefact that comes with the product
REMEMBERED = 2_000  # windows; each is about 10 kB of figures and no text


@cache
def pipeline(model: Path = SHIPPED, remembered: int = REMEMBERED) -> Language:
    """The pipeline of a trained artefact (a folder), loaded at the first call.

    `remembered`: how many windows of letters the encoder keeps its figures for. Raises `nlp.language.encoder.FaultyModel`.
    """
    from nlp.language import encoder, identifiers, people, sentences  # noqa: F401  (they register their components)
    from nlp.language.tokens import LetterTokenizer

    nlp = spacy.blank("en")
    nlp.tokenizer = LetterTokenizer(nlp.tokenizer)
    nlp.max_length = 1 << 31  # the caps are the caller's; nothing here grows faster than the text
    for component in ("letter_sentences", "uk_identifiers", "people"):
        nlp.add_pipe(component)
    nlp.add_pipe("encoder", config={"model": str(model), "remembered": remembered})
    return nlp


def model_name(model: Path = SHIPPED) -> str:
    """The version and hash of the artefact that finds the labels, for the report. Raises `nlp.language.encoder.FaultyModel`."""
    from nlp.language.encoder import load

    return load(model).name
