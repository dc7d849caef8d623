"""On SQLite the web process, a cluster and commands write at once, and wait for each other."""

import threading
import time

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connections, transaction

from bazaar.models import User
from maintenance.core import registry
from maintenance.models import JobRun
from tests.factories import UserFactory

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

SECONDS, SECONDS_IN_LONG_FORM = 15, 120
REAL_LEASE = {"MAINTENANCE_LEASE_SECONDS": 60}
"""Whoever waits for the one write lock gives no sign of life, and may wait for longer than the tests' short lease."""


class WebProcess(threading.Thread):
    """Does what the admin does to the database, again and again: reads, then writes, in one transaction."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.user = UserFactory(is_staff=True)
        self.over = threading.Event()
        self.changes = 0
        self.longest = 0.0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                began = time.monotonic()
                self._change()
                self.longest = max(self.longest, time.monotonic() - began)
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()

    def _change(self) -> None:
        with transaction.atomic():
            user = User.objects.get(pk=self.user.pk)
            user.bio = f"Change {self.changes}"
            user.save()
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, single_object=True)
        self.changes += 1


@pytest.mark.skipif("connections['default'].vendor != 'sqlite'", reason="a server lets many write at once")
def test_web_process_cluster_and_commands_write_at_once(cluster, backlog, due, run, long_form):
    one = cluster(**REAL_LEASE)
    web = WebProcess()
    web.start()
    tokens = backlog(500)
    ends_at = time.monotonic() + (SECONDS_IN_LONG_FORM if long_form else SECONDS)
    commands = []

    while time.monotonic() < ends_at:
        tokens.add(500)
        due()
        commands.append(run(tokens.job.command, **REAL_LEASE))
        commands.append(run("cleanup_invitations", **REAL_LEASE))

    web.over.set()
    web.join(30)
    one.stop()
    assert web.error is None
    assert web.changes > 10
    assert web.longest < 10
    for ended in commands:
        assert ended.status in {0, 75}, ended
        assert "locked" not in ended.text
    assert one.errors() == []
    assert "locked" not in one.log()
    assert {*JobRun.objects.values_list("job", flat=True)} == {job.name for job in registry.all_jobs()}
    wanted = {"succeeded", "skipped", "interrupted", "queued"}
    assert {*JobRun.objects.values_list("status", flat=True)} <= wanted
