"""What a key tells of its value, whatever the style in which it is written."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction import facts
from bazaar.redaction.keys import facts_of, is_personal_key, named_by, names_datum

PERSONAL = ["email", "phone_number", "user_id", "ip_address", "first_name", "password", "created_by"]
HARMLESS = ["status", "count", "project_id", "filename", "hostname", "duration_ms", "email_count", "is_email_verified"]


@pytest.mark.parametrize("key", PERSONAL)
@pytest.mark.parametrize(
    "style", [str, str.upper, lambda key: key.replace("_", "-"), lambda key: key.title().replace("_", "")]
)
def test_a_personal_key_is_one_in_every_style(key, style):
    assert is_personal_key(style(key))


@pytest.mark.parametrize("key", HARMLESS)
def test_a_key_of_a_thing_or_about_a_datum_is_none(key):
    assert not is_personal_key(key)


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        ("actor", facts.PERSON),
        ("members", facts.PEOPLE),
        ("version", facts.VERSION),
        ("field", facts.FIELD),
        ("ann@example.org", facts.ADDRESS),
        ("[removed-2]", facts.ABOUT_PAIR),
    ],
)
def test_a_key_has_its_fact(key, fact):
    assert facts_of(key) & fact


@pytest.mark.parametrize("key", ["", "_", "12", "\u0000", "-" * 500])
def test_a_key_without_words_tells_nothing(key):
    assert not facts_of(key) & (facts.PERSONAL | facts.PERSON | facts.PEOPLE)


@pytest.mark.parametrize(
    ("value", "is_one"), [("email", True), ("status", False), (7, False), (None, False), ("x" * 200, False)]
)
def test_a_value_may_name_a_datum(value, is_one):
    assert names_datum(value) is is_one


@given(st.text(max_size=80))
def test_no_key_breaks_the_reader(key):
    assert facts_of(key) >= 0
    assert named_by(key) >= 0
