"""`manage.py sync_schedules`: what it changed, by name, and nothing the second time."""

import json

import pytest
from django_q.models import Schedule

from maintenance.core import registry
from maintenance.scheduling import schedules

pytestmark = pytest.mark.django_db

DONE = "Nothing was changed: every job has its schedule.\n"


@pytest.fixture(autouse=True)
def _synchronised(db):
    schedules.synchronise()


def test_nothing_is_told_where_nothing_is_changed(run):
    assert run("sync_schedules") == (DONE, "")


def test_a_new_a_changed_and_a_removed_row_are_told_by_name(run, scratch_job):
    first, second = registry.names()[:2]
    scratch_job()
    Schedule.objects.filter(name=first).update(cron="nonsense")
    Schedule.objects.filter(name=second).update(name="gone")

    lines = dict(line.split(": ") for line in run("sync_schedules")[0].splitlines())

    assert sorted(", ".join(lines.values()).split(", ")) == sorted(["scratch", second, first, "gone"])
    assert run("sync_schedules") == (DONE, "")


def test_the_document_has_a_list_for_each_kind_of_change(run, scratch_job):
    scratch_job()

    document = json.loads(run("sync_schedules", "--json")[0])

    assert ["scratch"] in document.values()
    assert all(isinstance(names, list) for names in document.values())
    assert set(json.loads(run("sync_schedules", "--json")[0]).keys()) == set(document)
