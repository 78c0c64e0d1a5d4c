"""Texts without labels: letters for a student to hear its teacher's opinion of, and texts whose names are marked."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

from nlp.draft import Role
from nlp.language.windows import Windows
from nlp.training.batches import UNKNOWN, Lesson, Target
from nlp.training.sentences import DATA, Marked, marked

NAMED = DATA / "named.txt"
OFTEN = 5
CORRESPONDENTS = (
    (Role.MEMBER, (Role.OFFICER,)),
    (Role.MEMBER, (Role.CONSTITUENT,)),
    (Role.MEMBER, (Role.OFFICER, Role.MEMBER)),
    (Role.MEMBER, (Role.EXTERNAL,)),
    (Role.OFFICER, (Role.MEMBER,)),
    (Role.OFFICER, (Role.OFFICER,)),
    (Role.OFFICER, (Role.CONSTITUENT,)),
)


def letters(path: Path) -> list[list[str]]:
    """Letters of which nothing is known: JSON Lines, each a list of sentences (`benchmarks/plain_letters.py` makes such a file of mail).
    A sentence that many of them have (a footer) stays in a few."""
    seen: Counter[str] = Counter()
    found = []
    for line in path.read_text("utf-8").splitlines():
        kept = [sentence for sentence in json.loads(line) if seen[sentence] < OFTEN] if line.strip() else []
        seen.update(kept)
        if kept:
            found.append(kept)
    return found


def unlabelled(windows: Windows, written: list[list[str]], chance: random.Random) -> list[Lesson]:
    """Letters as lessons of which nothing is known, each as if somebody of the council had written it."""
    made = []
    for letter in written:
        writer, readers = chance.choice(CORRESPONDENTS)
        for window in windows.cut(writer, readers, enumerate(windows.pieces(letter))):
            targets = [Target(start, end, (), None) for _, start, end in window.sentences if end > start]
            made.append(Lesson(window, targets, [UNKNOWN] * len(window.ids)))
    return made


def named(path: Path = NAMED) -> list[Marked]:
    """Our own lines with names and addresses marked."""
    return [marked(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def universal_ner(path: Path) -> list[Marked]:
    """Sentences of an UNER file (IOB2) with their persons; the text is that of its `# text` lines."""
    found = []
    text, at, names = "", 0, []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if line.startswith("# text = "):
            text, at, names = line[9:], 0, []
        elif not line.strip():
            if text:
                found.append(Marked(text, None, tuple(names)))
            text = ""
        elif not line.startswith("#"):
            word, tag = line.split("\t")[1:3]
            start = text.find(word, at)
            if start < 0:
                continue
            at = start + len(word)
            if tag == "B-PER" or (tag == "I-PER" and not names):
                names.append((start, at))
            elif tag == "I-PER":
                names[-1] = (names[-1][0], at)
    return found
