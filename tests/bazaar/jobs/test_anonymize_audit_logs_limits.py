"""The limits of the job `anonymize-audit-logs`, and how what is past them is found."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core import checks
from django.db import connection

from bazaar.models import AuditLog
from bazaar.redaction import rule
from maintenance.core import registry
from maintenance.core.errors import NotReady
from maintenance.engine.runner import run_now
from maintenance.reporting.status import get_retention
from tests.bazaar.jobs.old_logs import MOMENT, NAME, NOW, OLD, logs, make, make_clean, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("anonymise", "delete"), [(3, 3), (4, 3), (1, 1)])
def test_anonymising_has_to_come_before_deleting(settings, anonymise, delete):
    settings.AUDIT_LOG_ANONYMIZE_YEARS, settings.AUDIT_LOG_DELETE_YEARS = anonymise, delete

    [error] = [message for message in checks.run_checks(tags=["maintenance"]) if message.id == "maintenance.E005"]

    assert error.hint
    with pytest.raises(NotReady, match="AUDIT_LOG_ANONYMIZE_YEARS"):
        run()


def test_limits_in_order_or_unreadable_are_no_matter_of_their_order(settings):
    settings.AUDIT_LOG_ANONYMIZE_YEARS, settings.AUDIT_LOG_DELETE_YEARS = 2, 3
    assert not registry.get(NAME).check()
    settings.AUDIT_LOG_ANONYMIZE_YEARS = "two"
    assert not registry.get(NAME).check()


def test_the_limit_can_be_set(settings):
    settings.AUDIT_LOG_ANONYMIZE_YEARS = 2
    log, older = make(NOW - relativedelta(years=2)), make(NOW - relativedelta(years=2) - MOMENT)

    run()

    assert logs()[log.pk]["user_id"]
    assert logs()[older.pk]["user_id"] is None


def test_its_retention_is_told():
    make(), make_clean(), make(NOW + timedelta(days=3650))
    run_now(NAME)  # by the database's clock, as the status is

    [policy] = [policy for policy in get_retention() if policy.job == NAME]

    assert (policy.setting, policy.overdue) == ("AUDIT_LOG_ANONYMIZE_YEARS", 0)


def plan_of(query):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole, whatever its indexes
    return query.explain()


@pytest.mark.postgresql  # the plan is PostgreSQL's
def test_what_is_due_is_found_by_the_index_of_what_was_never_examined():
    make()
    examined = {"action": "x", "cleaned_version": rule.number(), "created_at": OLD}
    AuditLog.objects.bulk_create(AuditLog(**examined) for _ in range(2000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bazaar_auditlog")

    assert "audit_log_examined" in plan_of(registry.get(NAME).due(NOW).order_by())
