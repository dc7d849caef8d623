from datetime import UTC, datetime

import pytest

from maintenance.api import Retention
from maintenance.core.errors import InvalidRetention

DAYS = Retention("SOME_DAYS", days=30)
YEARS = Retention("SOME_YEARS", years=1)


def test_a_year_is_a_calendar_year():
    assert YEARS.cutoff(datetime(2024, 2, 29, 3, 0, tzinfo=UTC)) == datetime(2023, 2, 28, 3, 0, tzinfo=UTC)
    assert YEARS.cutoff(datetime(2025, 3, 1, tzinfo=UTC)) == datetime(2024, 3, 1, tzinfo=UTC)


def test_days_are_days():
    assert DAYS.cutoff(datetime(2024, 3, 1, tzinfo=UTC)) == datetime(2024, 1, 31, tzinfo=UTC)


def test_the_setting_overrides_the_default(settings):
    settings.SOME_DAYS = 7
    assert DAYS.limit == 7
    assert str(DAYS) == "7 days"


@pytest.mark.parametrize("value", ["", " ", None])
def test_a_blank_setting_means_the_default(settings, value):
    settings.SOME_DAYS = value
    assert DAYS.limit == 30


@pytest.mark.parametrize("value", [1, "1", " 36525 ", 36_525])
def test_a_limit_is_at_least_a_day_and_at_most_a_century(settings, value):
    settings.SOME_DAYS = value
    assert DAYS.cutoff(datetime(2026, 1, 1, tzinfo=UTC)).year in (1926, 2025)


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "1_0", "٣", "36526", "9" * 9_999, True, 7.0, 0, -1])
def test_a_limit_that_makes_no_sense_is_refused_by_name(settings, value):
    settings.SOME_DAYS = value
    with pytest.raises(InvalidRetention, match="SOME_DAYS"):
        DAYS.cutoff(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("limits", [{}, {"days": 1, "years": 1}])
def test_a_default_is_in_days_or_in_years(limits):
    with pytest.raises(TypeError):
        Retention("SOME_DAYS", **limits)


def test_the_name_of_the_setting_ends_in_the_unit():
    with pytest.raises(TypeError, match="_YEARS"):
        Retention("SOME_DAYS", years=1)
