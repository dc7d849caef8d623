"""Audit logs that are old enough to be anonymised, and the job that does it."""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from bazaar.audit_trail import ACTION
from bazaar.models import AuditLog
from maintenance.core import registry
from maintenance.engine.runner import run_now
from tests import factories

NAME = "anonymize-audit-logs"
NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
YEAR = relativedelta(years=1)
MOMENT = timedelta(microseconds=1)
OLD = NOW - YEAR - timedelta(days=1)
CLEAN = {"user": None, "subject": None, "ip_address": None, "user_agent": None, "metadata": {"field": "status"}}


def make(moment=OLD, **fields):
    return factories.make(AuditLog, created_at=moment, **fields)


def make_clean(moment=OLD, **fields):
    return make(moment, **{**CLEAN, **fields})


def run(**options):
    return run_now(NAME, **{"now": NOW, **options})


def logs():
    """Every log by its key, without the trail of the runs."""
    return {row["id"]: row for row in AuditLog.objects.exclude(action=ACTION).values()}


def due():
    return set(registry.get(NAME).due(NOW).values_list("pk", flat=True))
