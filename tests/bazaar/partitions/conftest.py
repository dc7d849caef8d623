import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from bazaar.models import AuditLog
from bazaar.partitions import adoption, layout, months, reversal
from tests.bazaar.jobs.two_connections import in_a_thread


@pytest.fixture
def plain_afterwards(transactional_db):
    """Make the audit log a plain table again, whatever the test has made of it."""
    yield
    if layout.read().is_partitioned:
        reversal.revert()
    adoption.remove_bound()


@pytest.fixture
def partitioned(plain_afterwards):
    """The audit log of a site that adopted partitions half a year ago."""
    adoption.adopt(timezone.now() - timedelta(days=180))
    months.extend(layout.read(), timezone.now(), tries=1)


@pytest.fixture
def execute():
    """Execute a statement, and return the rows of its answer."""

    def execute(sql, params=None):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture
def fast(monkeypatch):
    """Do not pause between two tries to get a lock."""
    monkeypatch.setattr("bazaar.partitions.locks.PAUSE", 0)


@pytest.fixture
def in_use():
    """Let another transaction read the audit log, and stay open, while the context lasts."""

    @contextmanager
    def using():
        uses, ends = threading.Event(), threading.Event()

        def use():
            with transaction.atomic():
                list(AuditLog.objects.all())
                uses.set()
                ends.wait()

        thread, _ = in_a_thread(use)
        try:
            uses.wait()
            yield
        finally:
            ends.set()
            thread.join()

    return using


@pytest.fixture
def partition_of(execute):
    """Return the name of the partition that has a log."""

    def name(log):
        [[found]] = execute("SELECT tableoid::regclass::text FROM bazaar_auditlog WHERE id = %s", [log.pk])
        return found

    return name


@pytest.fixture
def killed():
    """Do something in a process that ends itself with -9 before or after the first call of a function."""

    def run(function, is_after, call):
        module, name = function.split(".")
        names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
        code = f"""
import os, signal, django
from datetime import datetime
django.setup()
from django.db import connections
from django.utils import timezone
for alias, name in {names!r}.items():
    connections[alias].settings_dict["NAME"] = name
from bazaar.partitions import adoption, removal
from maintenance.engine.runner import run_now
function = {module}.{name}
def end(*arguments):
    if {is_after}:
        function(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{name} = end
{call}
"""
        connections.close_all()
        ended = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    return run
