"""Which addresses leave a text, and which texts only look as if they held one."""

import unicodedata

import pytest

from bazaar.redaction import clean
from bazaar.redaction.lexicon import data, texts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ann@example.org", "[removed]"),
        ("ANN.Smith+tag@Example.ORG", "[removed]"),
        ("o'brien@example.org", "[removed]"),
        ("ann@sub.example.org.", "[removed]."),
        ("From Ann <ann@example.org>, to ben@example.org;", "From [removed] <[removed]>, to [removed];"),
        ("'ann@example.org'", "'[removed]'"),
        ('"ann smith"@example.org', "[removed]"),
        ('{"to":"ann@example.org"}', '{"to":"[removed]"}'),
        ("mailto:ann@example.org?subject=x", "mailto:[removed]?subject=x"),
        ("/login?email=ann%40example.org&next=/", "/login?email=[removed]&next=/"),
        ("ann@[192.0.2.1]", "[removed]"),
        ("ann@[IPv6:2001:db8::1]", "[removed]"),
        ("jörg@exämple.org", "[removed]"),
        (unicodedata.normalize("NFD", "jörg@exämple.org"), "[removed]"),
        ("用户@例子.公司", "[removed]"),
        ("अजय@डाटा.भारत", "[removed]"),
        ("ann@xn--exmple-cua.xn--p1ai", "[removed]"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "[removed]"),
        ("deleted-5@deleted.local", "[removed]"),
        ("ann@a_b.example.org, _ben@example.org_", "[removed], [removed]_"),
        ("192.0.2.1", "[removed]"),
        ("from 192.0.2.1, 198.51.100.255.", "from [removed], [removed]."),
        ("192.0.2.1:8080", "[removed]:8080"),
        ("192.0.2.0/24", "[removed]"),
        ("http://192.0.2.1/path", "http://[removed]/path"),
        ("host/192.0.2.1", "host/[removed]"),
        ("Client/192.0.2.1", "Client/[removed]"),
        ("/192.0.2.1:80", "/[removed]:80"),
        ("ip=192.0.2.1;x", "ip=[removed];x"),
        ("ip_192.0.2.1_x", "ip_[removed]_x"),
        ("192.000.002.001", "[removed]"),
        ("on 192.0.2.1 beta", "on [removed] beta"),
        ("192.0.2.1-user", "[removed]-user"),
        ("a\\n192.0.2.1\\n", "a\\n[removed]\\n"),
        ("?q=a%20192.0.2.1%2C198.51.100.2", "?q=a%20[removed]%2C[removed]"),
        ("2001:db8::1.53", "[removed].53"),
        ("2001:db8::1", "[removed]"),
        ("2001:DB8:0:0:0:0:0:1", "[removed]"),
        ("::1", "[removed]"),
        ("fe80::1%eth0", "[removed]"),
        ("::ffff:192.0.2.1", "[removed]"),
        ("[2001:db8::1]:443", "[removed]:443"),
        ("http://[2001:db8::1]/", "http://[removed]/"),
        ("[fe80::1%25eth0]", "[removed]"),
        ("2001:db8::/32", "[removed]"),
        ("peer 2001:db8::1: refused", "peer [removed]: refused"),
        ("ip:2001:db8::1.", "ip:[removed]."),
        ("(2001:db8::1)", "([removed])"),
        ("[at 2001:db8::1]", "[at [removed]]"),
    ],
)
def test_addresses_are_removed_from_texts(text, cleaned):
    assert clean(text) == cleaned
    assert clean(cleaned) is cleaned
    assert clean({"note": [text, 1]}) == {"note": [cleaned, 1]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a plain text. With three. Full. Stops: and: colons",
        "v1.2.3.4",
        "version 1.2.3.4",
        "Version: 1.2.3.4",
        "release=1.2.3.4",
        "Build-1.2.3.4",
        "lib1.2.3.4.so",
        "1.2.3.4+nightly",
        "(X11) Chrome/120.0.0.0 Safari/537.36",
        "10.0.0.1-beta",
        "1.2.3.4-rc.1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1234.1.1.1",
        "12:30:45",
        "2024-01-01T12:30:45.123+00:00",
        "00:1b:44:11:3a:b7",
        "d41d8cd98f00b204e9800998ecf8427e",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "SHA256:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89",
        "std::vector",
        "Bad::Face",
        "::",
        "section 1:: two",
        "a:b:c",
        "lodash@4.17.21",
        "@mention",
        "ann @ example.org",
        "root@localhost",
        "[removed]",
        "ratio 3:2:1 and 50%",
    ],
)
def test_other_texts_stay(text):
    document = {"note": text}

    assert clean(text) is text
    assert clean(document) is document


def test_versions_under_a_key_for_a_version_are_no_addresses():
    for word in data.VERSION:
        document = {word: "1.2.3.4", f"app_{word}": ["1.2.3.4", "v10.0.0.1"], f"{word}Map": {"1.2.3.4": "x"}}
        assert clean(document) is document
        assert clean({"note": f"{word} 1.2.3.4"}) == {"note": f"{word} 1.2.3.4"}
    change = {"field": "version", "old": "1.2.3.4", "new": "1.2.3.5"}
    assert clean(change) is change
    assert clean({"version": "deployed from 192.0.2.1"}) == {"version": "deployed from [removed]"}
    assert clean({"version": "ann@example.org"}) == {"version": "[removed]"}
    assert clean({"versions": "2001:db8::1"}) == {"versions": "[removed]"}


def test_words_that_are_no_products():
    for word in texts.NOT_PRODUCTS:
        assert clean(f"{word.title()}/192.0.2.1") == f"{word.title()}/[removed]"


def test_an_address_as_a_key_is_numbered():
    document = {"ann@example.org": 1, "[removed-1]": 2, "x": {"192.0.2.1": {"a": 3}}, "to 2001:db8::1": 4}

    assert clean(document) == {"[removed-2]": 1, "[removed-1]": 2, "x": {"[removed-1]": {"a": 3}}, "[removed-3]": 4}
    assert list(clean(document)) == ["[removed-2]", "[removed-1]", "x", "[removed-3]"]


def test_known_addresses_go_whatever_they_look_like():
    document = {"note": "asked by ROOT@LocalHost", "Jörg@intranet": 1, "other": "xroot@localhost, root@localhosts"}

    assert clean(document) is document
    assert clean(document, addresses=["root@localhost", unicodedata.normalize("NFD", "jörg@intranet")]) == {
        "note": "asked by [removed]",
        "[removed-1]": 1,
        "other": "xroot@localhost, root@localhosts",
    }
    assert clean(document, addresses=["", "not an address"]) is document
