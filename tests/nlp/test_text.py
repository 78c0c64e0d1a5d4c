"""Whose words are whose: samples of what mail programs write, each written for this test."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.text import Mailbox, Text, read


def said(text: Text, kind: str, message: int | None = 0) -> str:
    """What the zones of one kind hold, stripped."""
    return "".join(text.text[z.start : z.end] for z in text.zones if z.kind == kind and message in (None, z.message)).strip()


def sound(text: Text) -> bool:
    """The zones cover the text without gap or overlap, and messages lie inside it."""
    edges = [0, *(z.end for z in text.zones)]
    return (
        all(z.start == edge and z.end > z.start for z, edge in zip(text.zones, edges, strict=False))
        and edges[-1] == len(text.text)
        and all(0 <= m.start <= m.body_start <= m.end <= len(text.text) for m in text.messages)
        and all(z.message <= len(text.messages) for z in text.zones)
    )


OUTLOOK = """Dear Cllr Khan,

The bins go out on Friday.

Kind regards
Peter

From: Aisha Khan <a.khan@northmere.gov.uk>
Sent: 05 May 2026 10:22
To: Lowe, Peter <p.lowe@northmere.gov.uk>; Ann Reid [mailto:a.reid@northmere.gov.uk]
Cc: clerk@pitstone.example
Subject: Bins in Mill Lane

When do they go out?

