"""The queue stores JSON, and nothing that it stores is loaded as a pickle."""

import base64
import pickle
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q import pusher, signing as queue_signing
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Success, Task
from django_q.monitor import save_task
from django_q.tasks import async_task

from maintenance.core.queue_packages import SignedPackage

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_connection(monkeypatch):
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)  # the test's own is needed


@pytest.fixture
def trap(tmp_path):
    """A pickle that makes a file when it is loaded, and the file."""
    file = tmp_path / "loaded"

    class Trap:
        def __reduce__(self):
            return Path.touch, (file,)

    bait = pickle.dumps(Trap())
    pickle.loads(bait)
    assert file.exists(), "the trap works"
    file.unlink()
    return bait, file


def store(text, *, success):
    """Write a row of a finished task as SQL would."""
    task = Task.objects.create(id="e" * 32, name="evil", func="f", started=NOW, stopped=NOW, success=success)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_task SET args = %s, kwargs = %s, result = %s", [text] * 3)
    return task


def finished(task_id="1" * 32, **fields):
    return {
        "id": task_id,
        "name": "mine",
        "func": "f",
        "args": (1,),
        "kwargs": {},
        "started": NOW,
        "stopped": NOW,
        "result": "succeeded",
        "success": True,
        **fields,
    }


@pytest.mark.parametrize("success", [True, False])
def test_no_pickle_in_a_finished_task_is_loaded(trap, success, monkeypatch, staff_user):
    bait, file = trap
    store(base64.b64encode(bait).decode(), success=success)
    monkeypatch.setattr(Conf, "SAVE_LIMIT", 1)

    save_task(finished(), None)  # prunes
    save_task(finished("e" * 32, name="evil"), None)  # finds the row
    for model in (Task, Success, Failure):
        for row in model.objects.all():
            assert row.args in (None, [1])
            row.refresh_from_db()
            row.save()
    list(Task.objects.values_list("args", "kwargs", "result"))
    Task.objects.update(stopped="2020-01-01T00:00Z")
    call_command("cleanup_run_history", "--no-progress")

    assert not file.exists()


def test_no_pickle_of_the_queue_is_loaded_whoever_signed_it(trap):
    bait, file = trap

    class Raw:
        def dumps(self, value):
            return value

    for salt in (Conf.PREFIX, f"{Conf.PREFIX}.json", "other"):
        for compress in (True, False):
            payload = signing.dumps(bait, Conf.SECRET_KEY, salt, serializer=Raw, compress=compress)
            row = OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload=payload, lock=timezone.now())
            assert row.task_id() == "*BadSignature"
            for loads in (SignedPackage.loads, pusher.SignedPackage.loads):
                with pytest.raises(signing.BadSignature):
                    loads(payload)

    assert not file.exists()


@pytest.mark.parametrize("payload", ["", "x", ":", "::", "a:b:c", ".:1:2", "\ud7ff:é:ü", "x" * 100_000])
def test_a_package_that_cannot_be_read_has_a_wrong_signature(payload):
    with pytest.raises(queue_signing.BadSignature):
        SignedPackage.loads(payload)


def test_a_signed_package_that_is_no_json_has_a_wrong_signature():
    class Raw:
        def dumps(self, value):
            return value

    for content in (b"\xff", b"{", zlib.compress(b"{}"), b'{"started": "soon"}', b'{"started": 1}'):
        payload = signing.dumps(content, Conf.SECRET_KEY, f"{Conf.PREFIX}.json", serializer=Raw)
        with pytest.raises(signing.BadSignature):
            SignedPackage.loads(payload)


def test_a_task_comes_out_as_it_went_in():
    task_id = async_task("builtins.len", 1, "ä\x00", [None, 1.5], flag=True, group="g", chain=[("builtins.len", ["x"])])

    task = OrmQ.objects.get().task

    assert task["id"] == task_id
    assert (task["func"], task["args"], task["kwargs"]) == ("builtins.len", (1, "ä\x00", [None, 1.5]), {"flag": True})
    assert task["chain"] == [("builtins.len", ["x"])]
    assert task["started"].tzinfo is not None


def test_a_function_itself_is_queued_by_its_name():
    async_task(call_command, "check")

    assert OrmQ.objects.get().func() == "django.core.management.call_command"


def test_arguments_that_are_no_plain_data_are_refused_when_they_are_queued():
    with pytest.raises(TypeError, match="not JSON serializable"):
        async_task("builtins.len", object())


def test_a_finished_task_is_stored_as_json():
    save_task(finished(result={"a": object()}), None)

    with connection.cursor() as cursor:
        cursor.execute("SELECT args, kwargs, result FROM django_q_task")
        assert cursor.fetchall() == [("[1]", "{}", '{"a": "<object>"}')]
    assert Task.objects.get().result == {"a": "<object>"}


def test_the_migrations_of_the_queue_have_not_changed():
    call_command("makemigrations", "django_q", "--check", "--dry-run", verbosity=0)
