"""UK identifiers: what is found, what is left alone and what it costs. All data are invented or from published test ranges."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.language.identifiers import Kind, find

# In a sample, [KIND:text] stands for `text`, to be found as that kind. Nothing else may be found.
FOUND = r"""
Her NHS number is [NHS_NUMBER:943 476 5919].
NHS no: [NHS_NUMBER:9434765919]
NHS No. [NHS_NUMBER:943-476-5919], seen at the surgery
(NHS [NHS_NUMBER:401 023 2137])
patient nhs number [NHS_NUMBER:4010232137] please
The referral quotes [NHS_NUMBER:943 476 5919] throughout.
[NHS_NUMBER:9434765919] is her NHS number.
CHI number [NHS_NUMBER:0101701237] for the Scottish record
NHS number with a slip: [NHS_NUMBER:943 476 5918]
his nhs num is [NHS_NUMBER:999 000 0018]
Her NI number is [NATIONAL_INSURANCE:JG 10 37 59 A].
National Insurance: [NATIONAL_INSURANCE:JG103759A]
nino [NATIONAL_INSURANCE:jg103759a]
[NATIONAL_INSURANCE:JG-10-37-59-A] was on the form
my national insurance number is [NATIONAL_INSURANCE:jg 10 37 59 a]
NI no. [NATIONAL_INSURANCE:AB123456C]
The claim form gives [NATIONAL_INSURANCE:AB 12 34 56 C] for him.
NINO: [NATIONAL_INSURANCE:QQ 12 34 56 C] as in the guidance
Nat Ins [NATIONAL_INSURANCE:JG.10.37.59.A]
NI number [NATIONAL_INSURANCE:JG103759]
UTR [UTR:1955839661]
His Unique Taxpayer Reference is [UTR:19558 39661].
self assessment [UTR:1955839661K] received
tax reference: [UTR:1955839661]
Passport number [PASSPORT:533380006]
her passport no. is [PASSPORT:925 665 416]
passport: [PASSPORT:K12345678]
Passport (Irish) [PASSPORT:PA1234567] was copied
Driving licence [DRIVING_LICENCE:MORGA657054SM9IJ]
[DRIVING_LICENCE:MORGA 657054 SM9IJ] was scanned
licence number [DRIVING_LICENCE:PELL9804125J99FG 21]
her driver's licence is [DRIVING_LICENCE:morga657054sm9ij]
driving licence (NI) [DRIVING_LICENCE:12345678]
She drives a blue Fiesta, [VEHICLE:AB12 CDE].
A white van [VEHICLE:LK19ABC] blocks the lane
reg [VEHICLE:yk68 xyz] parked on the verge every night
[VEHICLE:MW21 FGH] was there again on Sunday.
Number plate: [VEHICLE:A123 BCD]
The old Ford is [VEHICLE:P482 KLM], rusted through
registration [VEHICLE:ABC 123D] on blocks
his plate is [VEHICLE:JIG 4021]
the car reg no. is [VEHICLE:wr04 kdm]
Vehicle [VEHICLE:BD51-SMR] abandoned
[VEHICLE:AB12 CDE] is his car
UPRN [UPRN:100012345678]
uprn: [UPRN:10008889999] for the flat
Sort code [BANK_ACCOUNT:20-00-00 account 55779911]
Her account is [BANK_ACCOUNT:55779911 and the sort code is 20-00-00]
[BANK_ACCOUNT:20-00-00 55779911] please pay in
Please refund to [BANK_ACCOUNT:20-00-00, 55779911].
account number [BANK_ACCOUNT:55779911, sort code 20-00-00]
sort code: [BANK_ACCOUNT:200000 Account no: 55779911]
[BANK_ACCOUNT:40 47 84 a/c 70872490] with the bank
sort code [BANK_ACCOUNT:12-34-56]
her bank account is [BANK_ACCOUNT:5577 9911]
IBAN [IBAN:GB82 WEST 1234 5698 7654 32]
Pay [IBAN:GB33BUKB20201555555555] today
iban: [IBAN:de89 3704 0044 0532 0130 00] he said
[IBAN:FR14 2004 1010 0505 0001 3M02 606]
Card [CARD:4111 1111 1111 1111] was charged twice
visa [CARD:4111111111111111]
paid with [CARD:5555-5555-5555-4444] on Monday
amex [CARD:3782 822463 10005]
[CARD:6011 1111 1111 1117] expired
Ring [PHONE:01632 960123]
ring her on [PHONE:07700 900123] after six
tel. [PHONE:(01632) 960 456]
Mobile: [PHONE:07700900456]
[PHONE:+44 7700 900789]
[PHONE:+44 (0)1632 960 001] office
Call [PHONE:0044 1632 960002] tomorrow
She is on [PHONE:020 7946 0123].
[PHONE:0113 496 0999] rings out
phone [PHONE:01632-960-777]
[PHONE:01632.960.888] was engaged
[PHONE:0161 496 0234 ext 5512]
[PHONE:01632 960123 x12] at work
text [PHONE:07700 900 222] or [PHONE:07700 900 333]
call 0 then hang up, or dial [PHONE:08081570123]
[PHONE:03069 990123] is the line
His number is [PHONE:07700900987] now
[PHONE:+353 20 912 3456] from Ireland
M: [PHONE:07700 900 118] T: [PHONE:029 2018 0456]
telephone [PHONE:0123456789]
Write to [EMAIL:p.pell@example.org].
<[EMAIL:pam.pell+bins@mail.example.co.uk]>
mailto:[EMAIL:tom@example.com]
"[EMAIL:o'hara@example.net]"
([EMAIL:first_last@example.museum])
Email is [EMAIL:R.Ashdown@Example.ORG], she says
[EMAIL:user@example.com] is a placeholder
[EMAIL:jürgen@bücher.example] wrote
[EMAIL:x@xn--bcher-kva.example]
*[EMAIL:bold@example.org]*
a@b then [EMAIL:real@example.org]
[EMAIL:one@example.org];[EMAIL:two@example.org]
https://example.org/unsubscribe?email=[EMAIL:tom@example.org]
[EMAIL:"pam pell"@example.org]
the postcode is [POSTCODE:SW1A 1AA]
[POSTCODE:M1 1AE] and [POSTCODE:B33 8TH]
Postcode [POSTCODE:CR2 6XH].
[POSTCODE:DN55 1PT], up north
[POSTCODE:EC1A1BB]
somewhere in [POSTCODE:NM4 7QT], she thought
round by [POSTCODE:po12 4gh] near the ferry
He lives at [STREET_ADDRESS:12 Mill Road].
[STREET_ADDRESS:12 Mill Road, Northmere, NM4 7QT]
[STREET_ADDRESS:12 Mill Road\nNorthmere\nNM4 7QT]
[STREET_ADDRESS:12a Weir Street]
[STREET_ADDRESS:Flat 3, 12 Mill Lane]
[STREET_ADDRESS:Flat 2/1, 14 Byre Road] is empty
[STREET_ADDRESS:4/5 Tanner Row] has damp
[STREET_ADDRESS:12-14 High Street] is scaffolded
the family at [STREET_ADDRESS:27 St Mary's Crescent]
[STREET_ADDRESS:9 Old Mill Lane, Northmere NM1 2AB] again
[STREET_ADDRESS:3 Beech Grove] floods each winter
Noise from [STREET_ADDRESS:41 Upper Beck Terrace] again.
[STREET_ADDRESS:18 Kings Avenue] and [STREET_ADDRESS:20 Kings Avenue] share it
[STREET_ADDRESS:6 Hill Park Avenue]
Next door, [STREET_ADDRESS:7 The Laurels]
[STREET_ADDRESS:5 The Close]
[STREET_ADDRESS:12 Mill Lane]'s roof leaks
[STREET_ADDRESS:12 MILL ROAD, NORTHMERE NM4 7QT]
[STREET_ADDRESS:12 mill Road] is empty
[STREET_ADDRESS:10 St. Mary's Road], where she was born
Flat above the shop, [STREET_ADDRESS:22 High Street]
Mrs Pell, [STREET_ADDRESS:12, Mill Lane], has written
they moved to [STREET_ADDRESS:12 Larkfields] in May
[STREET_ADDRESS:14 tanner st nm4 7qt]
she is at [STREET_ADDRESS:12 mill road] i think
[STREET_ADDRESS:3 weir st]
lives at [STREET_ADDRESS:41 Beckside], next to the bakery
Mrs Pell of [STREET_ADDRESS:41 Beckside] called
Tom Ashdown, of [STREET_ADDRESS:7 Larkfield], objects
We are at [STREET_ADDRESS:22 Fellgarth] if you want to look
address: [STREET_ADDRESS:19 Northgate]
Mrs Pell ([STREET_ADDRESS:41 Beckside]) rang
Mr Tom Ashdown, [STREET_ADDRESS:41 Beckside], rang
Home is [STREET_ADDRESS:8 Swinegate] now
He lives at no. [STREET_ADDRESS:4 Beckside]
no [STREET_ADDRESS:4 Beck Close]
she lives at [STREET_ADDRESS:41 beckside]
[STREET_ADDRESS:Rose Cottage, Mill Lane]
lives at [STREET_ADDRESS:Brook Farm, Weir Road, Northmere NM3 4AB]
[STREET_ADDRESS:12 Heol y Felin]
[STREET_ADDRESS:4 Ffordd Deg]
[STREET_ADDRESS:Flat 12 Beckside Court]
[STREET_ADDRESS:2 Quarry Cottages]
[STREET_ADDRESS:16 Abbey View], where it leaks
[STREET_ADDRESS:3 Mill Road North]
12. [STREET_ADDRESS:14 Mill Road]: bins
[STREET_ADDRESS:33 Burnside Wynd] and the brae
The council offices, [STREET_ADDRESS:1 Castle Street, Northmere NM1 1AA]
DOB [DATE_OF_BIRTH:12/03/1957]
born [DATE_OF_BIRTH:4 May 1962]
She was born on [DATE_OF_BIRTH:4th of May 1962] in Leeds
date of birth: [DATE_OF_BIRTH:12.3.57]
d.o.b. [DATE_OF_BIRTH:1957-03-12]
(DOB [DATE_OF_BIRTH:01-02-2015])
[DATE_OF_BIRTH:12 March 1957] (date of birth)
her birthday is [DATE_OF_BIRTH:March 12, 1957]
Date of Birth\n[DATE_OF_BIRTH:12 Mar 1957]
dob [DATE_OF_BIRTH:1/2/09] for the boy
The council tax account is [COUNCIL_TAX:70041826].
council tax ref [COUNCIL_TAX:7004182-6]
Her council tax account for the flat is [COUNCIL_TAX:70041826]
Council Tax: [COUNCIL_TAX:CT/7004182]
ctax no [COUNCIL_TAX:700418265]
council tax account number:\n[COUNCIL_TAX:70041826]
Housing benefit claim [BENEFIT:HB/2231907]
universal credit ref [BENEFIT:UC-0041234]
her PIP claim no. [BENEFIT:20417733]
benefit claim number is [BENEFIT:2231907]
HB ref [BENEFIT:2231907]
Her claim number is [BENEFIT:HB2231907]
Ref: [COUNCIL_TAX:CT/7004182]
council tax reduction claim [BENEFIT:4412907]
rent ref [HOUSING:5500123-7]
Her rent account is [HOUSING:5500123].
tenancy number [HOUSING:TN/20417]
housing application no. [HOUSING:118822]
homelessness application ref [HOUSING:HL-20931]
CBL ref [HOUSING:4400712]
housing register number [HOUSING:A118822]
case no [CASE_REFERENCE:ASB-20931]
Complaint reference [CASE_REFERENCE:CMP-0417-22]
customer number [CASE_REFERENCE:10044231]
case [CASE_REFERENCE:ASB-20931] is still open
safeguarding ref [CASE_REFERENCE:SG/10042]
crime number [CASE_REFERENCE:44/10922/24]
case [CASE_REFERENCE:0123456789]
🙂🙂 NHS [NHS_NUMBER:943 476 5919] 🙂 and [PHONE:07700 900123]
NHS no. [NHS_NUMBER:943\u00a0476\u00a05919], tel [PHONE:01632\u00a0960\u00a0123]
NHS [NHS_NUMBER:943\u2011476\u20115919]
İstanbul, then [PHONE:07700 900123]
NHS and mobile: [NHS_NUMBER:943 476 5919], [PHONE:07700 900123]
Name: P Pell\nDOB: [DATE_OF_BIRTH:1/2/1960]\nNI: [NATIONAL_INSURANCE:JG103759A]\nTel: [PHONE:01632 960123]
"""

LEFT_ALONE = r"""
The meeting is on 24 March 2025 at 7.30pm in room 114.
Order 9434765919 left the depot.
Please quote 9434765919 when you write.
The barcode reads 9434765919.
A check digit is no proof: 4010232137
The total is £943,476 over 5 years.
943 476 5918 does not add up
Turnover was 943 476 591 in the year.
BG 12 34 56 C is no prefix
GB123456A appears in the log
form JG10 and form 37 59 A
the grid reference is NT 25 73 41 A
grid ref SK 123 456
TG 123456
The UTR of the motion is unclear
reference 1955839661 was entered
passport office, 24 March 2025
the passport fee is 88.50
533380006 votes were counted
the number plate was missing
AB12 was the file
AB12 cde
ab12 cde was the code
ZZ12 ABC is no plate
AB45 CDE is no age
SL-AB12CDE is the order
A123 BCD is a shelf mark
ABC 123D is the drawing
the A89 and the M62 and the B1234
B1234 car park
M62 car crash
A1 NHS car park
PO12 meeting
the SW1 area
we went to B33 and back
BS1 bus
in A1 2nd floor
W1 4th edition
PO12 4pm
ISO 9001 and EN 50131
version 1.2.3.4 of the site
server 192.168.10.20 is down
2025-03-24T10:00:00
20-00-00 is a time code
20-03-24 55 people came
sort codes are six digits
accounts for 2023-24 20240601
between 12-03-24 and 14-03-24
IBAN stands for something
GB82 WEST 1234 5698 7654 33
4111 1111 1111 1112
1234 5678 9012 3456
tracking 1234567890123456
ISBN 978 0 14 103614 4
ISBN 9780141036144
ISBN 0141036144
case of 24 bottles
ref 01632960417
Ref: 01632 960417
our reference 01632960417 of 3 May
order 07700900123
1632 960123
7700 900123 without its nought
713-853-1234 is American
01/02/2024 10:30 to 12:00
01.02.2024 10 people
0.1234567890
£01632 960123
01632 96
0000 000000
04123 456789
123 456 7890
phone 960123 from the village
2019 2020 2021 2022
see @northmere for news
user@ is not enough
@example.org
user@localhost
a@b
image001.png@01D9F2A4.5B3C7D10
3 @ 45p each
the 19 Bus
the 19 Bus stops at Mill Lane
3 Weir Street consultations
20 Mill Lane residents
20 Mill Lane residents wrote to us
All 14 Beech Grove households replied
the 12 Tanner Row objectors
paragraph 6.4
item 6
item 6 Mill Road
Item 6 Weir Street closure
agenda item 12 High Street
paragraph 4 Mill Road
24 March
24 March Road safety week
In 2024 Mill Road was closed.
2025 High Street fund
Mill Road is closed on 3 May
Mill Road and Weir Street
the corner of Mill Lane
page 3 Park View
section 106 agreement
the 106 Agreement
30 mph road
a 2 way street
20 minutes up the hill
3 doors down the road
5 star street food
10 years in the lane
6 new houses in the close
12 residents of mill road
2 bedroom house
a 4 bed court
25 metres of road
8 out of 10 roads
there were 41 Members present
a group of 12 Councillors
of 41 Responses received
Meet at 7 Thursday
at 10 March
at 6 Members arrived
motion no 4 Budget
Covid 19 High Street fund
£20 Mill Lane
12 people live on Mill Lane
10 trees on Weir Road
route 19 Mill Road
the 3 Weir Street schemes
The first 20 Mill Lane letters came
committee of 12 March 1957
the Act of 12 March 1957
minutes of 4 May 1962
12.3.1957
(12.3.1957)
Tom Ashdown (12.3.1957)
born in Leeds. The meeting of 12 March 1957 was quorate.
DOB 32/13/1957
dob 12 March
founded 4 May 1962
application 23/01234/FUL
planning application 23/01234/FUL at the site
APP/K0425/W/23/3312345
minute 114/25
Minute 114/25 of the housing committee
standing order 20417
SL-40417
street light SL-40417 is out
highways fault 101003498271
FOI 20931
in this case (Federal ID #: 76-0486649)
Tel 943 476 5919
Suite 207\nThe Woodlands
two engines at 72 - 73 MW each
FOI case no 4412907
planning enforcement case EN/23/00412
motion 20417
Ref: SL/7004182
order CT/7004182
Mr Pell, 3 Objections
Mrs Pell (2 March)
purchase order 4500123456
invoice INV-20417
council tax of £1,204.50
council tax for 2024/25
council tax rose by 4.99% to 2025
council tax band D 1204
housing benefit of 1,204 a year
rent arrears of £5500
tenancy began 01/02/2019
tenancy from 2019
the 2019 tenancy
housing application from 2021
complaint of 24 March 2025
in this case 20000 people
in any case 30
Total: 12\n\nMill Road is next
12\nMill Road
3 The Proposals
2 The Officers replied
In 2019 The Greens won
she moved 3 Amendments
we are 12 Councillors
We are in 3 Groups
12 noon Mill Road
case study 4
customer services 24/7
customer satisfaction 98.5%
benefits 12 families
universal credit since 2019
Room B12
Room 3.14
file report-2024-03-12.pdf
IMG_20240312_101500.jpg
IMG-20240312-WA0001.jpg
TRO 2023/114
https://example.org/item/9434765919/view
https://example.org/?id=07700900123
#07700900123
100% of 20417
12:30, 13:45 and 14:15
1,000,000 people
at 10.30 on 4.5.25
5-4-2 was the vote
3.5 tonnes, 7.2 m
Section 21 notice
Schedule 3 Part 2
Class E of the 1987 Order
S106/2023/00417
grid TQ 300 803
A4 and A3 prints
H2O, CO2 and PM2.5
COVID-19
G20 summit
1st, 2nd and 3rd of May
"""

_MARK = re.compile(r"\[([A-Z_]+):(.*?)\]", re.DOTALL)


def _samples(lines: str) -> list[str]:
    return [line.encode("raw_unicode_escape").decode("unicode_escape") if "\\" in line else line for line in lines.strip().splitlines()]


def _unmarked(sample: str) -> tuple[str, list[tuple[str, str]]]:
    return _MARK.sub(r"\2", sample), [(kind, words) for kind, words in _MARK.findall(sample)]


@pytest.mark.parametrize("sample", _samples(FOUND))
def test_found(sample: str) -> None:
    text, expected = _unmarked(sample)
    assert expected, "a sample must mark something"
    assert [(i.kind.name, text[i.start : i.end]) for i in find(text)] == expected


@pytest.mark.parametrize("sample", _samples(LEFT_ALONE))
def test_left_alone(sample: str) -> None:
    assert find(sample) == ()


def test_there_are_samples_of_every_kind() -> None:
    marked = [kind for sample in _samples(FOUND) for kind, _ in _unmarked(sample)[1]]
    assert set(marked) == {kind.name for kind in Kind}
    assert len(marked) >= 150
    assert len(_samples(LEFT_ALONE)) >= 150


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NHS 943-476-5919", "9434765919"),
        ("jg 10 37 59 a nino", "JG103759A"),
        ("reg yk68 xyz", "YK68XYZ"),
        ("sort code: 200000 Account no: 5577 9911", "200000/55779911"),
        ("IBAN gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("tel 0044 (0)1632 960002 ext. 7", "+441632960002;ext=7"),
        ("tel (01632) 960 002", "+441632960002"),
        ("R.Ashdown@Example.ORG", "r.ashdown@example.org"),
        ("sw1a1aa nothing, but SW1A1AA", "SW1A 1AA"),
        ("12 Mill Road,\nNorthmere\nNM4 7QT", "12 mill road northmere nm4 7qt"),
        ("born 4 May 62", "1962-05-04"),
        ("dob 1/2/09", "2009-02-01"),
        ("rent ref 5500123-7", "5500123-7"),
    ],
)
def test_value(text: str, value: str) -> None:
    assert find(text)[-1].value == value


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("NHS number 943 476 5919", "quoting 943 476 5919"),
        ("NHS number 943 476 5919", "NHS number 943 476 5918"),
        ("NI number JG103759A", "NI number QQ123456C"),
        ("parked car AB12 CDE", "seen: AB12 CDE"),
        ("tel 01632960123", "on 01632960123"),
        ("12 Mill Road", "12 mill road"),
        ("SW1A 1AA", "NM4 7QT"),
        ("lives at 41 Beckside", "lives at 41 beckside"),
        ("council tax account 70041826", "case number 70041826"),
    ],
)
def test_certainty_follows_context(surer: str, less_sure: str) -> None:
    (a,), (b,) = find(surer), find(less_sure)
    assert a.certainty > b.certainty > 0


def test_pipeline_sets_identifiers() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("uk_identifiers")
    doc = nlp("Ring 01632 960123, Pam")
    assert doc._.identifiers == find(doc.text)
    assert doc._.identifiers[0].kind is Kind.PHONE


_PIECES = [*"0123456789 .-/@()+\nabAB£🙂İ", "NHS ", "12 Mill Road ", "01632 960123", "JG103759A", "born ", "NM4 7QT", "case no "]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_spans_are_ordered_and_apart(text: str) -> None:
    found = find(text)
    assert all(0 <= i.start < i.end <= len(text) and 0 < i.certainty <= 1 and i.value for i in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_surroundings_are_survived(before: str, after: str) -> None:
    text = f"{before}\n\nNHS number 943 476 5919.\n\n{after}"
    start = len(before) + 2 + len("NHS number ")
    assert any(i.kind is Kind.NHS_NUMBER and i.start == start and i.end == start + 12 for i in find(text))


_SIZE = 300_000  # what takes the square of the time would need minutes
_NUMBER = "\n\nHer NI number is JG 10 37 59 A."
_HOSTILE = [
    "1",
    " ",
    "A1 ",
    "@",
    "a@",
    "1-",
    "0 ",
    "(0",
    "+44 ",
    "a.",
    "12 ",
    "1 a a a ",
    "12 mill ",
    "case no ",
    "20-00-00 ",
    "GB82 WEST 1234 ",
    "lives at 4 ",
    "İ1 ",
    '"a',
    "flat 1, aa ",
    "nhs ",
    "\n",
]


@pytest.mark.parametrize("piece", _HOSTILE)
def test_a_number_behind_hostile_input_is_found(piece: str) -> None:
    text = piece * (_SIZE // len(piece)) + _NUMBER
    last = find(text)[-1]
    assert (last.kind, text[last.start : last.end]) == (Kind.NATIONAL_INSURANCE, "JG 10 37 59 A")


def test_a_number_behind_random_characters_is_found() -> None:
    pick = random.Random(7)
    text = "".join(pick.choice("0123456789 ab-@./A\n") for _ in range(_SIZE)) + _NUMBER
    last = find(text)[-1]
    assert (last.kind, text[last.start : last.end]) == (Kind.NATIONAL_INSURANCE, "JG 10 37 59 A")
