"""Addresses and names in texts and JSON: found in whatever form, and never inside a longer one."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from bazaar.erasure.redactor import Redactor

ANN = Redactor({"ann@example.org"}, {"Ann Smith"})


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ann@example.org", "[removed]"),
        ("to%3Aann%40example.org", "to%3A[removed]"),
        ("joann@example.org ann@example.org.uk", "joann@example.org ann@example.org.uk"),
    ],
)
def test_an_address_is_removed_where_it_stands_alone(text, result):
    assert ANN.without_addresses(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Ann Smith wrote", "[removed] wrote"),
        ("SMITH, ANN", "[removed]"),
        ("ann.smith and ann_smith", "[removed] and [removed]"),
        ("Ann%20Smith", "[removed]"),
        ("Joann Smith; ann b. Smithson", "Joann Smith; ann b. Smithson"),
        ("Ann likes Smith", "Ann likes Smith"),
        ("annsmith", "annsmith"),
    ],
)
def test_a_full_name_is_removed_in_any_order_as_whole_words(text, result):
    assert ANN.without_names(text) == result


NAMES = st.lists(st.from_regex(r"\A[A-Za-zäöüßéİ]{2,8}\Z"), min_size=1, max_size=4)


@given(NAMES, st.randoms(use_true_random=False), st.sampled_from([" ", ", ", ".", "_", "-", "  "]))
def test_a_name_is_found_in_every_order_case_and_normal_form(parts, random, between):
    redactor = Redactor((), [" ".join(parts)])
    random.shuffle(parts)
    text = between.join(random.choice([str.upper, str.lower, str.title, str])(part) for part in parts)
    dressed = unicodedata.normalize(random.choice(["NFC", "NFD"]), text)

    assert redactor.has_name(f"by {dressed}, today")
    assert not redactor.has_name(redactor.without_names(f"by {dressed}, today"))


@given(st.lists(st.from_regex(r"\A[a-m]{2,5}\Z"), min_size=2, max_size=3), st.text("nopqrstuvwxyz .,", max_size=40))
def test_what_has_no_letter_of_a_name_stays(parts, text):
    assert Redactor((), [" ".join(parts)]).without_names(text) is text


def test_json_is_searched_at_every_depth_in_values_and_keys():
    value = {"a": [{"Ann@example.org": 1, "[removed-1]": 2}, "x ann@example.org"], "n": None, "t": True}

    found = ANN.without_addresses(value)

    (by_key, text) = found["a"]
    assert text == "x [removed]"
    assert sorted(by_key.values()) == [1, 2]
    assert "ann" not in str(found).lower()
    assert (found["n"], found["t"]) == (None, True)


def test_depth_is_no_limit():
    value = "ann@example.org"
    for _ in range(50_000):
        value = [value]

    found = ANN.without_addresses(value)

    while isinstance(found, list):
        (found,) = found
    assert found == "[removed]"


def test_what_mentions_nobody_is_the_same_object():
    value = {"a": [1, {"b": "joann@example.org"}]}

    assert ANN.without_addresses(value) is value
    assert ANN.without_names(value) is value
