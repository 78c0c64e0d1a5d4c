from __future__ import annotations

import pytest

from app.mail.addresses import parties


def found(value: str) -> list[tuple[str, str]]:
    return [(party.address, party.name) for party in parties(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@x.org", [("a@x.org", "")]),
        ("Ann Lee <Ann.Lee@X.org>", [("Ann.Lee@X.org", "Ann Lee")]),
        ('"Cllr Reid, Jo" <jo@x.org>, b@x.org', [("jo@x.org", "Cllr Reid, Jo"), ("b@x.org", "")]),
        ("Reid, Jo <jo@x.org>, Bo <b@x.org>", [("jo@x.org", "Reid, Jo"), ("b@x.org", "Bo")]),
        ('"Jo \\"Red\\" Reid" <jo@x.org>', [("jo@x.org", 'Jo "Red" Reid')]),
        ("jo@x.org (Jo (the elder) Reid)", [("jo@x.org", "Jo (the elder) Reid")]),
        ("Members: a@x.org, B <b@x.org>;, c@x.org", [("a@x.org", ""), ("b@x.org", "B"), ("c@x.org", "")]),
        ("undisclosed-recipients:;", []),
        ("<Undisclosed-Recipient:;>", []),
        ("a@x.org; b@x.org", [("a@x.org", ""), ("b@x.org", "")]),
        ("a@x.org b@x.org", [("a@x.org", ""), ("b@x.org", "")]),
        ("<a@x.org, b@x.org>", [("a@x.org", ""), ("b@x.org", "")]),
        ("<@relay.org,@other.org:a@x.org>", [("a@x.org", "")]),
        ('"Jo <jo@x.org>, Bo <b@x.org>', [("jo@x.org", "Jo"), ("b@x.org", "Bo")]),
        ("Jo (unclosed <jo@x.org>, b@x.org", [("jo@x.org", "Jo unclosed"), ("b@x.org", "")]),
        ("<mailto:a@x.org>", [("a@x.org", "")]),
        ("'a@x.org'", [("a@x.org", "")]),
        ("'Ann' <a@x.org>", [("a@x.org", "Ann")]),
        ('"a@x.org" <b@x.org>', [("b@x.org", "a@x.org")]),
        ('"john doe"@x.org', [('"john doe"@x.org', "")]),
        ("jo@[IPv6:2001:db8::1]", [("jo@[IPv6:2001:db8::1]", "")]),
        ("=?utf-8?q?Jos=C3=A9_Reid?= <jo@x.org>", [("jo@x.org", "José Reid")]),
        ("=?utf-8?q?Reid=2C_Jo?= <jo@x.org>", [("jo@x.org", "Reid, Jo")]),
        ("=?utf-8?q?Reid,_Jo?= <jo@x.org>", [("jo@x.org", "Reid, Jo")]),
        ("=?utf-8?b?Sm8gPGpvQHgub3JnPiwgYkB4Lm9yZw==?=", [("jo@x.org", "Jo"), ("b@x.org", "")]),
        ("/O=COUNCIL/OU=HQ/CN=JREID", []),
        ("Jo <O=COUNCIL/CN=JREID>", [("O=COUNCIL/CN=JREID", "Jo")]),
        ("postmaster", [("postmaster", "")]),
        ("All Staff", [("All Staff", "All Staff")]),
        ("", []),
        (" , ,; ", []),
    ],
)
def test_what_real_headers_hold(value, expected):
    if value.startswith("/O="):
        assert [party.address for party in parties(value)] == [value]
    else:
        assert found(value) == expected


ENDLESS = ['"', '\\"', "<", "(", "()", ",", ";", ":", "@", "=?", "=?x?b?", "a@b ", '"<>\\', '<\\>"', '"" ']


@pytest.mark.parametrize("piece", ENDLESS)
def test_around_a_megabyte_of_anything_nobody_is_lost(piece):
    addresses = [address for address, _ in found(f"a@x.org,{piece * (1_000_000 // len(piece))},b@x.org")]
    assert (addresses[0], addresses[-1]) == ("a@x.org", "b@x.org")


def test_no_more_than_asked_for():
    assert len(parties(",".join(f"p{n}@x.org" for n in range(5000)), most=100)) <= 102
