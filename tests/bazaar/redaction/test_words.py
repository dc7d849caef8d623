"""The words of a key, in whatever style it is written."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.words import words


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("user_ip_address", ("user", "ip", "address")),
        ("userIPAddress", ("user", "ip", "address")),
        ("USER-IP-ADDRESS", ("user", "ip", "address")),
        ("user.ip_address", ("user", "ip", "address")),
        ("useripaddress", ("user", "ip", "address")),
        ("filename", ("filename",)),
        ("phone2", ("phone",)),
        ("pr\u00e9nom", ("prenom",)),
        ("", ()),
        ("__ 12 --", ()),
    ],
)
def test_a_key_is_split_into_words(key, parts):
    assert words(key) == parts


@given(st.text(max_size=300))
def test_words_are_not_blank_and_are_folded(key):
    assert all(word and word == word.casefold() for word in words(key))


@given(st.lists(st.sampled_from(["user", "email", "address", "id", "phone", "number"]), min_size=1, max_size=5))
def test_the_style_of_a_key_changes_no_word(parts):
    camel = parts[0] + "".join(part.title() for part in parts[1:])

    assert words("_".join(parts)) == words("-".join(parts).upper()) == words(camel) == tuple(parts)
