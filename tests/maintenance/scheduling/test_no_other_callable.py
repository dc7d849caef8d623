"""Nothing on any page makes the server run a function that is no registered job, for anybody below a superuser."""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_q.models import OrmQ, Schedule

from maintenance.core import registry
from maintenance.models import JobRun, JobSetting
from maintenance.scheduling import run_requests, schedules

pytestmark = pytest.mark.django_db

EVIL = "os.system"
CRAFTED = {
    "name": EVIL,
    "job": EVIL,
    "func": EVIL,
    "hook": EVIL,
    "args": "('true',)",
    "kwargs": "{'q_options': {'hook': 'os.system'}}",
    "schedule_type": "O",
    "repeats": "-1",
    "intended_date_kwarg": "x",
    "cron": "0 0 * * *; os.system",
    "reason": EVIL,
    "status": "queued",
    "trigger": "admin",
    "task_id": EVIL,
    "payload": EVIL,
    "key": "default",
    "confirm_count": "1",
    "back": "//example.org/",
    "_selected_action": "1",
    "action": "delete_selected",
    "post": "yes",
    "_save": "Save",
}
APPS = ("maintenance", "django_q")


def admin_addresses(arguments) -> Iterator[str]:
    """Yield every address of the admin that belongs to one of `APPS`, filled with each of `arguments` in turn."""
    [admin] = [part for part in get_resolver().url_patterns if getattr(part, "app_name", None) == "admin"]
    for pattern in admin.url_patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern).startswith(APPS):
            for inner in pattern.url_patterns:
                assert isinstance(inner, URLPattern)
                yield from _filled(f"{pattern.pattern}{inner.pattern}", arguments)


def _filled(route, arguments) -> Iterator[str]:
    start = reverse("admin:index")
    if "<" not in route:
        yield start + route
    for argument in arguments:
        filled = "".join(part if n % 2 == 0 else str(argument) for n, part in enumerate(_parts(route)))
        if "<" in route:
            yield start + filled


def _parts(route) -> Iterator[str]:
    before, found, rest = route.partition("<")
    yield before
    if found:
        _converter, _found, rest = rest.partition(">")
        yield ""
        yield from _parts(rest)


def calls() -> set[str]:
    """Return the functions that the queue would call, now or at some time."""
    waiting = {str(task.func()) for task in OrmQ.objects.all()}
    return waiting | set(Schedule.objects.values_list("func", flat=True))


@pytest.fixture
def everything_but_superuser(staff_user):
    cache.clear()
    schedules.synchronise()
    staff_user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=APPS))
    assert type(staff_user).objects.get(pk=staff_user.pk).has_perms(["django_q.change_schedule", "maintenance.run_job"])
    client = Client()
    client.force_login(staff_user)
    return client


def test_no_address_runs_anything_but_a_job(everything_but_superuser):
    client = everything_but_superuser
    run = JobRun.objects.create(job="cleanup-push-tokens", trigger="schedule")
    row = Schedule.objects.order_by("pk").first()
    jobs = {job.name for job in registry.all_jobs()}
    addresses = [*admin_addresses([run.pk, row.pk, *sorted(jobs), EVIL, f"{EVIL}/../x", "0"])]
    assert len({address for address in addresses if EVIL not in address}) > 50

    answers = {}
    for address in addresses:
        for method in (client.post, client.get, client.put, client.delete):
            answer = method(address, CRAFTED if method in {client.post, client.get} else json.dumps(CRAFTED))
            answers.setdefault(answer.status_code, []).append(address)

    assert set(answers) <= {200, 301, 302, 400, 403, 404, 405}
    assert JobRun.objects.filter(trigger="admin").exists()  # so that something was asked for, and was done
    assert OrmQ.objects.exists()
    assert calls() == {schedules.FUNCTION, run_requests.RUN_QUEUED}
    assert set(JobRun.objects.values_list("job", flat=True)) <= jobs
    assert set(JobSetting.objects.values_list("job", flat=True)) <= jobs
    assert {row.name: row.args for row in Schedule.objects.all()} == {
        name: schedules.arguments_of(name) for name in jobs
    }
    for task in OrmQ.objects.all():
        assert JobRun.objects.filter(pk__in=task.task["args"]).count() == 1


@pytest.mark.parametrize("address", ["schedule", "success", "failure", "ormq"])
def test_a_crafted_schedule_or_task_is_refused(everything_but_superuser, address):
    before = list(Schedule.objects.order_by("pk").values())

    answers = {
        everything_but_superuser.post(f"/admin/django_q/{address}/{rest}", CRAFTED).status_code
        for rest in ("add/", f"{before[0]['id']}/change/", f"{before[0]['id']}/delete/")
    }

    assert answers <= {403, 404}
    assert list(Schedule.objects.order_by("pk").values()) == before
    assert not OrmQ.objects.exists()
