"""No value of any form is passed over by the look that comes first, whatever stands around it."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from bazaar.redaction import clean
from bazaar.redaction.value_signs import may_hold_value
from bazaar.redaction.values import _kinds
from tests.bazaar.redaction.work import work

BEFORE = ["", "x ", "(", ": ", "é ", "id ", "/", ", ", "2026-01-01 "]
BEHIND = ["", " and", ", b", ")", ".", ": x", "\n", "é", " Ann", "; ", " 2026-01-01"]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.name)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_whatever_has_the_form_of_a_value_is_looked_at(kind, data):
    value = data.draw(st.from_regex(kind.pattern, fullmatch=True))
    text = data.draw(st.sampled_from(BEFORE)) + value + data.draw(st.sampled_from(BEHIND))

    assert not kind.pattern.search(text) or may_hold_value(text)


@pytest.mark.parametrize(
    "value",
    ["4111 1111 1111 1111", "12345678Z", "529.982.247-25", "943 476 5919", "DE89370400440532013000", "811228-9874"],
)
@pytest.mark.parametrize("behind", BEHIND)
def test_a_value_goes_whatever_stands_behind_it(value, behind):
    if behind not in {" Ann", "é", " 2026-01-01"} or " " not in value:
        assert value not in clean(f"is {value}{behind}") or re.match(r"\w", behind)


@pytest.mark.parametrize(
    "text", ["2026-01-05T10:00:00Z", "1700000000000", "8d2a0b5f-2222-4f3e-9d0a-2b1c3d4e5f60", "No reason. 5.2.30"]
)
def test_times_and_numbers_of_things_are_no_values(text):
    assert not may_hold_value(text)


@pytest.mark.parametrize("piece", ["0", "1 ", "A0", "00-", ".0000", "2026-01-01", "+1", "00 1"])
def test_the_look_is_linear(piece):
    assert work(may_hold_value, piece * 4000) <= 6 * work(may_hold_value, piece * 1000) + 1000
