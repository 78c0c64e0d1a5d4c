"""Letters to measure with: invented people of the invented council that comes with the product, and sentences written for this file.

They are the same in every run. A third of them hold something to warn about, each check in its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random
from typing import Any

WORDS = 150

Draft = dict[str, Any]  # as clients send it

MEMBERS = (
    ("c.bramhall@dunmoor.gov.uk", "Cllr Carol Bramhall", "Ward member for Riverside"),
    ("i.osei@dunmoor.gov.uk", "Cllr Isaac Osei", "Ward member for Riverside"),
    ("h.lund@dunmoor.gov.uk", "Cllr Hanna Lund", "Ward member for Hill"),
    ("v.marsh@dunmoor.gov.uk", "Cllr Victor Marsh", "Ward member for Castle"),
)
OFFICERS = (
    ("s.varma@dunmoor.gov.uk", "Sanjay Varma", "Head of Planning"),
    ("r.tandy@dunmoor.gov.uk", "Ruth Tandy", "Planning Officer"),
    ("b.nolan@dunmoor.gov.uk", "Bridie Nolan", "Housing Officer"),
    ("l.frost@dunmoor.gov.uk", "Lena Frost", "Town Clerk"),
)
RESIDENTS = (
    ("elsie.thorncroft@mail.example", "Elsie Thorncroft", ""),
    ("bryn.oakhanger@post.example", "Bryn Oakhanger", ""),
    ("nadia.fellgate@mail.example", "Nadia Fellgate", ""),
    ("tobias.wexcombe@letters.example", "Tobias Wexcombe", ""),
)
PEOPLE = {"member": MEMBERS, "officer": OFFICERS, "resident": RESIDENTS}

STREETS = ("Mill Lane", "Tanners Row", "Quarry Road", "Beacon Hill", "Weir Street", "Old Drove", "Chapel Walk", "Station Approach")
DAYS = ("Monday 3 March", "Tuesday 11 March", "Wednesday 2 April", "Thursday 24 April", "Friday 9 May", "Monday 19 May")

TOPICS = {
    "Drainage in {street}": (
        "The gully outside number {number} in {street} has overflowed three times since the winter.",
        "The contractor cleared the lower part of the drain on {day}, and the upper part is still silted.",
        "Water stands on the pavement after every shower, and pushchairs have to go out into the road.",
        "A survey with a camera would show whether roots have come through the joints of the pipe.",
    ),
    "Planning application for {street}": (
        "The application for the old bakery in {street} comes before the committee on {day}.",
        "The revised drawings lower the ridge by almost a metre and move the bins to the north side.",
        "Eleven representations have been received so far, most of them about light and about parking.",
        "The highways note asks for a turning space that the first layout did not have.",
    ),
    "Street lighting in {street}": (
        "Four lamps between the library and number {number} in {street} have been out for a fortnight.",
        "The new lanterns use about half the current and can be dimmed after midnight.",
        "People who come home from the late train have asked when the lamps will be lit again.",
        "The supplier expects the spare parts in the week that begins on {day}.",
    ),
    "Allotments behind {street}": (
        "The waiting list for the allotments behind {street} has grown to {number} names.",
        "Two plots were given up in the autumn and could be split into halves for beginners.",
        "The tap by the gate leaks, and the hedge along the footpath wants cutting before nesting.",
        "The association would like to hold its open day on {day} and needs the field for cars.",
    ),
    "Grant for the hall in {street}": (
        "The trustees of the hall in {street} have sent their accounts and three quotations for the roof.",
        "The lowest quotation is for £{number},400 and includes the scaffolding on the street side.",
        "The panel meets on {day} and can look at papers that arrive a week before.",
        "The hall is used by a lunch club, two choirs and a class in first aid.",
    ),
    "Speed of traffic in {street}": (
        "The count in {street} shows {number},200 vehicles a day, about a tenth of them heavy.",
        "The average speed lies at thirty-one miles an hour, a little above the limit.",
        "The school has asked whether the crossing could be moved nearer to its gate.",
        "The police have offered to bring the speed indicator for a week from {day}.",
    ),
    "Recycling round for {street}": (
        "The round for {street} was missed on {day} because two vehicles were off the road.",
        "The crew came back the next morning and collected glass and paper as far as number {number}.",
        "The new calendar was printed before the change of day and shows the wrong week.",
        "A corrected card went through the doors on Saturday and is on the noticeboard too.",
    ),
}

GENERAL = (
    "I have read the papers that came with your letter and found them clear.",
    "It would help to know which of the two dates suits you better.",
    "The figures in the second table differ from those of last year, and I should like to understand why.",
    "There may be a simple reason for this that is not in the report.",
    "The minutes of the last meeting are on the website under the usual heading.",
    "I walked along there at the weekend and saw much the same thing.",
    "Nothing has been settled yet, and all of this can still be discussed.",
    "A short note with the main points would be enough for the time being.",
    "The matter has been on the list for some time and deserves an answer.",
    "Several neighbours have mentioned it to me in the past month.",
    "I understand that the budget for this year has largely been spent.",
    "Perhaps the two schemes could be looked at together, since they share a boundary.",
    "The map that is attached marks the places in question with a cross.",
    "We spoke about a similar case in the spring, which ended well.",
    "If there is a form to fill in, please let me have a link to it.",
    "The weather has not been kind to the road surface this winter.",
    "Some of the history is in the file, and some of it only in people's memory.",
    "There is no great hurry, though an answer before the holidays would be welcome.",
    "The consultation closes at the end of the month and anybody may reply.",
    "I would rather ask twice than have a misunderstanding about this.",
    "The parish has been told and has no objection in principle.",
    "My notes of the visit are a page long and can be had on request.",
    "It seems sensible to wait for the survey before anything is ordered.",
    "The last letter on this subject is from the autumn, as far as I can see.",
)


@dataclass(frozen=True)
class Trouble:
    """One thing that a council's protocol would object to, and between whom."""

    sender: str
    to: str
    said: str
    headers: Draft = field(default_factory=dict)


