"""One recogniser of addresses in texts: every dress of theirs, and nobody else's."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings, strategies as st

from bazaar.redaction.addresses import CANDIDATE, AddressSet, find_addresses, normalise
from bazaar.redaction.readings import fold, readings
from tests.bazaar.redaction.dresses import ADDRESSES, DOMAINS, NAMES, dressed
from tests.bazaar.redaction.work import work


def words(text):
    return text.split()


ANY_TIME = settings(deadline=None)
EVERYBODY = AddressSet(f"{name}@{domain}" for name in NAMES for domain in DOMAINS)
BEFORE = words(
    """
    mailto: < " ' ( %20 %3A %22 %3C %2520 &lt; &quot; \\t \\u0022 \\" email= /users/ users/ https://x.org/u/ =20 =3C
    * _ - ben@example.net, ben@example.net/ … „ ： ...
"""
)
AFTER = words(
    """
    > " ' ) . .and &x=1 ?x %20 %22 \\n /x &gt; =20 : ; _ * - -x … ” #a , !
"""
)


@ANY_TIME
@given(ADDRESSES.flatmap(lambda address: st.tuples(st.just(address), dressed(address))))
@example(("ann@example.org", "ann%2540example.org"))
@example(("ann@example.org", "ann=40example.org"))
@example(("İrem@例子.example.org", "=EF=BD=89=CC=87REM=EF=BC=A0=E4=BE=8B=E5=AD=90.EXAMPLE.=EF=BC=AFRG"))
def test_every_dress_is_found(case):
    address, text = case

    [mention] = EVERYBODY.find(text)

    assert text[mention.start : mention.end] == text
    assert mention.address == normalise(address)
    assert re.search(CANDIDATE, text, re.IGNORECASE)


@ANY_TIME
@given(
    ADDRESSES.flatmap(dressed),
    st.sampled_from([*BEFORE, "", " "]),
    st.sampled_from([*AFTER, "", " ", ".and then", ". Then", " x@y.example"]),
)
def test_what_stands_around_it_stays(text, before, after):
    assert EVERYBODY.remove(f"{before}{text}{after}") == f"{before}[removed]{after}"


@pytest.mark.parametrize("text", ["ann@example.org", "ANN@EXAMPLE.ORG", "%61nn%40%65xample.or%67", "ann@STRAẞE.org"])
def test_a_sentence_that_begins_without_a_space_is_no_part_of_it(text):
    known = AddressSet(["ann@example.org", "ann@straße.org"])

    assert known.remove(f"{text}.In it") == "[removed].In it"
    assert [text[mention.start : mention.end] for mention in find_addresses(f"{text}.It is")] == [text]


OTHERS = words(
    """
    jo{a} x.{a} x+{a} x-{a} x_{a} o'{a} f/{a} 1{a} ö{a} {a}.uk {a}.co.uk {a}-x.com {a}s {a}.example.com {a}1.com {a}ö.de
    o&#39;{a} o%27{a} x%2B{a} x&#43;{a} x\\u002b{a} x=2B{a} {a}&period;uk {a}%2Euk f\\/{a} {a}.xn--p1ai
