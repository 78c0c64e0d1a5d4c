"""The sentences of mail, for training: python benchmarks/plain_letters.py FOLDER > letters.jsonl

Of every message below FOLDER the author's own sentences, one JSON array a letter. They may serve on the machine that trains; they are never
part of the product.
"""

from __future__ import annotations

import email
import json
import sys
from collections.abc import Iterator
from email import policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nlp.text import read
from nlp.training.sentences import parting

LARGEST = 200_000  # bytes of a message
LONGEST, MOST = 8_000, 40  # characters and sentences of a letter


def letters(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        if said := body(path.read_bytes()):
            text = read(said)
            own = "\n\n".join(text.text[zone.start : zone.end] for zone in text.zones if zone.kind == "own")
            sentences = [" ".join(sentence.text.split()) for sentence in parting()(own[:LONGEST]).sents]
            sentences = [sentence for sentence in sentences if sum(c.isalpha() for c in sentence) > 0.6 * len(sentence)]
            if len(sentences) > 1:
                yield sentences[:MOST]


def body(raw: bytes) -> str:
    """The plain text of a message; nothing where there is none."""
    message = email.message_from_bytes(raw, policy=policy.default)
    try:
        part = message.get_body(("plain",)) if message.keys() else None
        said = part.get_content() if part is not None else ""
    except (LookupError, ValueError, AttributeError, TypeError, AssertionError):
        return ""
    return said if isinstance(said, str) else ""


if __name__ == "__main__":
    for letter in letters(Path(sys.argv[1])):
        print(json.dumps(letter, ensure_ascii=False))