def _also(*addresses: str) -> list[Draft]:
    return [{"address": address} for address in addresses]


TROUBLES = (
    Trouble("member", "officer", "As ever, I keep this between the two of us.", {"bcc": _also("d.pym@dunmoor.gov.uk")}),
    Trouble("member", "officer", "You looked gorgeous at the civic dinner, darling, and I owe you a drink xx"),
    Trouble("member", "officer", "Frankly, you are lazy and incompetent, and your whole team is a joke."),
    Trouble(
        "member",
        "officer",
        "Mrs Ada Larkrise of 14 Fuller Close has depression; her NI number is AB 12 34 56 C and her NHS number 943 476 5919.",
        {"cc": _also("h.lund@dunmoor.gov.uk")},
    ),
    Trouble("member", "resident", "The council will pay for the damage to your wall and will repair the pavement before June."),
    Trouble("officer", "member", "The officer's view has not changed since then.", {"cc": _also("d.pym@dunmoor.gov.uk")}),
    Trouble("member", "officer", "I am instructing you to refuse this application and to stop the works today."),
    Trouble("member", "officer", "Change your recommendation before the meeting or I will see to it that your post is looked at."),
    Trouble("member", "resident", "I write for and on behalf of the Council, which has decided to refuse your request."),
    Trouble("member", "officer", "Could your team print the leaflets for our campaign and help us to canvass for votes on Saturday?"),
    Trouble(
        "officer", "resident", "STRICTLY CONFIDENTIAL: what follows is from the exempt part of the agenda and was given in confidence."
    ),
    Trouble(
        "officer",
        "resident",
        "You can ring me on 07700 900461, and the refund goes to GB82 WEST 1234 5698 7654 32 as you asked.",
        {"cc": _also("ivy.marlpit@mail.example", "jonah.setchell@post.example", "pru.dovecote@letters.example")},
    ),
    Trouble("officer", "member", "ONLY AN IDIOT WOULD ASK SUCH A THING, SO SHUT UP AND STOP WASTING OUR TIME."),
)
PLAIN = (("member", "officer"), ("officer", "member"), ("member", "resident"), ("officer", "resident"))


def letters(number: int = 60, words: int = WORDS) -> list[Draft]:
    """The first `number` letters, each of about so many words."""
    return list(islice(_endless(words), number))


def long_letter(characters: int, *, recipients: int = 1, thread: bool = False) -> Draft:
    """One letter with a body of just so many characters, made of the sentences of many.

    With `thread` the second half of the body is the correspondence before it, quoted deeper and deeper, up to five times.
    """
    own = characters // 2 if thread else characters
    others = _endless(WORDS)
    first = next(others)
    parts: list[str] = []
    length = quoted = 0
    while length < characters:
        letter = next(others)
        part = _middle(letter)
        if length >= own:
            head = f"On {DAYS[quoted % len(DAYS)]} 2025 at 09:{quoted % 60:02}, {letter['sender']['name']} wrote:"
            mark = "> " * min(quoted, 4)
            lines = (f"{mark}{head}", *(f"{mark}> {line}" for line in (*part.splitlines(), letter["sender"]["name"])))
            part = "\n".join(lines)
            quoted += 1
        parts.append(part)
        length += len(part) + 2
    body = "\n\n".join(("Dear colleague,", *parts))[:characters]
    everybody = _also(*(f"resident.{i}@mail.example" for i in range(1, recipients)))
    return first | {"to": first["to"] + everybody, "cc": [], "bcc": [], "body": body}


def _endless(words: int) -> Iterator[Draft]:
    random = Random(1894)  # the year that gave England its parish councils
    for i in count():
        trouble = TROUBLES[i // 3 % len(TROUBLES)] if i % 3 == 2 else None
        yield _letter(random, trouble or Trouble(*PLAIN[i % len(PLAIN)], said=""), words)


def _letter(random: Random, about: Trouble, words: int) -> Draft:
    sender, reader = random.choice(PEOPLE[about.sender]), random.choice(PEOPLE[about.to])
    subject = random.choice(tuple(TOPICS))
    slots = {"street": random.choice(STREETS), "day": random.choice(DAYS), "number": random.randint(2, 96)}
    head, foot = f"Dear {reader[1]},", "\n".join(("Kind regards,", *sender[1:]))
    told = [*random.sample(TOPICS[subject], 3), *([about.said] if about.said else [])]
    for sentence in random.sample(GENERAL, len(GENERAL)):
        if len(" ".join((head, *told, foot)).split()) > words - 8:
            break
        told.insert(random.randint(1, len(told)), sentence)
    third = len(told) // 3 + 1
    paragraphs = [" ".join(told[at : at + third]).format(**slots) for at in range(0, len(told), third)]
    return {
        "sender": {"address": sender[0], "name": sender[1]},
        "to": [{"address": reader[0], "name": reader[1]}],
        "subject": subject.format(**slots),
        "body": "\n\n".join((head, *paragraphs, foot)),
        **about.headers,
    }


def _middle(letter: Draft) -> str:
    """A letter's text without its greeting and its ending."""
    return "\n\n".join(letter["body"].split("\n\n")[1:-1])
