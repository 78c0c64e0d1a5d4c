"""How well `nlp.text.read` tells whose words are whose: python benchmarks/segmentation.py CORPUS_FOLDER

CORPUS_FOLDER is searched for two kinds of gold:

* Quagga annotations (`*.ann`, JSON with `text` and `denotations`): the author's part is the Body before the first Header. Ours keeps
  the own words, signature and disclaimer of message 0, since the gold keeps the author's signature. Scored on non-empty lines.
* forge messages (`*_body`, signature lines marked "#sig#", with `*_sender` beside it). The gold counts sign-off and name as signature
  and `read` does not, so recall is also given without the lines that the sign-off and the sender's name make up.

mail-parser-reply, email-reply-parser and quotequail are scored beside ours where they are installed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nlp.text import read


def authors_part(body: str) -> str:
    text = read(body)
    return "".join(text.text[z.start : z.end] for z in text.zones if z.message == 0)


def own_words(body: str) -> str:
    text = read(body)
    return "".join(text.text[z.start : z.end] for z in text.zones if z.kind == "own")


def contenders() -> Iterator[tuple[str, Callable[[str], str]]]:
    """Every tool that can be scored here: its name, and body -> the author's part."""
    yield "clausewise", authors_part
    yield "clausewise, own words only", own_words
    try:
        from mailparser_reply import EmailReplyParser as Reply

        yield "mail-parser-reply", lambda body: Reply(languages=["en"]).parse_reply(text=body) or ""
    except ImportError:
        pass
    try:
        from email_reply_parser import EmailReplyParser

        yield "email-reply-parser", EmailReplyParser.parse_reply
    except ImportError:
        pass
    try:
        import quotequail

        yield "quotequail", lambda body: "\n".join(piece for shown, piece in quotequail.quote(body) if shown)
    except ImportError:
        pass
    yield "keep everything", lambda body: body


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def annotated(folder: Path) -> list[tuple[str, str]]:
    """(body, the author's part) of every annotation file."""
    pairs = []
    for file in sorted(folder.rglob("*.ann")):
        entry = json.loads(file.read_text(encoding="utf-8"))
        spans = sorted(entry["denotations"], key=lambda d: d["start"])
        header = min((d["start"] for d in spans if d["type"].startswith("Header")), default=len(entry["text"]))
        body = next((d for d in spans if d["type"] == "Body"), None)
        part = entry["text"][body["start"] : min(body["end"], header)] if body and body["start"] <= header else ""
        pairs.append((entry["text"], part))
    return pairs


def score(pairs: Iterable[tuple[list[str], list[str]]]) -> tuple[float, float, float, float]:
    """(share exactly right, precision, recall, F1) over (kept, gold) lines."""
    exact = right = kept = gold = count = 0
    for got, wanted in pairs:
        right += sum((Counter(got) & Counter(wanted)).values())
        kept, gold, count, exact = kept + len(got), gold + len(wanted), count + 1, exact + (got == wanted)
    precision, recall = right / max(1, kept), right / max(1, gold)
    return exact / max(1, count), precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def forge(folder: Path) -> None:
    right = kept = gold = contact = contact_right = 0
    files = [f for f in sorted(folder.rglob("*_body")) if f.with_name(f.name.replace("_body", "_sender")).exists() and "forge" in str(f)]
    for file in files:
        marked = file.read_text(encoding="utf-8", errors="replace").splitlines()
        sender = set(re.findall(r"[^\W\d_]+", file.with_name(file.name.replace("_body", "_sender")).read_text(errors="replace").lower()))
        body = "\n".join(line.removeprefix("#sig#") for line in marked)
        text, at, signed = read(body), 0, []
        for line in body.split("\n"):
            signed.append(any(z.kind == "signature" and z.start <= at < z.end for z in text.zones))
            at += len(line) + 1
        wanted = [i for i, line in enumerate(marked) if line.startswith("#sig#") and line.removeprefix("#sig#").strip()]
        words = {i: re.findall(r"[^\W_]+", marked[i].removeprefix("#sig#").lower()) for i in wanted}
        named = [n for n, i in enumerate(wanted) if words[i] and set(words[i]) <= sender]
        beyond = set(wanted[named[-1] + 1 if named else 0 :])
        got = {i for i, line in enumerate(marked) if i < len(signed) and signed[i] and line.removeprefix("#sig#").strip()}
        right, kept, gold = right + len(got & set(wanted)), kept + len(got), gold + len(wanted)
        contact, contact_right = contact + len(beyond), contact_right + len(got & beyond)
    if files:
        print(f"\nSignature lines, {len(files)} forge messages: P {right / max(1, kept):.2f}  R {right / max(1, gold):.2f}", end="")
        print(
            f"  R beyond sign-off and name {contact_right / max(1, contact):.2f}  ({kept} marked, {gold} gold, {contact} beyond the name)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="CORPUS_FOLDER")
    folder = parser.parse_args().folder
    pairs = annotated(folder)
    print(f"The author's part, {len(pairs)} annotated messages, non-empty lines")
    print(f"{'':28}{'exact':>7}{'P':>7}{'R':>7}{'F1':>7}{'per s':>9}")
    for name, tool in contenders():
        begun = time.perf_counter()
        kept = [tool(body) for body, _ in pairs]
        rate = len(pairs) / (time.perf_counter() - begun)
        figures = score((lines(got), lines(gold)) for got, (_, gold) in zip(kept, pairs, strict=True))
        print(f"{name:28}" + "".join(f"{f:7.3f}" for f in figures) + f"{rate:9,.0f}")
    forge(folder)


if __name__ == "__main__":
    main()
