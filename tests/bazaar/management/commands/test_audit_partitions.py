from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.partitions import adoption, layout, reversal
from tests.factories import AuditLogFactory


@pytest.fixture
def plain_afterwards(transactional_db):
    yield
    reversal.revert()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_each_action_says_what_it_did(run_command, plain_afterwards):
    AuditLogFactory()
    assert run_command("audit_partitions", "status")[0] == "The audit log is a plain table.\n"

    out, _ = run_command("audit_partitions", "adopt")
    assert "The audit log is partitioned by month. The table was locked for 0." in out
    assert all(part.name in out for part in layout.read().partitions)
    assert layout.DEFAULT in out

    assert "New partitions: bazaar_auditlog_" not in run_command("audit_partitions", "extend")[0]
    new = AuditLogFactory(created_at=layout.read().end)
    assert new.pk

    assert run_command("audit_partitions", "revert")[0] == "The audit log is a plain table. Rows moved: 1.\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_months_that_are_missing_are_made(run_command, plain_afterwards):
    adoption.adopt(timezone.now() - timedelta(days=100))

    out, _ = run_command("audit_partitions", "extend")

    assert f"New partitions: bazaar_auditlog_{timezone.now():%Y_}" in out


@pytest.mark.django_db
def test_on_sqlite_one_sentence_says_who_can(run_command, monkeypatch):
    monkeypatch.setattr("bazaar.management.commands.audit_partitions.is_postgresql", lambda: False)

    for action in ("adopt", "extend", "revert"):
        assert run_command("audit_partitions", action, status=1) == (
            "",
            "Only PostgreSQL can partition the audit log.\n",
        )
