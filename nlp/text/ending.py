"""What stands at the end of a message that nobody wrote for this message: its signature and its disclaimer.

The sign-off ("Kind regards") and the names right after it stay the writer's words, since they are judged for tone.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Literal

from .lines import Line, any_of, words

_LONGEST = 130  # characters of a line that can belong to a signature
_REACH = 40  # lines from the end in which one is looked for
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d ()./-]{6,20}\d(?!\w)|\b\d{3}[.-]\d{4}\b|(?<!\w)x ?[.-]?\d(?:-?\d){3,5}\b", re.I)
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,64}\.\w")
_WEB = re.compile(r"\b(?:https?://|www\.)\S|\b[\w-]{2,40}\.(?:gov|org|co|ac|com)(?:\.[a-z]{2,3})?\b", re.I)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2},? +\d{5}\b")
_POSTSCRIPT = re.compile(r"p\.? ?(?:p\.? ?)?s\b\.?[ :.,–—-]|n\.?b\.?[ :]|c\.?c\b\.?[ :]|encl?s?\b\.?|copy to\b|copies to\b", re.I)
_BULLET = re.compile(r"(?:[-*•·]|\d{1,2}[.)])\s")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_NAME = re.compile(
    r"[-–—~/*\s]*[^\W\d_][\w'’-]*\.?"  # a word or an initial, after a dash perhaps
    r"(?:(?: *(?:&|,) *| and | )[^\W\d_][\w'’-]*\.?){0,4}"
    r"(?: ?\([\w /.]{2,20}\))?[\s,.!*]*[^\w\s]{0,3}$"  # "(Mrs)"; a sign or an emoji
)
_KISSES = re.compile(r"(?<=\s)x{1,5}\W*$")

_Evidence = Literal["contact", "post", "short", "prose"]


def kinds(lines: list[Line]) -> list[Literal["", "signature", "disclaimer"]]:
    """For every line of a run of one writer's lines: "signature", "disclaimer" or "" (their words)."""
    marks: list[Literal["", "signature", "disclaimer"]] = [""] * len(lines)
    _disclaimers(lines, marks)
    _devices(lines, marks)
    if not _marked(lines, marks):
        start = 0
        for stop in _piece_ends(lines, marks):
            _signature(lines, marks, start, stop)
            start = stop
    return marks


def _piece_ends(lines: list[Line], marks: list) -> list[int]:
    """Where a signature may end: before a postscript or copy line near the end, before what is marked already, and at the end."""
    near = [i for i in range(len(lines)) if lines[i].text][-_REACH:]
    return [*(i for i in near if _POSTSCRIPT.match(lines[i].text) or (marks[i] and not (i and marks[i - 1]))), len(lines)]


# --- signatures ------------------------------------------------------------------------------------------------------------


@cache
def _vocabulary(name: str) -> re.Pattern[str]:
    return re.compile(any_of(words()["ending"][name]), re.I)


@cache
def _labelled() -> re.Pattern[str]:
    return re.compile(any_of(words()["ending"]["labels"]) + r"\W{0,4}(?:[:+(]|\d{3})|\b\w+ (?:no|number)\.? *:? *\d", re.I)


def _evidence(text: str) -> _Evidence:
    """What a line is to a signature."""
    if len(text) > _LONGEST or _BULLET.match(text):
        return "prose"
    spoken = _WORD.findall(text)
    sentence = len(_vocabulary("prose").findall(text))
    contact = len(_EMAIL.findall(text)) + len(_PHONE.findall(text)) + len(_WEB.findall(text)) + len(_POSTCODE.findall(text))
    contact += bool(_labelled().match(text))
    if (
        (text.endswith(":") and not contact)
        or sentence >= 2
        or (sentence and len(spoken) > 8)
        or (len(spoken) > 5 and text.endswith((".", "?", "!", ":")) and not contact)
        or (len(spoken) > 3 and text.endswith((".", "?", "!")) and not _labelled().match(text))  # "Jean's number is 07700 900123."
    ):
        return "prose"
    if contact and len(spoken) <= 8 + 4 * contact:
        return "contact"
    if len(spoken) <= 12 and spoken and (text[0].isupper() or text[0].isdigit() or not sentence):
        if _vocabulary("posts").search(text) or _vocabulary("organisations").search(text):
            return "post"
        if _vocabulary("places").search(text) and (text[0].isdigit() or "," in text or len(spoken) <= 5):
            return "post"
    if len(spoken) <= 6 and not sentence and (text[0].isupper() or len(spoken) <= 2):
        return "short"
    return "prose"


