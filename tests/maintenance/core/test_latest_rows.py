"""The latest row of each kind is found without reading the others."""

import pytest

from maintenance.core.latest_rows import is_latest
from maintenance.models import JobRun

pytestmark = pytest.mark.django_db


def runs(job, *statuses):
    return [JobRun.objects.create(job=job, trigger="schedule", status=status) for status in statuses]


def latest(names, **conditions):
    return set(JobRun.objects.filter(is_latest(JobRun.objects.filter(**conditions), "job", names)))


def test_each_value_has_its_latest_row():
    first, second = runs("a", "succeeded", "failed"), runs("b", "failed", "succeeded")
    runs("c", "succeeded")

    assert latest(["a", "b", "none"]) == {first[1], second[1]}
    assert latest(["a", "b"], status="succeeded") == {first[0], second[1]}


def test_without_values_there_is_no_latest_row():
    runs("a", "succeeded")

    assert latest([]) == set()