"""
)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("case", [str, str.upper, str.title])
def test_the_address_of_somebody_else_stays_whole(other, case):
    text = f"from {other.replace('{a}', case('ann@example.org'))} to"
    known = AddressSet(["ann@example.org"])

    assert known.remove(text) is text
    assert not known.is_in(text)


@pytest.mark.parametrize("other", ["ANN@EXAMPLE.ORG.UK", "o'ann@example.org", "f/ann@example.org"])
def test_somebody_else_is_found_as_somebody_else(other):
    assert [mention.address for mention in find_addresses(f"by {other}")] == [normalise(other)]


BESIDE = words(
    "请联系{}谢谢 请联系{}。谢谢 𠀀{}𠀀 連絡先は{}です メール{}まで ﾒｰﾙ{}ﾏﾃﾞ ติดต่อ{}ครับ 담당자{}로 {}谢谢.Then"
)
LITERALS = words("""b'{}' u'{}':1 {{u'email':u'{}'}} [b'{}',b'x'] rb'{}' BR'{}' f'{}' N'{}' E'{}' b"{}" """)


@pytest.mark.parametrize("text", [*BESIDE, *LITERALS])
@pytest.mark.parametrize("address", ["ann@example.org", "jörg@mail.example.com", "ann@localhost"])
def test_an_address_is_found_beside_letters_that_are_no_part_of_it(text, address):
    known = AddressSet([address])

    assert known.remove(text.format(address)) == text.format("[removed]")


@pytest.mark.parametrize(
    "text",
    words("b'ann@example.org xb'ann@example.org' 'b'ann@example.org' d'ann@example.org' 用户@example.org")
    + words("annа@example.org ann@example.org谢.com ann@example.org谢谢.中国 ann@例子.org"),
)
def test_the_address_of_somebody_else_stays_whole_beside_such_letters(text):
    assert AddressSet(["ann@example.org", "户@example.org", "а@example.org", "ann@子.org"]).remove(text) == text


def test_a_plus_is_a_space_where_the_address_is_encoded_and_the_plus_is_not():
    known = AddressSet(["ann@example.org"])

    assert known.remove("?q=from+ann%40example.org") == "?q=from+[removed]"
    assert not known.is_in("?q=from%2Bann%40example.org")
    assert not known.is_in("from+ann@example.org")


def test_an_escape_that_has_two_readings_is_read_in_both():
    assert AddressSet(["nora@example.org"]).remove(r"DOMAIN\nora@example.org") == r"DOMAIN\[removed]"
    assert AddressSet(["ora@example.org"]).remove(r"a\nora@example.org") == r"a\n[removed]"
    assert AddressSet(["42anna@example.org"]).remove("user=42anna@example.org") == "user=[removed]"


def test_a_set_knows_its_addresses_in_every_spelling():
    assert "JÖRG@XN--EXMPLE-CUA.ORG" in AddressSet(["jörg@exämple.org"])
    assert "ann@example.org" not in AddressSet(["jo-ann@example.org"])
    assert not AddressSet(["", "ann", "@", "ann@", "@example.org"])
    assert AddressSet(['"ann smith"@example.org']).remove('to "Ann Smith"@example.org.') == "to [removed]."
    assert AddressSet(["ann@example.org"]).remove('"ann"@example.org') == "[removed]"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("ann@example.org, ben@example.com", ["ann@example.org", "ben@example.com"]),
        ("a%20192%2E0%2E2%2E1", ["192.0.2.1"]),
        ("2001%3Adb8%3A%3A1 and &#50;001:DB8::2", ["2001:db8::1", "2001:db8::2"]),
        ("[2001:db8::1]:443 2001:db8:1:2:3:4:5:6:443", ["2001:db8::1", "2001:db8:1:2:3:4:5:6"]),
        ("dead::beef [ab::cd]:443 fe:ed::cafe", ["dead::beef", "ab::cd", "fe:ed::cafe"]),
        ("::ffff:192.0.2.1:8080", ["::ffff:c000:201"]),
        ("ssh ann@192.0.2.4", ["ann@192.0.2.4"]),
        ("logo@2x.png icon@3x.min.css pkg@1.0.0-alpha.beta pkg@1.2.3-rc.dev lodash@4.17.21", []),
        ("root@localhost @mention a::b Bad::Face std::vector 1.2.3.4.5", []),
        ("ann@example.org.and then ann@mail.intern", ["ann@example.org", "ann@mail.intern"]),
    ],
)
def test_all_addresses_of_a_text(text, addresses):
    assert [mention.address for mention in find_addresses(text)] == addresses


@ANY_TIME
@given(st.text())
def test_a_text_without_escapes_reads_as_it_is_folded(text):
    plain = re.sub(r"[%&\\=<％＆＼＝＜﹪﹠﹨﹦﹤]", "", text)

    assert {reading.folded().text for reading in readings(plain)} == {fold(plain)}


@ANY_TIME
@given(st.text() | st.lists(st.sampled_from([*"%4025&#;\\u=@.a:1\n", "&#64;", "\u0301", "\u00ad", "İ"])).map("".join))
def test_readings_know_where_everything_stands(text):
    for reading in readings(text):
        folded = reading.folded()
        assert len(folded.text) == len(folded.starts) == len(folded.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
        assert list(folded.starts) == sorted(folded.starts)


@ANY_TIME
@given(st.sampled_from(["NFC", "NFD"]), ADDRESSES)
def test_normalising_twice_is_normalising_once(form, address):
    assert normalise(normalise(address)) == normalise(unicodedata.normalize(form, address)) == normalise(address)


PIECES = words(
    "a @ . : 1. a: %40 a@b. 1::1%a.a a@ / a/ :: xn--a. \" ' =40 &#64; \\u0040 \\ İ + 1.2.3.4. dead: & % = [ - _"
)
PIECES += ["\u0301", "\u00ad", "ann@example.org "]


@ANY_TIME
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join), st.sampled_from(["", "z", "@", "@x.org"])
)
@example("1::1%a.a", "")
@example("a:", "z")
def test_the_work_grows_with_the_text_and_not_faster(piece, end):
    def look(text):
        find_addresses(text)
        EVERYBODY.find(text)

    look(piece + end)  # what is loaded once is loaded
    assert work(look, piece * 400 + end) <= 6 * work(look, piece * 100 + end) + 10_000