def _sign_off(text: str) -> bool:
    """ "Kind regards,", "Love and hugs", "Thanks - Kim", "Ruth xx"."""
    closing = bool(_vocabulary("closings").search(text) or _KISSES.search(text))
    return closing and len(text) <= 60 and len(text.split()) <= 7 and not text.endswith("?")


def _name(text: str) -> bool:
    return len(text) <= 60 and len(text.split()) <= 6 and bool(_NAME.match(text)) and _evidence(text) == "short"


def _after_names(lines: list[Line], shown: list[int], at: int) -> int:
    """The index into `shown` after the name lines that begin there."""
    first = at
    while at < len(shown) and at < first + 3:
        text = lines[shown[at]].text
        titled = _vocabulary("titles").match(text)
        if at > first and not titled and not _shared(text, lines[shown[first]].text) and _evidence_follows(lines, shown, at + 1):
            break
        if not _name(text):
            break
        at += 1
    return at


def _shared(one: str, other: str) -> bool:
    """Whether two names can be one person's: a word, or an initial, in common."""
    left, right = set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))
    initials = {w[0] for w in left}
    return bool(left & right) or any(len(w) <= 3 and set(w) <= initials for w in right)


def _evidence_follows(lines: list[Line], shown: list[int], at: int) -> bool:
    return any(_evidence(lines[i].text) in ("contact", "post") for i in shown[at : at + 4])


def _signature(lines: list[Line], marks: list, start: int, stop: int) -> None:
    """Marks the post, organisation and contact lines after the last sign-off, or after a bare name at the end."""
    shown = [i for i in range(start, stop) if lines[i].text and not marks[i]][-_REACH:]
    if not shown:
        return
    for at in range(len(shown) - 1, -1, -1):
        if _sign_off(lines[shown[at]].text):
            if _mark_block(lines, marks, shown, _after_names(lines, shown, at + 1), least=1):
                return
            break
    # No sign-off: the lines at the end that no sentence interrupts.
    top = len(shown)
    while top and _evidence(lines[shown[top - 1]].text) != "prose" and not _sign_off(lines[shown[top - 1]].text):
        top -= 1
    if top and lines[shown[top - 1]].text.endswith(":"):
        return  # "You can reach her at:" — the block is what the letter is about
    while top < len(shown):
        text = lines[shown[top]].text
        apart = top == 0 or not lines[shown[top] - 1].text or lines[shown[top - 1]].text.endswith((".", "!", "?"))
        # One line under a name is believed on less than a list of them.
        if (
            apart
            and _name(text)
            and _mark_block(lines, marks, shown, _after_names(lines, shown, top), least=1 if len(shown) - top == 2 else 2)
        ):
            return
        if apart and top and _evidence(text) == "post" and _mark_block(lines, marks, shown, top, least=3):
            return
        top += 1


def _mark_block(lines: list[Line], marks: list, shown: list[int], begin: int, least: int) -> bool:
    """Marks the block from `begin` on if its lines hold enough evidence: a way to reach somebody counts two, a post or a link one."""
    end, weight = begin, 0
    for at in range(begin, len(shown)):
        evidence = _evidence(lines[shown[at]].text)
        if evidence == "prose" or _sign_off(lines[shown[at]].text):
            break
        if evidence in ("contact", "post"):
            weight += 2 if evidence == "contact" and not _WEB.match(lines[shown[at]].text) else 1
            end = at + 1
    else:
        end = len(shown) if weight else end
    if weight < least or end <= begin:
        return False
    for i in range(shown[begin], shown[end - 1] + 1):
        marks[i] = marks[i] or "signature"
    return True


