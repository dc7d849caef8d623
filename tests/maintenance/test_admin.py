"""The list of all runs in the admin."""

from datetime import timedelta

import pytest
from django.urls import reverse

from maintenance.models import JobRun
from maintenance.pages.formatting import DASH
from tests.maintenance.pages.people import client_of, person
from tests.maintenance.pages.rows import make_run

pytestmark = pytest.mark.django_db
RUNS = reverse("admin:maintenance_jobrun_changelist")
Status = JobRun.Status


@pytest.fixture
def rows():
    """Open the list and return the cells of each run, by its number."""
    client = client_of(person("view_jobrun"))

    def look(**asked):
        changelist = client.get(RUNS, asked).context["cl"]
        page = changelist.model_admin
        return {
            run.pk: {name: getattr(page, name)(run) for name in ("kind", "duration")} for run in changelist.result_list
        }

    return look


def test_a_dry_run_is_told_as_a_word_and_a_run_without_an_end_has_no_duration(rows):
    done, dry = make_run(), make_run(dry_run=True)
    JobRun.objects.filter(pk=dry.pk).update(finished_at=dry.started_at + timedelta(minutes=3, seconds=4))
    queued = make_run(Status.QUEUED)

    found = rows()

    assert found == {
        done.pk: {"kind": "", "duration": "2.0 s"},
        dry.pk: {"kind": "Dry run", "duration": "3 min 4 s"},
        queued.pk: {"kind": "", "duration": DASH},
    }


def test_a_run_is_found_by_its_number(rows):
    runs = [make_run() for _ in range(12)]

    assert list(rows(q=str(runs[0].pk))) == [runs[0].pk]


@pytest.mark.parametrize("sought", ["cleanup", "-1", "1.5", "9" * 30, "1 2", "%", "１"])
def test_what_is_no_number_of_a_run_finds_none(rows, sought):
    make_run(pk=50)

    assert rows(q=sought) == {}


def test_the_list_of_runs_shows_sentences_as_the_pages_do():
    JobRun.objects.create(job="a", trigger="schedule", status="failed", message="Old: `--sweep` removes it. X 57P01.")

    row = client_of(person("view_jobrun")).get(RUNS).content.decode()

    assert "<code>--sweep</code> removes it." in row
    assert "`" not in row.split("result_list")[1].split("</table>")[0]
