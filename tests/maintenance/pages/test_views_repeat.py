"""A run that came to less than it should offers to run the job again, to whom it may concern."""

import pytest
from django.urls import reverse

from maintenance.core.states import WORTH_REPEATING, Status
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

RUN = reverse("admin:maintenance_run", args=[NAME])
DRY_RUN = reverse("admin:maintenance_dry_run", args=[NAME])
JOBS = reverse("admin:maintenance_jobs")


def offered(client, address):
    page = text_of(client, address)
    page = page.split('<table class="mb-jobs">')[0]
    return [name for name, action in (("run", RUN), ("dry run", DRY_RUN)) if f'formaction="{action}"' in page]


@pytest.mark.parametrize("status", Status)
def test_a_run_offers_to_be_repeated(operator, viewer, status):
    run = make_run(status)

    assert offered(operator, run_page(run)) == (["run", "dry run"] if status in WORTH_REPEATING else [])
    assert offered(viewer, run_page(run)) == []


def test_a_failed_dry_run_offers_another_one(operator):
    assert offered(operator, run_page(make_run(Status.FAILED, dry_run=True))) == ["dry run"]


def test_a_failed_job_is_run_again_from_the_list(operator, viewer):
    make_run(Status.FAILED)

    assert offered(operator, JOBS) == ["run", "dry run"]
    assert offered(viewer, JOBS) == []
    response = operator.post(RUN, follow=True)
    assert response.redirect_chain[-1][0] == run_page(JobRun.objects.get(status=Status.QUEUED))


def test_nothing_is_repeated_while_a_run_is_active(operator):
    failed = make_run(Status.FAILED)
    active = make_run(Status.QUEUED)

    assert offered(operator, run_page(failed)) == []
    assert offered(operator, JOBS) == []
    assert run_page(active) in text_of(operator, JOBS).split('<table class="mb-jobs">')[0]
    JobRun.objects.filter(pk=active.pk).update(job="cleanup-invitations")
    assert offered(operator, run_page(failed)) == ["run", "dry run"]


def test_nothing_is_repeated_while_all_jobs_are_paused(operator):
    failed = make_run(Status.FAILED)
    controls.pause()

    assert offered(operator, run_page(failed)) == []
    assert offered(operator, JOBS) == []


def test_a_job_that_is_gone_is_not_repeated(operator):
    assert offered(operator, run_page(make_run(Status.FAILED, job="gone-job"))) == []


@pytest.mark.parametrize(
    ("details", "is_offered"), [({"brake": 1_205}, True), ({"brake": 1_205, "options": ["sweep"]}, False)]
)
def test_the_volume_guard_is_released_with_its_number(operator, details, is_offered):
    failed = make_run(Status.FAILED, details=details, message="1,205 are due: run `manage.py x --confirm-count 1205`.")

    for address in (run_page(failed), JOBS, reverse("admin:maintenance_job", args=[NAME])):
        page = text_of(operator, address)
        assert (f'formaction="{RUN}?confirm_count=1205" class="mb-button mb-button-danger"' in page) == is_offered
        assert ("Run now, up to 1,205 items" in page) == is_offered
    assert "confirm it" in text_of(operator, JOBS)


def test_a_verdict_has_the_message_of_the_run_and_no_command(operator):
    error = {"error": "django.db.utils.OperationalError", "sqlstate": "53100", "constraint": None, "frames": []}
    run = make_run(Status.FAILED, message="An unexpected error ended the run: OperationalError 53100.", error=error)

    for address in (JOBS, reverse("admin:index"), reverse("admin:maintenance_cluster")):
        panel = text_of(operator, address).split('class="mb-health')[1].split("mb-checked")[0]
        assert "OperationalError 53100 (the disk of the database is full)" in panel
        assert run_page(run) in panel
        assert "manage.py" not in panel
        assert f'formaction="{RUN}"' in panel
    assert ": the disk of the database is full" in text_of(operator, run_page(run))
