"""The four ways to count what is due agree, whatever the stages of a job are."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from maintenance.api import Outcome, Retention, RowStage
from maintenance.core import backlog
from maintenance.core.backlog import Backlog
from maintenance.core.errors import InvalidRetention
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db

OLD, OLDER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def now():
    return timezone.now()


def rows(number, seen_at=OLD, label="item"):
    return Item.objects.bulk_create(Item(label=f"{label}-{n}", seen_at=seen_at) for n in range(number))


def test_backlogs_are_added():
    both = Backlog(2, OLD, OLD) + Backlog(3, OLDER, OLDER)

    assert both == Backlog(5, OLDER, OLD)
    assert both + Backlog() == Backlog() + both == both


def test_nothing_due_is_counted_by_all_ways(scratch_job, now):
    job = scratch_job()

    assert backlog.of_job(job, now) == Backlog()
    assert backlog.of_limits([(job, job.retention)], now) == [Backlog()]
    assert backlog.up_to(10, [job], now) == {"scratch": 0}
    assert not backlog.with_any([(job, now)])


def test_all_ways_agree(scratch_job, now):
    job = scratch_job()
    rows(3), rows(1, OLDER, "older"), rows(2, now, "young")

    counted = backlog.of_job(job, now)

    assert counted == Backlog(4, OLDER, OLD)
    assert backlog.of_limits([(job, job.retention)], now) == [counted]
    assert backlog.up_to(10, [job], now) == {"scratch": 4}
    assert backlog.with_any([(job, now)])


@pytest.mark.parametrize(("most", "due"), [(1, 1), (4, 4), (5, 5), (6, 5)])
def test_a_number_is_counted_up_to_the_most(scratch_job, now, most, due):
    job = scratch_job()
    rows(5)

    assert backlog.up_to(most, [job], now) == {"scratch": due}


FIRST, SECOND = (
    Retention("FIRST_RETENTION_DAYS", field="seen_at", days=90),
    Retention("SECOND_RETENTION_DAYS", field="seen_at", days=30),
)


def two_stages(_job, now):
    every = Item.objects.all()
    return [
        RowStage(every.filter(label__startswith="a", seen_at__lt=FIRST.cutoff(now)), Outcome, retention=FIRST),
        RowStage(every.filter(label__startswith="b", seen_at__lt=SECOND.cutoff(now)), Outcome, retention=SECOND),
        RowStage(every.filter(label__startswith="c"), Outcome, is_counted=False),
    ]


def test_each_limit_counts_its_own_stage_and_a_job_counts_all_of_them(scratch_job, now):
    job = scratch_job(stages=two_stages, retention=None, retentions=(FIRST, SECOND))
    rows(2, OLDER, "a"), rows(3, OLD, "b"), rows(7, OLD, "c")

    by_limit = backlog.of_limits([(job, FIRST), (job, SECOND)], now)

    assert by_limit == [Backlog(2, OLDER, OLDER), Backlog(3, OLD, OLD)]
    assert backlog.of_limits([(job, SECOND), (job, FIRST)], now) == by_limit[::-1]
    assert backlog.of_job(job, now) == Backlog(5, OLDER, OLD)
    assert backlog.up_to(100, [job], now) == {"scratch": 5}
    assert backlog.up_to(4, [job], now) == {"scratch": 4}


def test_a_stage_that_is_not_counted_is_no_backlog(scratch_job, now):
    job = scratch_job(stages=two_stages, retention=None, retentions=(FIRST, SECOND))
    rows(7, OLD, "c")

    assert backlog.of_job(job, now) == Backlog()
    assert not backlog.with_any([(job, now)])


@pytest.fixture
def without_holds(settings):
    settings.MAINTENANCE_HOLDS = ""


@pytest.mark.usefixtures("without_holds")
def test_a_stage_that_can_have_no_rows_is_counted_without_a_statement(scratch_job, now, django_assert_num_queries):
    job = scratch_job(due=lambda _job, _now: Item.objects.none())
    rows(2)

    with django_assert_num_queries(0):
        assert backlog.of_limits([(job, job.retention)], now) == [Backlog()]
        assert backlog.up_to(10, [job], now) == {"scratch": 0}
        assert backlog.of_job(job, now) == Backlog()


@pytest.mark.usefixtures("without_holds")
def test_one_statement_counts_any_number_of_limits(scratch_job, now, django_assert_num_queries):
    job = scratch_job(stages=two_stages, retention=None, retentions=(FIRST, SECOND))
    rows(2, OLD, "a")

    with django_assert_num_queries(1):
        backlog.of_limits([(job, FIRST), (job, SECOND)] * 5, now)
    with django_assert_num_queries(1):
        backlog.up_to(10, [job] * 1, now)
    with django_assert_num_queries(1):
        backlog.with_any([(job, now), (job, OLD)])


def test_one_more_statement_asks_whether_any_row_is_held(scratch_job, now, django_assert_num_queries):
    job = scratch_job()

    with django_assert_num_queries(2):
        assert not backlog.with_any([(job, now)] * 3)
    with django_assert_num_queries(0):
        assert not backlog.with_any([])


def test_each_job_is_asked_at_its_own_moment(scratch_job, now):
    job = scratch_job()
    rows(1, OLD)

    assert backlog.with_any([(job, now)]) == [job]
    assert backlog.with_any([(job, OLD)]) == []


def test_a_job_without_limits_has_no_times(scratch_job, now):
    job = scratch_job(retention=None, retentions=(), due=lambda _job, _now: Item.objects.all())
    rows(2)

    assert backlog.of_job(job, now) == Backlog(2)


def test_an_order_and_annotations_of_a_stage_change_no_figure(scratch_job, now):
    job = scratch_job(due=lambda _job, _now: Item.objects.annotate(other=F("seen_at")).order_by("-label"))
    rows(3)

    assert backlog.of_job(job, now).due == 3
    assert backlog.of_limits([(job, job.retention)], now)[0].due == 3
    assert backlog.up_to(2, [job], now) == {"scratch": 2}


def test_times_come_back_to_the_microsecond(scratch_job, now):
    job = scratch_job()
    moment = OLD + timedelta(microseconds=123_456)
    rows(1, moment)

    assert backlog.of_limits([(job, job.retention)], now) == [Backlog(1, moment, moment)]


def test_an_invalid_limit_is_refused_by_all_ways(scratch_job, now, settings):
    job = scratch_job()
    settings.SCRATCH_RETENTION_DAYS = "soon"

    for count in (
        lambda: backlog.of_job(job, now),
        lambda: backlog.of_limits([(job, job.retention)], now),
        lambda: backlog.up_to(1, [job], now),
        lambda: backlog.with_any([(job, now)]),
    ):
        with pytest.raises(InvalidRetention, match="SCRATCH_RETENTION_DAYS"):
            count()
