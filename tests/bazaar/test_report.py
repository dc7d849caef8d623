"""What a report says about deletion requests."""

from datetime import UTC, datetime, timedelta

import pytest

from bazaar.models import DeletionRequest
from bazaar.report import sections_of
from tests.factories import DeletionRequestFactory

pytestmark = pytest.mark.django_db

SINCE, UNTIL = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
ENDED = datetime(2026, 6, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def ended(days, *, at=ENDED, late=timedelta(0), **fields):
    values = {"status": "completed", "completed_at": at, "requested_at": at - days * DAY, "scheduled_for": at - late}
    return DeletionRequestFactory(**values | fields)


def section():
    [found] = sections_of(SINCE, UNTIL)
    return found


def figures():
    return {figure.name: figure.value for figure in section().figures}


def test_each_erasure_has_a_row_with_its_days():
    request = ended(31, evidence={"mode": "delete"})

    assert section().rows == [
        {
            "request": request.pk,
            "mode": "delete",
            "outcome": "completed",
            "requested": "2026-05-20",
            "promised": "2026-06-20",
            "ended": "2026-06-20",
            "days": 31,
            "on_time": "yes",
        }
    ]
    assert set(section().columns) == set(section().rows[0])


def test_the_figures_count_what_the_rows_have():
    ended(31), ended(33, late=3 * DAY), ended(40, status="unproven")
    ended(99, at=SINCE - timedelta(microseconds=1)), ended(99, at=UNTIL)
    DeletionRequestFactory(requested_at=ENDED)
    DeletionRequestFactory(status="cancelled", cancelled_at=ENDED, requested_at=SINCE - DAY)

    assert figures() == {
        "requested": 1,
        "cancelled": 1,
        "erased": 3,
        "unproven": 1,
        "late": 1,
        "median_days": 33,
        "most_days": 40,
    }
    assert len(section().rows) == 3


@pytest.mark.parametrize(("late", "is_on_time"), [(DAY, "yes"), (DAY + timedelta(microseconds=1), "no")])
def test_an_erasure_is_late_a_day_after_its_date(late, is_on_time):
    ended(31, late=late)

    assert section().rows[0]["on_time"] == is_on_time


def test_without_erasures_there_are_no_days():
    assert not DeletionRequest.objects.exists()

    assert (section().rows, figures()["median_days"], figures()["most_days"]) == ([], None, None)
