"""presidio-analyzer as a contender: its recognisers for what identifies a person in the United Kingdom.

It runs in an environment of its own, made from presidio.lock (`echo presidio-analyzer | uv pip compile - --universal --python-version
3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --output-file benchmarks/presidio.lock`).
"""

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from benchmarks.contender import compete

NAMES = ("Nhs", "UkNino", "UkPassport", "UkDrivingLicence", "UkVehicleRegistration", "UkPostcode", "Email", "Iban", "CreditCard")


class Blank(SpacyNlpEngine):
    """spaCy without a trained model: its tokens and nothing more, since a benchmark should not fetch half a gigabyte."""

    def load(self) -> None:
        self.nlp = {"en": spacy.blank("en")}
        self.nlp["en"].max_length = 10_000_000  # nothing here needs the memory that the limit is meant to save


# The list of public suffixes that tldextract brings with it; by itself it would fetch today's.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
recognisers = [
    *(getattr(predefined_recognizers, f"{name}Recognizer")() for name in NAMES),
    predefined_recognizers.PhoneRecognizer(supported_regions=("GB",)),
]
analyser = AnalyzerEngine(RecognizerRegistry(recognisers), Blank(), supported_languages=["en"])
compete(lambda letter: f"{letter['subject']}\n\n{letter['body']}", lambda text: len(analyser.analyze(text, "en")))
