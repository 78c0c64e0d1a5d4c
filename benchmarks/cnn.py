"""spaCy's CNN as a contender: the labels of the author's own sentences, and no check that makes anything of them.

Its argument is the folder of a pipeline that `benchmarks.labelling` has taught.
"""

import sys

import spacy

from benchmarks.contender import compete
from nlp.language.sentences import letter_sentences
from nlp.language.tokens import LetterTokenizer
from nlp.text import read

cnn = spacy.load(sys.argv[1])
cnn.tokenizer = LetterTokenizer(cnn.tokenizer)
cnn.max_length = 10_000_000  # no component sees more than a sentence, so there is no need of the memory that the limit is meant to save


def labels(letter: tuple[str, str]) -> int:
    """How many labels the subject and the author's own sentences have, as likely as not."""
    subject, body = letter
    text = read(body)
    own = (subject, *(text.text[zone.start : zone.end] for zone in text.zones if zone.kind == "own"))
    sentences = (sentence.text.strip() for words in own for sentence in letter_sentences(cnn.make_doc(words)).sents)
    return sum(score > 0.5 for doc in cnn.pipe(filter(None, sentences)) for score in doc.cats.values())


compete(lambda letter: (letter["subject"], letter["body"]), labels)
