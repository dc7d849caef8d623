"""The addresses of pages: by `SITE_URL`, and none without it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from maintenance.api import Outcome
from maintenance.models import JobRun
from maintenance.reporting.links import link_to, link_to_run
from tests.maintenance.pages.rows import make_run

SITE = "https://bazaar.example.org"


def test_a_link_begins_with_the_address_of_the_site(settings):
    settings.SITE_URL = f"{SITE}/"

    assert link_to("admin:maintenance_jobs") == SITE + reverse("admin:maintenance_jobs")
    assert link_to_run(7) == SITE + reverse("admin:maintenance_jobrun_change", args=[7])
    assert link_to_run(None) == link_to("admin:maintenance_jobs")
    assert link_to("admin:no_such_page") == f"{SITE}/"


def test_without_an_address_of_the_site_there_is_no_link(settings):
    settings.SITE_URL = ""

    assert (link_to("admin:maintenance_jobs"), link_to_run(7)) == ("", "")


@pytest.mark.django_db
@pytest.mark.parametrize("site", ["", SITE])
def test_a_failed_command_links_to_its_run(scratch_job, items, settings, site):
    settings.SITE_URL = site
    items(1)
    scratch_job(lambda _batch: Outcome(failed=dict.fromkeys(["x"], "no")))
    err = StringIO()

    with pytest.raises(SystemExit):
        call_command("jobs", "run", "scratch", "--no-progress", stderr=err)

    address = reverse("admin:maintenance_jobrun_change", args=[JobRun.objects.get().pk])
    assert (f"{SITE}{address}" in err.getvalue()) is bool(site)


@pytest.mark.django_db
def test_the_doctor_links_to_the_run_of_a_finding(settings):
    run = make_run(JobRun.Status.FAILED)
    address = reverse("admin:maintenance_jobrun_change", args=[run.pk])
    told = {}
    for site in ("", SITE):
        settings.SITE_URL, out = site, StringIO()
        with pytest.raises(SystemExit):
            call_command("doctor", stdout=out)
        told[site] = "".join(out.getvalue().split())

    assert f"{SITE}{address}" in told[SITE]
    assert address not in told[""]
