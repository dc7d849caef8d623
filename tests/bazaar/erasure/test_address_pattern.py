"""Addresses in texts: found in whatever form, and never inside a longer one."""

import base64
import pickle

import pytest
from django.core import signing
from hypothesis import given, strategies as st

from bazaar.erasure.address_pattern import AddressPattern
from bazaar.erasure.pickles import is_mentioned

ANN = AddressPattern({"ann@example.org"})


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ann@example.org", "[removed]"),
        ("ANN@Example.ORG.", "[removed]."),
        ("<ann@example.org>, 'ann@example.org'", "<[removed]>, '[removed]'"),
        ("_ann@example.org_ and ...ann@example.org", "_[removed]_ and ...[removed]"),
        ("ann@example.org.Then", "[removed].Then"),
        ("mailto:ann@example.org?to=ann%40example.org", "mailto:[removed]?to=[removed]"),
        ("joann@example.org", "joann@example.org"),
        ("jo.ann@example.org jo_ann@example.org", "jo.ann@example.org jo_ann@example.org"),
        ("ann@example.org.uk ann@example.organic", "ann@example.org.uk ann@example.organic"),
        ("annXexample.org", "annXexample.org"),
    ],
)
def test_an_address_is_removed_where_it_stands_alone(text, result):
    assert ANN.remove(text) == result


def test_addresses_with_other_letters_are_found_in_each_form():
    pattern = AddressPattern({"ann@exämple.org"})

    assert pattern.remove("ANN@EXÄMPLE.ORG") == "[removed]"
    assert pattern.remove("ann@exa\u0308mple.org") == "[removed]"
    assert pattern.remove('"ann@ex\\u00e4mple.org"') == '"[removed]"'


def test_json_is_searched_at_every_depth_in_values_and_keys():
    value = {"a": [{"Ann@example.org": 1, "[removed-1]": 2}, "x ann@example.org"], "n": None, "t": True}

    found = ANN.remove(value)

    (by_key, text) = found["a"]
    assert text == "x [removed]"
    assert sorted(by_key.values()) == [1, 2]
    assert "ann" not in str(found).lower()
    assert (found["n"], found["t"]) == (None, True)


def test_depth_is_no_limit():
    value = "ann@example.org"
    for _ in range(50_000):
        value = [value]

    found = ANN.remove(value)

    while isinstance(found, list):
        (found,) = found
    assert found == "[removed]"


def test_what_mentions_nobody_is_the_same_object():
    value = {"a": [1, {"b": "joann@example.org"}]}

    assert ANN.remove(value) is value


@pytest.mark.parametrize(
    "stored",
    [
        base64.b64encode(pickle.dumps(("x", {"to": "ann@example.org"}))).decode(),
        signing.dumps(["Ann@example.org"]),
        signing.dumps(["ann@example.org " + "x" * 1000], compress=True),
        "plain ann@example.org",
        "!:ann@example.org",
    ],
    ids=["pickled", "signed", "signed and compressed", "plain", "not what it looks like"],
)
def test_packed_values_are_searched_without_being_loaded(stored):
    assert is_mentioned(stored, ANN)


def test_a_longer_address_in_a_packed_value_is_somebody_elses():
    pickled = pickle.dumps({"to": "joann@example.org", "long": "ann@example.org.uk " + "x" * 100})

    assert not is_mentioned(base64.b64encode(pickled).decode(), ANN)


def test_a_text_of_any_length_is_found_in_a_pickle():
    for length in range(20, 300):
        pickled = pickle.dumps("ann@example.org".ljust(length))
        assert is_mentioned(base64.b64encode(pickled).decode(), ANN)


@given(st.sets(st.from_regex(r"[a-c.+'_-]{1,4}@[a-b]\.org", fullmatch=True), min_size=1, max_size=8), st.data())
def test_many_addresses_are_found_like_one(addresses, data):
    pattern = AddressPattern(addresses)

    for address in addresses:
        assert pattern.remove(f"<{address.upper()}>") == "<[removed]>"
    other = data.draw(st.from_regex(r"[a-c]{1,4}@[a-b]\.org", fullmatch=True))
    assert (pattern.remove(f"<{other}>") == "<[removed]>") is (other in addresses)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_whatever_is_stored_can_be_searched(before, after):
    stored = base64.b64encode(before + b" <ann@example.org> " + after).decode()

    assert is_mentioned(stored, ANN) in {True, False}
    assert is_mentioned(before.decode(errors="replace") + ":", ANN) in {True, False}
