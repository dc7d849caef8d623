"""A key goes with its value, or stays, by what the value is."""

import pytest

from bazaar.redaction import clean


@pytest.mark.parametrize("value", ["447911123456", "4930901820", "14155552671"])
def test_a_number_that_was_dialled_goes_under_a_key_for_the_sender(value):
    assert clean({"to": value, "n": 1}) == {"n": 1}


@pytest.mark.parametrize("value", ["sent", "20260101", "12", "draft"])
def test_other_values_stay_there(value):
    document = {"to": value, "from": value}

    assert clean(document) is document


@pytest.mark.parametrize("value", ["system", "=", "", "created_at", "views.py:88", "/login"])
def test_what_names_nobody_stays_under_a_key_for_a_person(value):
    document = {"actor": value}

    assert clean(document) is document
