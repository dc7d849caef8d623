"""All jobs on a community with four years of history, as the quickstart runs them; and what `retention` says of it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bazaar.demo import fill
from bazaar.models import AuditLog
from bazaar.redaction import rule
from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.engine.runner import run_now
from maintenance.reporting.period import Period, report_of
from maintenance.reporting.status import get_retention

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    backend = {"BACKEND": settings.STORAGES["default"]["BACKEND"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def overdue():
    """Return what the command says is past each limit."""
    output = StringIO()
    call_command("retention", "--json", stdout=output)
    return {policy["setting"]: policy["overdue"] for policy in json.loads(output.getvalue())}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_every_job_nothing_is_overdue_and_before_everything_was(seed):
    fill(seed=seed, scale=0.2, now=timezone.now())
    before = overdue()
    limits = {retention.setting for job in registry.all_jobs() for retention in job.retentions}
    assert before.keys() == limits
    of_the_community = {name for name, number in before.items() if number}
    assert {
        "INVITATION_RETENTION_DAYS",
        "PUSH_TOKEN_RETENTION_DAYS",
        "AUDIT_LOG_ANONYMIZE_YEARS",
        "AUDIT_LOG_DELETE_YEARS",
        "ORPHANED_FILE_RETENTION_DAYS",
    } <= of_the_community

    results = [run_now(job.name) for job in registry.all_jobs()]

    assert [result for result in results if not result.success] == []
    assert overdue() == dict.fromkeys(limits, 0)
    today = database_now().date()
    told = report_of(Period(today - timedelta(days=1), today))
    assert sum(line.units.done for line in told.limits) > 100
    assert [line for line in told.limits if line.units.late] == [], "all runs did everything that was due"


def rows_read_one_after_another():
    """How many audit logs this transaction has read by going through the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(seq_tup_read, 0) FROM pg_stat_xact_user_tables WHERE relname = %s",
            [AuditLog._meta.db_table],
        )
        return cursor.fetchone()[0]


@pytest.mark.postgresql  # its statistics tell how a table was read
def test_what_is_overdue_is_told_without_reading_the_whole_audit_log():
    now = timezone.now()
    ages = {
        "young": (4_000, timedelta(days=5), 0),
        "examined": (36_000, relativedelta(years=2), rule.number()),
        "to be anonymised": (50, relativedelta(years=2), 0),
        "to be deleted": (50, relativedelta(years=4), rule.number()),
    }
    AuditLog.objects.bulk_create(
        AuditLog(action=action, created_at=now - age, cleaned_version=version)
        for action, (number, age, version) in ages.items()
        for _ in range(number)
    )
    with connection.cursor() as cursor:
        # Rolled back rows of other tests make an index look larger than it would be.
        cursor.execute(f"REINDEX TABLE {AuditLog._meta.db_table}")
        cursor.execute(f"ANALYZE {AuditLog._meta.db_table}")
    assert AuditLog.objects.filter(action="young").count() == 4_000
    before = rows_read_one_after_another()
    assert before >= 36_000, "reading the table is seen"

    found = {policy.job: policy.overdue for policy in get_retention()}

    assert (found["anonymize-audit-logs"], found["delete-audit-logs"]) == (50, 50)
    assert rows_read_one_after_another() == before
