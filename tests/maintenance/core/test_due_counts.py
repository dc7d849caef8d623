"""What is due in many cases is counted as it is in each of them, in few statements."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from maintenance.core import due_counts, registry
from maintenance.core.due_counts import count_due
from maintenance.core.retention import Retention
from maintenance.core.stages import RowStage
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = [NOW + number * DAY for number in range(29)]
LIMIT = Retention("SCRATCH_RETENTION_DAYS", field="seen_at", days=90)
AGES = [50, 61.5, 62, 62.5, 70, 70, 88.5, 90, 90.5, 200]


def older(moment):
    return Q(seen_at__lt=LIMIT.cutoff(moment))


EVEN = Q(label__endswith="0") | Q(label__endswith="6") | Q(label__endswith="8")
WAYS = {
    "by age alone": lambda moment: Item.objects.filter(older(moment)),
    "by age and otherwise": lambda moment: Item.objects.filter(EVEN).filter(older(moment)).exclude(label="item 0"),
    "by age and otherwise, together": lambda moment: Item.objects.filter(EVEN & older(moment)),
    "by two ages": lambda moment: Item.objects.filter(older(moment), older(moment + DAY)),
    "by age or otherwise": lambda moment: Item.objects.filter(older(moment) | Q(label="item 0")),
    "not by age": lambda moment: Item.objects.exclude(older(moment)),
    "otherwise, by the moment": lambda moment: Item.objects.filter(older(moment), seen_at__gte=moment - 95 * DAY),
    "each once": lambda moment: Item.objects.filter(older(moment)).distinct(),
    "nothing": lambda _moment: Item.objects.none(),
}
ONCE = {"by age alone", "by age and otherwise", "by age and otherwise, together"}


@pytest.fixture(autouse=True)
def _items(db):
    for number, age in enumerate(AGES):
        Item.objects.create(label=f"item {number}", seen_at=NOW - age * DAY)


def stages(due):
    return [[RowStage(due(moment), len)] for moment in MOMENTS]


@pytest.mark.parametrize("way", WAYS)
def test_the_number_is_that_of_each_case(scratch_job, way):
    due = WAYS[way]
    expected = [due(moment).count() for moment in MOMENTS]
    assert way == "nothing" or any(expected)

    assert count_due(scratch_job(), stages(due), has_holds=False) == expected


@pytest.mark.parametrize("way", WAYS)
def test_rows_that_are_due_by_their_age_are_counted_once_for_all_cases(scratch_job, way):
    with CaptureQueriesContext(connection) as captured:
        count_due(scratch_job(), stages(WAYS[way]), has_holds=False)

    assert sum(query["sql"].count("COUNT(*)") == 1 for query in captured) == (way in ONCE)


def test_several_stages_of_a_case_are_added_up(scratch_job):
    cases = [[*first, *second] for first, second in zip(stages(WAYS["by age alone"]), stages(EVERY), strict=True)]

    assert count_due(scratch_job(), cases, has_holds=False)[0] == 2 + len(AGES)


def EVERY(_moment):  # noqa: N802 - one of the ways
    return Item.objects.all()


def test_more_statements_than_a_database_takes_at_once_are_sent_in_parts(scratch_job, monkeypatch):
    monkeypatch.setattr(due_counts, "MOST_PARTS", 3)
    due = WAYS["by two ages"]

    assert count_due(scratch_job(), stages(due), has_holds=False) == [due(moment).count() for moment in MOMENTS]


def test_what_is_held_is_left_out_and_asked_once_for_a_stage(scratch_job, monkeypatch):
    asked = []

    def free(rows):
        asked.append(rows)
        return rows.exclude(label="item 9")

    monkeypatch.setattr(due_counts.holds, "free", free)
    cases, job = stages(WAYS["by age alone"]), scratch_job()

    assert count_due(job, cases, has_holds=True)[0] == count_due(job, cases, has_holds=False)[0] - 1
    assert len(asked) == 1
    job.respects_holds = False
    assert count_due(job, cases, has_holds=True) == count_due(job, cases, has_holds=False)


def test_the_stages_of_the_project_are_counted_at_once(db):
    """But for what is due by one of two times, or until a time."""
    others = set()
    for job in registry.all_jobs():
        cases = [[stage for stage in job.stages(moment) if stage.is_counted] for moment in MOMENTS]
        expected = [sum(stage.due.count() for stage in case) for case in cases]
        assert count_due(job, cases, has_holds=False) == expected
        for stage, *later in zip(*cases, strict=True):
            if len(due_counts._alike([[stage], *([each] for each in later)])) > 1:
                others.add((job.name, job.limit_name(stage)))

    assert others == {
        ("cleanup-expired-tokens", "ANSWERED_INVITATION_RETENTION_DAYS"),
        ("cleanup-expired-tokens", "MAGIC_LINK_RETENTION_DAYS"),
        ("send-deletion-notices", ""),
    }
