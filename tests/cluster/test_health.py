"""Faults put in one by one: doctor and `/health/jobs` name each of them within two minutes, and then its end.

All of it is real: the site and the cluster are processes, and the doctor is asked as an operator asks it.
"""

import json
import socket
from http import HTTPStatus
from signal import SIGCONT, SIGKILL, SIGSTOP
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import connection

from maintenance.scheduling import schedules
from tests.cluster.broken_rows import break_row
from tests.cluster.test_database import outage

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

WITHIN = 120
"""Seconds within which a fault is told, and its end as well."""


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Health:
    """What is said of the department, over HTTP and by the doctor."""

    def __init__(self, address, run, until):
        self._url, self._run, self._until = f"http://{address}/health/jobs", run, until

    def get(self):
        """Return the status of `/health/jobs`, and the codes of what is wrong; 0 while there is no site."""
        try:
            with urlopen(self._url, timeout=30) as response:
                return response.status, _wrong(json.load(response))
        except HTTPError as error:
            return error.code, _wrong(json.load(error))
        except OSError:
            return 0, set()

    def until_wrong(self, code):
        self._until(lambda: self.get()[0] == HTTPStatus.SERVICE_UNAVAILABLE and code in self.get()[1], WITHIN)
        ended = self._run("doctor", "--json")
        assert ended.status == 1, ended
        assert code in _wrong(ended.json), ended

    def until_well(self):
        self._until(lambda: self.get() == (HTTPStatus.OK, set()), WITHIN)
        ended = self._run("doctor", "--json")
        assert ended.status == 0, ended


def _wrong(report):
    return {verdict["code"] for verdict in report["verdicts"] if verdict["level"] == "wrong"}


@pytest.fixture
def health(start, run, until):
    """A site as a process, which has begun to answer."""
    address = f"127.0.0.1:{_free_port()}"
    start("runserver", "--noreload", address, ALLOWED_HOSTS="127.0.0.1")
    health = Health(address, run, until)
    until(lambda: health.get()[0], WITHIN)
    return health


def test_each_fault_is_named_and_its_end_too(health, cluster, backlog, run, trigger):
    health.until_wrong("no-cluster")
    one = cluster()
    health.until_well()

    due = backlog(20)
    health.until_wrong("retention-overdue")
    fault = "RAISE EXCEPTION 'meddled'"
    trigger.create(
        due.model, when=f"OLD.id = {due.last().pk}", postgresql=fault, sqlite="SELECT RAISE(ABORT, 'meddled')"
    )
    assert run(due.job.command).status == 1
    health.until_wrong("job-failed")
    trigger.drop()
    assert run(due.job.command).status == 0
    health.until_well()

    break_row(schedules.ours().get(name=due.job.name), cron="soon")
    health.until_wrong("schedule-broken")
    assert run("sync_schedules").status == 0
    health.until_well()

    if connection.vendor == "postgresql":
        with outage():
            health.until_wrong("database-down")
        health.until_well()
    one.stop()


@pytest.mark.usefixtures("only_in_long_form")
def test_a_cluster_that_is_killed_or_stands_still_is_named(health, cluster):
    one = cluster()
    health.until_well()
    for process in one.family():
        process.send_signal(SIGSTOP)
    health.until_wrong("queue-stuck")
    for process in one.family():
        process.send_signal(SIGCONT)
    health.until_well()

    one.signal(SIGKILL)
    health.until_wrong("no-cluster")

    two = cluster()
    health.until_well()
    two.stop()