def _marked(lines: list[Line], marks: list) -> bool:
    """Signatures that say so: markup, or the "-- " line of RFC 3676, 4.3. A sign-off inside markup stays the writer's words."""
    i, found = 0, False
    while i < len(lines):
        if lines[i].mark == "signature":
            stop = i
            while stop < len(lines) and (lines[stop].mark == "signature" or not lines[stop].text):
                stop += 1
            shown = [j for j in range(i, stop) if lines[j].text]
            above = next((lines[j].text for j in range(i - 1, max(-1, i - 4), -1) if lines[j].text), "")
            skip = 0
            if shown and _sign_off(lines[shown[0]].text):
                skip = _after_names(lines, shown, 1)
            elif _sign_off(above):
                skip = _after_names(lines, shown, 0)
            for j in range(shown[skip] if skip < len(shown) else stop, stop):
                marks[j] = marks[j] or "signature"
            i, found = stop, True
        elif lines[i].text in ("--", "—", "- --") and sum(bool(line.text) for line in lines[i + 1 : i + 60]) <= 25:
            for j in range(i, len(lines)):
                if _POSTSCRIPT.match(lines[j].text):
                    break
                marks[j] = marks[j] or "signature"
            return True
        else:
            i += 1
    return found


@cache
def _device() -> re.Pattern[str]:
    ending = words()["ending"]
    return re.compile(rf"\W*{any_of(ending['sent'])}.{{0,40}}{any_of(ending['devices'])}", re.I)


def _devices(lines: list[Line], marks: list) -> None:
    """ "Sent from my iPhone", alone in its paragraph."""
    for i, line in enumerate(lines):
        if marks[i] or len(line.text) > 90 or len(line.text.split()) > 12 or not _device().match(line.text):
            continue
        following = lines[i + 1].text if i + 1 < len(lines) else ""
        if not following or marks[i + 1] or _device().match(following) or _RULED.fullmatch(following):
            marks[i] = "signature"


# --- disclaimers -----------------------------------------------------------------------------------------------------------

_RULED = re.compile(r"[\W_]{3,}")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I've|I'll|my|me)\b")


@cache
def _ideas() -> tuple[re.Pattern[str], list[re.Pattern[str]], list[re.Pattern[str]], re.Pattern[str]]:
    said = words()["disclaimer"]
    compiled = lambda group: [re.compile(idea, re.I | re.S) for idea in group]
    heading = re.compile(rf"\W*(?:(?:{said['heading']}|e-?mail|and|privacy|this|security|information)\W*){{1,5}}", re.I)
    return re.compile(said["carrier"], re.I), compiled(said["strong"]), compiled(said["weak"]), heading


def _weight(text: str, beside: bool) -> int:
    """The weight of a text as a disclaimer; one beside a disclaimer need not name itself."""
    carrier, strong, weak, _ = _ideas()
    named = bool(carrier.search(text))
    if not (named or beside):
        return 0
    heavy = sum(bool(idea.search(text)) for idea in strong)
    if not (heavy or beside):
        return 0
    # People say "I"; disclaimers do not.
    return 2 * heavy + sum(bool(idea.search(text)) for idea in weak) + named - 2 * bool(_FIRST_PERSON.search(text))


def _chunks(lines: list[Line]) -> list[tuple[int, int]]:
    """Runs of lines that a mail program may have broken one paragraph into."""
    chunks, first = [], 0
    for i in range(1, len(lines) + 1):
        if i < len(lines) and lines[i].text and lines[i - 1].text and len(lines[i - 1].text) >= 45 and i - first < 40:
            continue
        if lines[first].text:
            chunks.append((first, i))
        first = i
    return chunks


def _disclaimers(lines: list[Line], marks: list) -> None:
    """Marks the paragraphs that are disclaimers, and the headings and rules that go with them."""
    chunks = _chunks(lines)
    texts = [" ".join(line.text for line in lines[first:stop])[:4000] for first, stop in chunks]
    for at, text in enumerate(texts):
        beside = len(text) > 20 and any(marks[chunks[n][0]] for n in range(max(0, at - 2), at))
        if _weight(text, beside) >= 3:
            _mark_chunk(marks, chunks[at])
    # Headings and rules go with the disclaimer under or around them.
    heading = _ideas()[3]
    for at in range(len(chunks) - 1, -1, -1):
        text = texts[at]
        under = at + 1 < len(chunks) and marks[chunks[at + 1][0]]
        over = at > 0 and marks[chunks[at - 1][0]]
        if not marks[chunks[at][0]] and ((under and heading.fullmatch(text[:80])) or ((under or over) and _RULED.fullmatch(text[:200]))):
            _mark_chunk(marks, chunks[at])
    for above, below in pairwise(chunks):
        if marks[above[0]] == marks[below[0]] == "disclaimer":
            _mark_chunk(marks, (above[1], below[0]))


def _mark_chunk(marks: list, chunk: tuple[int, int]) -> None:
    for i in range(*chunk):
        marks[i] = "disclaimer"