Aisha
"""


# --- plain text: the thread --------------------------------------------------------------------------------------------------


def test_plain_text_is_kept_to_the_character():
    body = "Dear\xa0Ann,\r\n\r\n\tIt is done. \U0001f600\r\n> old\rlast"
    text = read(body)
    assert text.text == body
    assert sound(text)
    assert said(text, "quoted", 1).startswith("> old")


def test_outlook_header_block():
    text = read(OUTLOOK)
    assert said(text, "own").endswith("Peter")
    [message] = text.messages
    assert text.text[message.start : message.body_start].startswith("From: Aisha")
    assert text.text[message.body_start : message.end].strip().startswith("When do")
    assert message.sender == Mailbox("Aisha Khan", "a.khan@northmere.gov.uk")
    assert message.to == (Mailbox("Lowe, Peter", "p.lowe@northmere.gov.uk"), Mailbox("Ann Reid", "a.reid@northmere.gov.uk"))
    assert message.cc == (Mailbox("", "clerk@pitstone.example"),)
    assert (message.subject, message.date, message.forwarded) == ("Bins in Mill Lane", "05 May 2026 10:22", False)
    assert message.end == len(OUTLOOK)


@pytest.mark.parametrize(
    "header",
    [
        "________________________________\nFrom: Ann <a@b.uk>\nSent: 5 May 2026\nTo: Bob\nSubject: Bins",
        "-----Original Message-----\nFrom: Ann <a@b.uk>\nSent: 5 May 2026\nTo: Bob\nSubject: Bins",
        "*From:* Ann <a@b.uk>\n*Sent:* 5 May 2026\n*To:* Bob\n*Subject:* Bins",
        "From: Ann <a@b.uk>\r\nSent: 5 May 2026\r\nTo: Bob;\r\nCarol; Dave\r\nSubject: Bins",
        "From: Ann <a@b.uk>\n\nSent: 5 May 2026\n\nTo: Bob\n\nSubject: Bins",
        "Oddi wrth: Ann <a@b.uk>\nAnfonwyd: 5 Mai 2026\nAt: Bob\nPwnc: Bins",
        "De : Ann <a@b.uk>\nEnvoyé : 5 mai 2026\nÀ : Bob\nObjet : Bins",
        "Von: Ann <a@b.uk>\nGesendet: 5. Mai 2026\nAn: Bob\nBetreff: Bins",
        "De: Ann <a@b.uk>\nEnviado el: 5 de mayo\nPara: Bob\nAsunto: Bins",
        "Da: Ann <a@b.uk>\nInviato: 5 maggio\nA: Bob\nOggetto: Bins",
        "Van: Ann <a@b.uk>\nVerzonden: 5 mei\nAan: Bob\nOnderwerp: Bins",
        "Od: Ann <a@b.uk>\nWysłano: 5 maja\nDo: Bob\nTemat: Bins",
        "De: Ann <a@b.uk>\nEnviada em: 5 de maio\nPara: Bob\nAssunto: Bins",
    ],
)
def test_header_blocks_of_many_programs(header):
    text = read(f"Thank you.\n\n{header}\n\nTheir words.\n")
    assert said(text, "own") == "Thank you."
    [message] = text.messages
    assert message.sender == Mailbox("Ann", "a@b.uk")
    assert message.subject == "Bins"
    assert message.to[0] == Mailbox("Bob", "")


@pytest.mark.parametrize(
    "attribution",
    [
        "On 5 May 2026, at 10:22, Ann Reid <a@b.uk> wrote:",
        "On Tue, 5 May 2026 at 10:22, Ann Reid\n<a@b.uk> wrote:",
        "On Tue, 5 May 2026\nat 10:22, Ann Reid <\na@b.uk> wrote:",
        "Ar 5 Mai 2026 am 10:22, ysgrifennodd Ann Reid <a@b.uk>:",
        "Le mar. 5 mai 2026 à 10:22, Ann Reid <a@b.uk> a écrit :",
        "Am 05.05.2026 um 10:22 schrieb Ann Reid <a@b.uk>:",
        "El 5 may 2026, a las 10:22, Ann Reid <a@b.uk> escribió:",
        "Il giorno 5 mag 2026, alle ore 10:22, Ann Reid <a@b.uk> ha scritto:",
        "Op 5 mei 2026 om 10:22 schreef Ann Reid <a@b.uk>:",
        "W dniu 5.05.2026 o 10:22, Ann Reid <a@b.uk> pisze:",
        "Em 5 de mai. de 2026 10:22, Ann Reid <a@b.uk> escreveu:",
    ],
)
def test_attributions(attribution):
    text = read(f"Thank you.\n\n{attribution}\n> Their words.\n\nMine below.\n")
    assert said(text, "own").split() == ["Thank", "you.", "Mine", "below."]
    [message] = text.messages
    assert message.sender == Mailbox("Ann Reid", "a@b.uk")
    unmarked = read(f"Thank you.\n\n{attribution}\n\nTheir words.\n")
    assert said(unmarked, "own") == "Thank you."


def test_inline_replies_stay_own():
    text = read("Ann wrote:\n> Is it Friday?\nYes, it is.\n> At noon?\n>> older\n> Really?\nNo, at one.\n")
    assert said(text, "own").splitlines() == ["Yes, it is.", "No, at one."]
    assert [z.message for z in text.zones if z.kind == "quoted"] == [1, 1, 2, 1]
    assert len(text.messages) == 2


def test_a_wrapped_quoted_line_is_not_an_answer():
    text = read("> The committee will meet on Monday to talk about the road and the\nlibrary roof.\n> Bring the plans.\n")
    assert said(text, "own") == ""


def test_nested_headers_and_forwards():
    text = read(
        "For you.\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.uk>\nDate: Tue, 5 May 2026 at 10:22\n"
        "Subject: Bins\nTo: Bob <b@b.uk>\n\nSee below.\n\n> -----Original Message-----\n"
        "> From: Carol <c@b.uk>\n> Sent: 4 May\n> Subject: Bins\n>\n> Oldest.\n"
    )
    assert [(m.sender.name, m.forwarded) for m in text.messages] == [("Ann", True), ("Carol", False)]
    assert said(text, "quoted", 2).endswith("> Oldest.")
    apple = read("FYI\n\nBegin forwarded message:\n\nFrom: Ann <a@b.uk>\nSubject: Bins\nDate: 5 May 2026\nTo: Bob\n\nWords.\n")
    assert apple.messages[0].forwarded
    assert said(apple, "own") == "FYI"


@pytest.mark.parametrize(
    "header",
    [
        "\tKori Hill@ECT\n\t11/14/2000 04:03 PM\n\t\t \n\t\t To: Ann Reid/LON/ECT@ECT, Beau \nRat/LON@EES\n\t\t cc: \n\t\t Subject: Slam",
        '"Kori Hill" <k@h.uk> on 08/04/2000 08:48:07 AM\nTo: <a@b.uk>\ncc:  \nSubject: Slam',
        "---- Forwarded by Bob/LON on 11/15/00 09:40 AM \n-----\n\nKori Hill\n11/14/2000 04:03 PM\nTo: Ann Reid\ncc:\nSubject: Slam",
    ],
)
def test_notes_headers(header):
    text = read(f"Thanks.\n\nVince\n\n\n{header}\n\nTheir words.\n")
    assert said(text, "own") == "Thanks.\n\nVince"
    [message] = text.messages
    assert message.sender.name == "Kori Hill"
    assert message.subject == "Slam"
    assert message.forwarded == ("Forwarded" in header)


def test_groupwise_attribution():
    text = read('Noted.\n\n>>> "Reid, Ann" <a@b.uk> 05/05/26 11:12AM >>>\nTheir words.\n')
    assert said(text, "own") == "Noted."
    assert text.messages[0].sender.address == "a@b.uk"


@pytest.mark.parametrize(
    "body",
    [
        "On Monday the officer wrote:\n\nthe road is closed. I disagree.\n",
        "The closure runs\n\nFrom: 5 May\nTo: 8 May\n\nPlease tell residents.\n",
        "Agenda\n\nDate: 5 May\nTo: agree the budget\n\nI will chair.\n",
        "To do:\n- call Ann\n\nFrom: me to you, with thanks.\n",
        "______\n\nA line above is only a line.\n",
        "On 3 May the clerk wrote:\n'No money.' I ask you why.\n",
    ],
)
def test_prose_is_no_header(body):
    text = read(body)
    assert text.messages == ()
    assert said(text, "own") == body.strip()


# --- endings -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closing", "block"),
    [
        ("Kind regards\n\nTerry", "Planning Officer (Transport)\nNorthmere District Council | 01632 960 118"),
        ("Love and hugs,\nF x", "Member for Eastgate ward"),
        ("Yours sincerely,\nBeryl Haslam (Mrs)", "Clerk to the Council\nTown Hall, Mill Lane\nNM1 4AB\nwww.northmere.example"),
        ("Thanks - Kim", "Tel: 01632 960 118"),
        ("Kim xx\nKim Jones", "Head of Housing\nTel: 01632 960 118"),
        ("Best wishes\nCllr Aisha Khan\nAisha", "Cabinet Member for Housing\na.khan@northmere.gov.uk"),
        ("Terry Jones", "Highways Engineer\nNorthmere Council\n01632 960118"),
        ("Diolch\nGwen", "Swyddog Cynllunio\nCyngor Sir\nFfôn: 01632 960118"),
    ],
)
def test_the_signature_begins_after_the_name(closing, block):
    text = read(f"Dear Ann,\n\nThe road will open on Friday as we had planned.\n\n{closing}\n{block}\n")
    assert said(text, "signature") == block
    assert said(text, "own").endswith(closing)


@pytest.mark.parametrize(
    "body",
    [
        "The road opens on Friday.\n\nKind regards\nTerry\n",
        "The road opens on Friday.\n\nTerry\n",
        "Please ring the surgery about it:\n\nHill Surgery\n01632 960118\n",
        "Thank you for your letter.\n\nThe Planning Committee will meet and I will speak there.\n",
        "Points for Monday\n\n- Bus services\n- Housing Department 01632 960118\n- Town Hall roof\n",
    ],
)
def test_no_signature_where_there_is_none(body):
    assert said(read(body), "signature") == ""


def test_delimiter_and_device_lines():
    text = read("Fine by me.\n-- \nAnn Reid\nNorthmere\n")
    assert said(text, "own") == "Fine by me."
    assert said(text, "signature") == "-- \nAnn Reid\nNorthmere"
    for device in ("Sent from my iPhone", "Get Outlook for iOS", "Sent from Samsung Mobile", "Sent from Mail for Windows"):
        assert said(read(f"Fine.\n\nAnn\n\n{device}\n"), "signature") == device
    assert said(read("Sent from my desk, not my phone, this is a real\nsentence about mail.\n"), "signature") == ""


def test_words_after_the_signature_are_own_again():
    text = read("It is done.\n\nRegards\nAnn\nTown Clerk\n01632 960118\n\nP.S. Bring cake.\n\nCC Councillor Hill\n")
    assert said(text, "signature") == "Town Clerk\n01632 960118"
    assert said(text, "own").endswith("P.S. Bring cake.\n\nCC Councillor Hill")


def test_quoted_messages_have_endings_of_their_own():
    text = read(OUTLOOK + "Member for Eastgate ward\n\nThis email is confidential and intended for the addressee only.\n")
    assert said(text, "signature", 1) == "Member for Eastgate ward"
    assert said(text, "disclaimer", 1).startswith("This email")
    assert said(text, "disclaimer", 0) == ""


@pytest.mark.parametrize(
    "notice",
    [
        "This email and any attachments are confidential and intended for the addressee only.",
        "CONFIDENTIALITY NOTICE\nThis message is for the intended recipient. If you have received it in error, please delete it.",
        "Please consider the environment before printing this email.",
        "Emails sent to and from the council may be monitored and may be disclosed under the Freedom of Information Act.",
        "The views in this message are those of the sender and not necessarily those of the council.",
        "The council accepts no liability for any virus in this email or its attachments.",
        "*****************\nThis transmission is privileged. Any unauthorised disclosure is prohibited.\n*****************",
    ],
)
def test_disclaimers(notice):
    text = read(f"The road opens on Friday.\n\nKind regards\nTerry\n\n{notice}\n")
    assert said(text, "disclaimer") == notice
    assert said(text, "own") == "The road opens on Friday.\n\nKind regards\nTerry"


def test_outside_banner():
    banner = "CAUTION: This email originated from outside the organisation. Do not click links unless you know the sender."
    text = read(f"{banner}\n\nDear Ann,\n\nHello.\n")
    assert said(text, "disclaimer") == banner
    assert said(text, "own") == "Dear Ann,\n\nHello."


@pytest.mark.parametrize(
    "marking",
    [
        "CONFIDENTIAL: for you alone as ward member",
        "PRIVATE. To you as chair only",
        "Private and confidential - addressee only",
        "Please keep this email to yourself, it is confidential.",
        "I received your email in error and have deleted it, so nothing was disclosed.",
        "The virus has closed the care home; I was told by message today.",
    ],
)
def test_a_real_marking_is_no_disclaimer(marking):
    text = read(f"{marking}\n\nThe tender is with legal.\n\nRegards\nAnn\n")
    assert said(text, "disclaimer") == ""
    assert said(text, "own").startswith(marking)


# --- HTML --------------------------------------------------------------------------------------------------------------------


def test_html_becomes_what_a_browser_shows():
    text = read(
        "<html><head><title>no</title><style>p{}</style></head><body><div style='display:none'>preheader</div><!-- no -->"
        "<p>Dear&nbsp;Ann,</p>\n<p>Fish   &amp;\n chips <b>and</b> <a href='http://x'>tea</a>.<img alt='no'></p>"
        "<ul><li>one</li><li>two</li></ul>"
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table><div>x<br>y</div><script>no()</script></body></html>",
        "html",
    )
    assert text.text == "Dear Ann,\n\nFish & chips and tea.\n\n- one\n- two\n\na\tb\nc\td\n\nx\ny"
    assert sound(text)


def test_outlook_word_html():
    text = read(
        "<div class=WordSection1><p class=MsoNormal>Dear Ann,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<p class=MsoNormal>It is done.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Kind regards</p>"
        "<p class=MsoNormal>Terry</p><p class=MsoNormal>Planning Officer</p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Ann Reid "
        "&lt;a@b.uk&gt; <br><b>Sent:</b> 05 May 2026 10:22<br><b>To:</b> Terry &lt;t@b.uk&gt;<br><b>Subject:</b> Bins</p></div></div>"
        "<p class=MsoNormal>Is it done?</p></div>",
        "html",
    )
    assert said(text, "own") == "Dear Ann,\n\nIt is done.\n\nKind regards\nTerry"
    assert said(text, "signature") == "Planning Officer"
    assert text.messages[0].sender == Mailbox("Ann Reid", "a@b.uk")
    assert text.text[text.messages[0].body_start :] == "Is it done?"


def test_outlook_on_the_web_in_any_language():
    text = read(
        '<div class="elementToProof">Tack.</div><div id="Signature"><div>Vänligen</div><div>Ann</div></div><div id="appendonsend"></div>'
        '<hr><div id="divRplyFwdMsg" dir="ltr"><font><b>Lähettäjä:</b> Bo &lt;b@b.uk&gt;<br><b>Aihe:</b> X</font><div>&nbsp;</div></div>'
        "<div>Their words.</div>",
        "html",
    )
    assert said(text, "own") == "Tack."
    assert said(text, "signature") == "Vänligen\nAnn"
    assert said(text, "quoted", 1).startswith("Lähettäjä")
    assert said(text, "quoted", 1).endswith("Their words.")


def test_gmail():
    text = read(
        '<div dir="ltr">Fine.<div><br></div><div>Regards</div><div>Ann</div><span class="gmail_signature_prefix">-- </span><br>'
        '<div class="gmail_signature" data-smartmail="gmail_signature">Ann Reid<br>Town Clerk</div></div><br>'
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">Den tis 5 maj 2026 kl 10:22 Bo '
        '&lt;<a href="mailto:b@b.uk">b@b.uk</a>&gt;:<br>'
        '</div><blockquote class="gmail_quote" style="border-left:1px solid">Is it<br><blockquote class="gmail_quote">older</blockquote>'
        "</blockquote></div><div>And one more thing.</div>",
        "html",
    )
    assert [line for line in said(text, "own").splitlines() if line] == ["Fine.", "Regards", "Ann", "And one more thing."]
    assert "Town Clerk" in said(text, "signature")
    assert text.messages[0].sender.address == "b@b.uk"
    assert said(text, "quoted", 2) == "older"


def test_apple_mail_thunderbird_and_yahoo():
    apple = read(
        '<div>Fine.</div><div><br><blockquote type="cite"><div>On 5 May 2026, at 10:22, Bo &lt;b@b.uk&gt; wrote:</div><br>'
        "<div>Their words.</div></blockquote></div><div>Mine again.</div>",
        "html",
    )
    assert said(apple, "own").split() == ["Fine.", "Mine", "again."]
    assert apple.messages[0].sender == Mailbox("Bo", "b@b.uk")
    bird = read(
        '<p>Fine.</p><div class="moz-cite-prefix">Le 5/5/26, Bo :<br></div><blockquote type="cite"><p>Theirs.</p></blockquote>', "html"
    )
    assert said(bird, "own") == "Fine."
    yahoo = read(
        '<div>Fine.</div><div id="ydp1yahoo_quoted_1" class="ydp1 yahoo_quoted"><div>Bo skrev</div><div>Theirs.</div></div>', "html"
    )
    assert said(yahoo, "own") == "Fine."


def test_an_indented_paragraph_is_no_quotation():
    text = read('<div>So:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>my point</div></blockquote>', "html")
    assert said(text, "own") == "So:\n\nmy point"


# --- anything at all ---------------------------------------------------------------------------------------------------------

_SIGNS = ["> ", "\n", "\r\n", " ", "\xa0", "\U0001f600", "____", "-- ", "<div>", "</div>", "<blockquote>", "<p>", "<br>"]
_WORDS = ["Regards", "Ann", "01632 960118", "P.S. x", "5/5/2026 10:22", "From: a@b.uk", "To: x", "Subject: s", "this email is confidential"]
_PIECES = st.sampled_from([*_SIGNS, *_WORDS, "On 5 May 2026 10:22 Ann wrote:"])


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join), st.sampled_from(["text", "html"]))
def test_zones_cover_whatever_is_sent(body, body_type):
    text = read(body, body_type)
    assert sound(text)
    if body_type == "text":
        assert text.text == body


@pytest.mark.parametrize("body_type", ["text", "html"])
@pytest.mark.parametrize(
    "piece",
    [">", ">\n", "From: x\n", "To: x\ny\n", "On ", "On a:\n", "-\n", "a@", "<div>", "<blockquote>", "<b id=1><p>", "<a", "To: a; ", "A "],
)
def test_before_no_end_of_anything_the_author_is_heard(piece, body_type):
    mine = "<p>Mine.</p>" if body_type == "html" else "Mine.\n\n"
    body = mine + piece * (300_000 // len(piece))
    text = read(body, body_type)
    assert sound(text)
    assert said(text, "own").startswith("Mine.")
    if body_type == "text":
        assert text.text == body


def test_a_last_sentence_with_a_number_is_no_signature():
    body = "Dear Ann,\n\nJean Platt's number is 07700 900123.\n\nCarol"
    assert [zone.kind for zone in read(body).zones] == ["own"]
