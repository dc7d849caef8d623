"""Whatever stands in an address or in a form, no page of ours answers 500."""

from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from maintenance.models import JobRun, Pause
from tests.factories import UserFactory
from tests.maintenance.pages.people import client_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

NAME = "cleanup-push-tokens"
ODD = [
    *("%00", "a%00b", "%FF%FE", "%ED%A0%80", "%1B[31m%0A", "-1", "1e400", "9" * 19, "9" * 40, "9" * 5_000, "[]"),
    *("9999-12-31", "0001-01-01", "0000-00-00", "9999-12-31T23:59:59-23:59", "x" * 10_000),
]
PAGES = {
    "maintenance_jobs": ["q", "state"],
    "maintenance_job": ["state", "trigger", "since", "until", "page"],
    "maintenance_retention": [],
    "maintenance_report": ["from", "to", "format"],
    "maintenance_failures": ["days"],
    "maintenance_cron": ["cron"],
    "maintenance_schedule": [],
    "maintenance_cluster": [],
}
"""The pages, and the parameters that they read."""
LISTS = {
    "maintenance_jobrun": [
        *("job", "status__exact", "trigger__in", "dry_run__exact", "dry_run__isnull", "queued_at__year"),
        *("queued_at__day", "queued_at__gte", "id", "slot", "requested_by", "details__x", "o", "p", "q", "all"),
        *("_to_field", "_changelist_filters", "x__y", "\x00"),
    ],
    "django_q_schedule": ["id", "next_run", "func", "o", "p"],
}
FINE = {200, 301, 302, 400, 403, 404, 405}


@pytest.fixture
def client():
    client = client_of(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    return client


@pytest.fixture(autouse=True)
def run():
    return JobRun.objects.create(
        job=NAME, trigger="admin", status="succeeded", dry_run=True, finished_at=timezone.now()
    )


def faults(client, addresses):
    return {address[:200]: status for address in addresses if (status := client.get(address).status_code) not in FINE}


def addresses_of(page, names):
    for name in names:
        for value in ODD:
            yield f"{page}?{quote(name)}={quote(value, safe='%')}"
    for value in ("%00", "9" * 40):  # what nobody reads
        yield f"{page}?x={value}&x[]=1"


@pytest.mark.parametrize("page", PAGES)
def test_odd_parameters_of_pages_are_no_server_error(page, client):
    arguments = [NAME] if page in {"maintenance_job", "maintenance_schedule"} else []
    address = reverse(f"admin:{page}", args=arguments)
    assert client.get(address).status_code == 200
    assert faults(client, addresses_of(address, PAGES[page])) == {}


@pytest.mark.parametrize("model", LISTS)
def test_odd_parameters_of_lists_are_no_server_error(model, client):
    address = reverse(f"admin:{model}_changelist")
    assert client.get(address).status_code == 200
    assert faults(client, addresses_of(address, LISTS[model])) == {}
    years = (f"queued_at__year={y}&queued_at__month={m}&queued_at__day={m}" for y in (0, 9999, 10**30) for m in (0, 12))
    assert faults(client, (f"{address}?{part}" for part in years)) == {}


def test_odd_addresses_are_no_server_error(client):
    root = reverse("admin:maintenance_jobrun_changelist")
    odd = [quote(value, safe="%") for value in ODD if "/" not in value]
    shapes = ["{}/change/", "{}/history/", "jobs/{}/", "jobs/{}/schedule/"]
    assert faults(client, (root + shape.format(value) for shape in shapes for value in odd)) == {}
    schedules = reverse("admin:django_q_schedule_changelist")
    assert faults(client, (f"{schedules}{value}/change/" for value in odd)) == {}


def test_odd_values_of_forms_are_no_server_error(client, run):
    forms = {
        reverse("admin:maintenance_run", args=[NAME]): ["confirm_count", "plan", "back"],
        reverse("admin:maintenance_dry_run", args=[NAME]): ["confirm_count", "plan"],
        reverse("admin:maintenance_schedule", args=[NAME]): ["cron", "use", "enabled", "preview"],
        reverse("admin:maintenance_pause"): ["reason", "back", "length", "until"],
        reverse("admin:maintenance_pause_job", args=[NAME]): ["reason", "length", "until"],
        reverse("admin:maintenance_jobrun_changelist"): ["action", "_selected_action", "select_across", "index"],
    }
    found = {}
    for address, names in forms.items():
        for name in names:
            for value in ODD:
                JobRun.objects.exclude(pk=run.pk).delete()
                Pause.objects.all().delete()
                sent = f"{name}={quote(value, safe='%')}"
                for query, body in (("", sent), (f"?{sent}", "")):
                    answer = client.post(address + query, body, content_type="application/x-www-form-urlencoded")
                    if answer.status_code not in FINE:
                        found[address, sent[:100]] = answer.status_code
    assert found == {}
