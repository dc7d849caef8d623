from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.partitions import adoption, layout, months
from bazaar.partitions.layout import month_of, months_after
from maintenance.engine.committer import Committer
from maintenance.engine.runner import run_now
from tests.factories import AuditLogFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.usefixtures("plain_afterwards", "fast"),
]


def test_a_run_makes_the_partitions_of_the_months_to_come():
    adoption.adopt(timezone.now() - timedelta(days=100))
    assert layout.read().end < months_after(month_of(timezone.now()), 4)

    assert run_now("delete-audit-logs").message == "There were no audit logs to delete."

    assert layout.read().end == months_after(month_of(timezone.now()), 4)


def test_a_run_leaves_a_plain_table_plain():
    assert run_now("delete-audit-logs").success

    assert layout.read() == layout.Layout(is_partitioned=False)


def test_a_run_that_finds_the_table_in_use_deletes_rows_nevertheless(in_use):
    adoption.adopt(timezone.now() - timedelta(days=100))
    AuditLogFactory(created_at=timezone.now() - timedelta(days=365 * 4))
    end = layout.read().end
    with in_use():
        result = run_now("delete-audit-logs")

    assert (result.status, result.details["counts"]) == ("succeeded", {"deleted": 1})
    assert layout.read().end == end


def test_nothing_is_counted_while_more_than_one_partition_is_locked(monkeypatch):
    """What makes partitions comes in another transaction than what counts many rows."""
    adoption.adopt(timezone.now() - timedelta(days=4 * 365))
    months.extend(layout.read(), timezone.now() - timedelta(days=150), tries=1)
    AuditLogFactory(created_at=timezone.now() - timedelta(days=4 * 365))
    steps = []
    commit = Committer.commit

    def committed(*arguments):
        outcome = commit(*arguments)
        steps.append("commit")
        return outcome

    def made(*arguments):
        steps.append("made")
        return make(*arguments)

    make = months.make
    monkeypatch.setattr(Committer, "commit", committed)
    monkeypatch.setattr(months, "make", made)

    assert run_now("delete-audit-logs").details["counts"]["deleted"] == 1

    assert steps[0] == "commit"
    assert "made" in steps
