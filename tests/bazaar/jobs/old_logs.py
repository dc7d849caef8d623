"""Audit logs that are old enough to be anonymised, and the job that does it."""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from bazaar.audit_trail import ACTION
from bazaar.models import AuditLog, User
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


def mixed():
    """Logs of every kind, in no order of age."""
    people = [factories.make(User) for _ in range(2)]
    return [
        make(OLD - timedelta(days=3)),
        make_clean(),
        make(NOW),
        make(OLD - timedelta(days=9), user=people[0], subject=people[1], metadata={"email": "ann@example.org"}),
        make_clean(OLD - timedelta(days=5), metadata={"old": {"ip": "192.0.2.1"}, "kept": [1, None, True, "ä"]}),
        make_clean(NOW),
        make(OLD, resource_type="user"),
        make_clean(metadata=[]),
    ]
