"""The queue calls the functions of a list, whatever stands in its tables."""

import json
import logging
from multiprocessing import Value

import pytest
from django.db import IntegrityError
from django.utils import timezone
from django_q import monitor, worker
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ, Schedule, Task
from django_q.queues import Queue
from django_q.tasks import async_task

from maintenance.core import queue_functions
from maintenance.scheduling import validity
from tests.cluster.broken_rows import make_foreign

pytestmark = pytest.mark.django_db

ADDRESS = "ann@example.org"
CALLED = []
HERE = __name__
FORBIDDEN = [
    "os.system",
    "builtins.exec",
    "subprocess.run",
    "django.core.management.call_command",
    "maintenance.api.run_now",
    "maintenance.tasks.run_scheduled.__globals__",
    "maintenance.tasks.os.system",
    " builtins.len",
    "builtins.len\x0c",
    "len",
    "",
    f"{__name__}.note",
]


def note(*args, **kwargs):
    CALLED.append((args, kwargs))


def quote_a_row(*_args):
    raise IntegrityError(f"Key (email)=({ADDRESS}) already exists.")


def time_out_while_handling(*_args):
    try:
        quote_a_row()
    except IntegrityError:
        raise TimeoutException  # noqa: B904


@pytest.fixture(autouse=True)
def nothing_called(monkeypatch):
    CALLED.clear()
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)  # the test's own is needed


@pytest.fixture
def allow(settings):
    def allow(*names):
        settings.MAINTENANCE_QUEUE_FUNCTIONS = [f"{HERE}.{name}" for name in names]

    return allow


def finish(func, *args, **options):
    """Let a task go through worker and monitor of django-q2; return its row."""
    async_task(func, *args, **options)
    row = OrmQ.objects.latest("pk")
    tasks, results = Queue(), Queue()
    tasks.put(row.task)
    tasks.put("STOP")
    worker.worker(tasks, results, Value("f", -1))
    results.put("STOP")
    monitor.monitor(results)
    for queue in (tasks, results):
        queue.close()
        queue.join_thread()
    return Task.objects.get(id=row.task["id"])


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_schedule_with_any_other_function_is_quarantined_and_told(name, caplog):
    row = make_foreign(func=name)

    validity.fire_due()

    row.refresh_from_db()
    assert row.next_run is None
    assert not OrmQ.objects.exists()
    assert f"Schedule {row.pk} is quarantined" in caplog.text
    assert "MAINTENANCE_QUEUE_FUNCTIONS" in caplog.text


@pytest.mark.parametrize("name", queue_functions.OURS)
def test_a_schedule_of_somebody_else_cannot_use_the_functions_of_the_engine(name):
    row = make_foreign(func=name)

    validity.fire_due()

    row.refresh_from_db()
    assert row.next_run is None
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"hook": "os.system"},
        {"hook": f"{__name__}.note"},
        {"kwargs": "{'q_options': {'hook': 'os.system'}}"},
        {"kwargs": "{'hook': 'os.system'}"},
        {"kwargs": "hook='os.system'"},
        {"kwargs": "q_options={'chain': [('os.system', ('true',))]}"},
        {"kwargs": "{'chain': ['os.system']}"},
    ],
)
def test_a_schedule_with_another_function_among_its_options_is_quarantined(fields):
    row, good = make_foreign(**fields), make_foreign()

    validity.fire_due()

    row.refresh_from_db()
    good.refresh_from_db()
    assert row.next_run is None
    assert good.next_run is not None
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("name", [name for name in FORBIDDEN if name])
def test_a_worker_refuses_any_other_function(name):
    task = finish(name, "x")

    assert not CALLED
    assert not task.success
    assert "MAINTENANCE_QUEUE_FUNCTIONS" in task.result


def test_a_function_that_the_project_allows_is_called(allow):
    allow("note")

    task = finish(f"{HERE}.note", 1, "x", number=2)

    assert task.success
    assert CALLED == [((1, "x"), {"number": 2})]


def test_an_allowed_function_that_is_not_there_fails_its_task_and_no_worker(allow):
    allow("vanished")

    task = finish(f"{HERE}.vanished")

    assert not task.success
    assert "ImportError" in task.result


@pytest.mark.parametrize("name", ["quote_a_row", "time_out_while_handling"])
def test_the_failure_of_a_task_quotes_no_row(name, allow, caplog):
    caplog.set_level(logging.INFO)
    allow(name)

    task = finish(f"{HERE}.{name}")

    assert not task.success
    assert "Failed" in caplog.text
    assert ADDRESS not in task.result
    assert ADDRESS not in caplog.text


def test_the_failure_of_a_task_says_its_class_and_its_place(allow):
    allow("quote_a_row")

    task = finish(f"{HERE}.quote_a_row")

    record = json.loads(task.result.partition(" : ")[0])
    assert record["error"] == "django.db.utils.IntegrityError"
    assert record["frames"][-1]["function"] == "quote_a_row"


@pytest.mark.parametrize("hook", ["os.system", f"{__name__}.note", "maintenance.tasks.run_scheduled"])
def test_a_hook_in_a_row_is_not_called(hook, caplog):
    now = timezone.now()

    task = Task.objects.create(id="1", name="t", func="f", started=now, stopped=now, hook=hook)

    assert not CALLED
    assert f"The hook of task {task.pk} is not called" in caplog.text


def test_a_hook_that_the_project_allows_is_called(allow):
    allow("note")
    now = timezone.now()

    task = Task.objects.create(id="1", name="t", func="f", started=now, stopped=now, hook=f"{HERE}.note")

    assert [((task,), {})] == CALLED


def test_the_failure_of_a_hook_quotes_no_row(allow, caplog):
    allow("quote_a_row")
    now = timezone.now()

    Task.objects.create(id="1", name="t", func="f", started=now, stopped=now, hook=f"{HERE}.quote_a_row")

    assert "The hook of task 1 failed: IntegrityError" in caplog.text
    assert ADDRESS not in caplog.text


def test_the_engine_allows_what_it_enqueues_and_nothing_else():
    assert set(queue_functions.OURS) == {
        "maintenance.tasks.run_scheduled",
        "maintenance.tasks.run_queued",
        "maintenance.health.canary.come_back",
        "maintenance.canary.come_back",  # its former name
    }
    assert set(Schedule.objects.values_list("func", flat=True)) <= set(queue_functions.OURS)
