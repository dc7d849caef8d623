"""What is not due costs nothing: no job, command or page reads a large table in which nothing is due."""

from contextlib import suppress
from io import StringIO

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse

from bazaar.models import AuditLog, User
from maintenance.cluster.passes import PARTS
from maintenance.core import registry
from maintenance.engine import volume_guard
from maintenance.engine.runner import run_now
from maintenance.health import doctor
from maintenance.models import HealthSnapshot, JobRun
from maintenance.pages import sparkline
from tests.project import large_tables

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # only its statistics count the rows that are read
    pytest.mark.slow,  # more than twenty tables are filled
]

ROWS = 20_000
MOST = (2 * sparkline.SLOTS + 30) * len(registry.all_jobs())
"""Rows of one table: a page draws the latest runs of each job, each found in one index and fetched by another."""
READ_ALL = {
    "recalculate-karma": "one aggregate compares the karma of all users with the votes of all projects",
    "compare-erased-addresses": "each address is compared with the digests, which may have come since",
}
"""What reads whole tables, and why."""


@pytest.fixture
def large(uploads):
    large_tables.fill(ROWS)
    assert AuditLog.objects.count() >= ROWS


@pytest.fixture
def rows_read(transactional_db):
    """Return a function that returns the tables of which more than `MOST` rows were read since it was called last."""
    before = {}

    def since():
        now = _read()
        grown = {table: number - before.get(table, 0) for table, number in now.items()}
        before.update(now)
        return {table: number for table, number in grown.items() if number > MOST}

    return since


def _read():
    """Return how many rows of each table were read, in the table or in one of its indexes."""
    connections.close_all()  # each one reports what it has read
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("""
            SELECT relname, COALESCE(seq_tup_read, 0) + GREATEST(idx_tup_fetch, indexed, 0)
            FROM pg_stat_user_tables LEFT JOIN (
                SELECT relid, sum(idx_tup_read)::bigint AS indexed FROM pg_stat_user_indexes GROUP BY relid
            ) AS indexes USING (relid)
        """)
        return dict(cursor.fetchall())


def test_nothing_reads_a_table_in_which_nothing_is_due(large, rows_read, client, settings):
    settings.METRICS_TOKEN = "token"
    staff = User.objects.create_superuser(email="root@example.org", password="x")
    client.force_login(staff)
    rows_read()
    list(AuditLog.objects.all())
    assert rows_read() == {AuditLog._meta.db_table: ROWS}

    read = {}
    for name, act in [*commands(), *pages(client), *rounds(), *jobs(), *commands(), *rounds(), *pages(client)]:
        act()
        read[name] = read.get(name, {}) | rows_read()

    assert read["recalculate-karma"], "the counting works"
    assert {name: tables for name, tables in read.items() if tables and name not in READ_ALL} == {}
    assert JobRun.objects.filter(details__paused__isnull=True).exclude(status="succeeded").count() == 0


def test_the_usual_number_is_found_in_a_long_history_in_which_no_run_counted(rows_read):
    job = registry.get("cleanup-push-tokens")
    usual = {"job": job.name, "trigger": "schedule"}
    JobRun.objects.create(**usual, status="succeeded", items_due=7)
    JobRun.objects.bulk_create(JobRun(**usual, status="skipped") for _ in range(ROWS))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE maintenance_jobrun")
    rows_read()

    assert volume_guard.usual_due(job) == 7

    assert rows_read() == {}


def jobs():
    """Yield each job with a function that runs it. Nothing is due, so it changes nothing."""

    def run(name):
        result = run_now(name)
        assert result.success, (name, result.message)

    for job in registry.all_jobs():
        yield job.name, lambda name=job.name: run(name)


def commands():
    """Yield the commands that show the state. In the first round no job has run for days."""

    def call(name):
        with suppress(SystemExit):  # the doctor's verdict
            call_command(*name.split(), stdout=StringIO(), stderr=StringIO())

    lists = ("deletions list", "holds list", "jobs history delete-audit-logs")
    for name in ("doctor", "retention", "report", "jobs", *lists):
        yield name, lambda name=name: call(name)


def rounds():
    """Yield the parts of a round of the cluster, with its examination."""

    def work(part):
        HealthSnapshot.objects.all().delete()
        part()

    for part in PARTS:
        yield f"{part.__module__}.{part.__name__}", lambda part=part: work(part)


def pages(client):
    """Yield the lists of the admin, the pages of jobs, and what monitoring asks for."""

    def view(url):
        cache.clear()
        doctor._cache.report = None
        answer = client.get(url, headers={"authorization": "Bearer token"})
        assert answer.status_code in {200, 503}, url

    models = (model._meta for model in admin.site._registry)
    lists = [f"{model.app_label}_{model.model_name}_changelist" for model in models]
    names = ["index", *lists, "maintenance_jobs", "maintenance_cluster", "maintenance_retention", "maintenance_report"]
    names += ["maintenance_failures"]
    urls = [reverse(f"admin:{name}") for name in names]
    urls += [reverse("admin:maintenance_job", args=[name]) for name in registry.names()]
    for url in [*urls, "/health/ready", "/health/jobs", "/metrics"]:
        yield url, lambda url=url: view(url)
