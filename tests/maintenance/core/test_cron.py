import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from maintenance.core import cron
from maintenance.core.errors import InvalidCron


@pytest.mark.parametrize(
    "expression", ["0 2 * * *", "30 3 * * 0", "*/15 9-17 * * 1-5", "0 0 29 2 *", "0 12 1 1,7 *", "1-59/2 * 1,15 * 1"]
)
def test_five_fields_are_taken_as_they_are(expression):
    assert cron.normalise(expression) == expression
    assert cron.describe(expression)


def test_space_around_and_between_the_fields_means_nothing():
    assert cron.normalise("  0   2 * *\t* ") == "0 2 * * *"


def test_a_leading_zero_seconds_field_is_dropped():
    assert cron.normalise("0 0 2 * * *") == "0 2 * * *"


@pytest.mark.parametrize(
    ("expression", "normalised", "sentence"),
    [
        ("0 2-2 * * *", "0 2 * * *", "At 02:00"),
        ("0 0 1-1 * *", "0 0 1 * *", "At 00:00, on day 1 of the month"),
        ("05 02 * * *", "5 2 * * *", "At 02:05"),
        ("*/30 * * * *", "0,30 * * * *", "Every 30 minutes"),
        ("*/40 * * * *", "0,40 * * * *", "At 0 and 40 minutes past every hour"),
        ("0,15,30,45 * * * *", "*/15 * * * *", "Every 15 minutes"),
        ("0 */5 * * *", "0 0,5,10,15,20 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00"),
        ("0 0 * JAN,mar *", "0 0 * 1,3 *", "At 00:00, only in January and March"),
        ("0 0 * * MON-FRI", "0 0 * * 1-5", "At 00:00, only on Monday to Friday"),
        ("0 0 * * 7", "0 0 * * 0", "At 00:00, only on Sunday"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6", "At 00:00, only on Sunday, Friday and Saturday"),
        ("0 0 * * 0-7", "0 0 * * *", "At 00:00"),
        ("0 0 1,15 * 1-5", "0 0 1,15 * 1-5", "At 00:00, on days 1 and 15 of the month or on Monday to Friday"),
        ("0 0 1-31 * 1", "0 0 * * *", "At 00:00"),
        ("0 0 */1 * 1", "0 0 * * 1", "At 00:00, only on Monday"),
        ("* 3,5 * * *", "* 3,5 * * *", "Every minute in the hours 3 and 5"),
        ("0 */2 * * *", "0 */2 * * *", "Every 2 hours from 00:00"),
    ],
)
def test_an_expression_is_written_in_the_form_that_every_reader_takes_alike(expression, normalised, sentence):
    assert cron.normalise(expression) == normalised
    assert cron.describe(expression) == sentence


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("*/90 * * * *", "0 * * * *"),
        ("0-5/10 * * * *", "0 * * * *"),
        ("0/15 * * * *", "*/15 * * * *"),
        ("0 22-2 * * *", "0 0-2,22,23 * * *"),
        ("0 0 * * fri-sun", "0 0 * * 0,5,6"),
        ("0 0 ? * monday", "0 0 * * 1"),
        ("30 0 2 * * *", "0 2 * * *"),
        ("@Daily", "0 0 * * *"),
    ],
)
def test_what_was_probably_meant_is_told(expression, meant):
    with pytest.raises(InvalidCron, match=re.escape(f"'{meant}'")) as refused:
        cron.normalise(expression)
    assert refused.value.meant == meant


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
        ("0 2 * * 8", "goes from 0 to 7"),
        ("0 2 0 * *", "goes from 1 to 31"),
        ("*/0 * * * *", "at least 1"),
        ("1,,2 * * * *", "blank item"),
        ("5,* * * * *", "stands in a list"),
        ("0 0 */2 * 1", "match both"),
        ("0 0 1 * */2", "match both"),
        ("0 0 L * *", "other schedulers"),
        ("0 0 15W * *", "other schedulers"),
        ("0 0 * * 5#3", "other schedulers"),
        ("-1 2 * * *", "not a minute"),
        ("1.5 2 * * *", "not a minute"),
        ("\u0663 2 * * *", "not a minute"),
        ("9" * 60 + " 2 * * *", "goes from 0 to 59"),
        ("9" * 101, "longer than 100"),
        ("1-59/3,2-59/3 1-23/3,2-23/3 * * *", "over 100 characters"),
        ("@reboot", "nickname"),
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


@pytest.mark.parametrize("text", ["0 2 \x1b[31m * *", "0 2 * \x00 *", "\u202e 2 * * *"])
def test_a_refusal_prints_no_control_character(text):
    with pytest.raises(InvalidCron) as refused:
        cron.normalise(text)
    assert str(refused.value).isprintable()


def test_the_previous_time_comes_before_the_given_one():
    now = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)

    assert cron.previous_time("0 2 * * *", now) == now - timedelta(days=1)
