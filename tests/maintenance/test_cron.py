from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from maintenance import cron
from maintenance.errors import InvalidCron


@pytest.mark.parametrize(
    "expression", ["0 2 * * *", "30 3 * * 0", "*/15 9-17 * * 1-5", "0 0 29 2 *", "5,35 * * jan mon", "0 12 1 1,7 *"]
)
def test_five_fields_are_taken_as_they_are(expression):
    assert cron.normalise(expression) == expression
    assert cron.describe(expression)


def test_space_around_and_between_the_fields_means_nothing():
    assert cron.normalise("  0   2 * *\t* ") == "0 2 * * *"


def test_a_leading_zero_seconds_field_is_dropped_and_the_time_stays_what_was_meant():
    assert cron.normalise("0 0 2 * * *") == "0 2 * * *"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "blank"),
        ("   ", "blank"),
        ("30 0 2 * * *", "'0 2 \\* \\* \\*'"),
        ("*/5 0 2 * * *", "six fields"),
        ("0 0 2 * * * 2030", "7 fields"),
        ("0 2 * *", "4 fields"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("R 2 * * *", "chance"),
        ("H 2 * * *", "chance"),
        ("@daily", "nickname"),
        ("60 2 * * *", "not a cron expression"),
        ("a b c d e", "not a cron expression"),
        ("0 2 * * 8", "not a cron expression"),
    ],
)
def test_everything_else_is_refused_with_the_reason(expression, reason):
    with pytest.raises(InvalidCron, match=reason):
        cron.normalise(expression)


@given(st.text(max_size=30))
def test_no_text_whatever_makes_the_validator_stumble(text):
    try:
        normalised = cron.normalise(text)
    except InvalidCron:
        return
    assert cron.normalise(normalised) == normalised
    assert cron.next_times(normalised, datetime(2026, 1, 1, tzinfo=UTC), 2)


def test_the_next_times_come_after_the_given_one():
    now = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)

    assert cron.next_times("0 2 * * *", now, 2) == [now + timedelta(days=1), now + timedelta(days=2)]
