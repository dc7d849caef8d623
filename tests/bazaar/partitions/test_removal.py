"""Partitions past the limit are dropped and counted exactly; held rows, and the month of the cutoff, are not."""

from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from bazaar.audit_trail import ACTION
from bazaar.holds.service import release, set_hold
from bazaar.models import AuditLog
from bazaar.partitions import layout, removal
from bazaar.partitions.layout import month_of, months_after
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.bazaar.jobs.two_connections import in_a_thread
from tests.factories import AuditLogFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.usefixtures("partitioned", "fast", "uploads"),
]


@pytest.fixture
def old():
    """Return a month of the partitioned time, so far from now that a run of `later` finds it past the limit."""
    return layout.read().partitions[1].start


def later(month, **beyond):
    """Return when the cutoff is the beginning of the month after `month`, and something beyond."""
    end = months_after(month, 1)
    return end.replace(year=end.year + 3) + timedelta(**beyond)


def run(now, **options):
    result = run_now("delete-audit-logs", now=now, **options)
    assert result.success, result.message
    return result


def logs(month, number, **fields):
    return AuditLogFactory.create_batch(number, created_at=month + timedelta(days=3), **fields)


def names():
    return [part.name for part in layout.read().partitions]


def test_a_month_past_the_limit_is_dropped_and_counted(old, partition_of):
    gone = logs(old, 7)
    name = partition_of(gone[0])
    kept = AuditLogFactory(created_at=months_after(old, 1))
    before = logs(old - timedelta(days=60), 2)  # in the first partition, which goes with it
    size = sum(layout.sizes([name, partition_of(before[0])]).values())

    result = run(later(old))

    assert result.details["counts"] == {"deleted": 9, "partitions": 2, "bytes": size}
    assert result.message == f"Deleted 9 audit logs. Dropped 2 partitions, which gave back {size:,} bytes."
    assert JobRun.objects.get(pk=result.run_id).items_due == 9
    assert name not in names()
    assert {*AuditLog.objects.exclude(action=ACTION)} == {kept}
    assert AuditLog.objects.get(action=ACTION).metadata["counts"]["deleted"] == 9


def test_no_row_of_a_dropped_month_is_deleted_by_itself(old, execute):
    logs(old, 5)
    statements = []

    def note(go_on, sql, *others):
        statements.append(sql)
        return go_on(sql, *others)

    with connections["default"].execute_wrapper(note):
        run(later(old))

    assert any("DROP TABLE" in sql for sql in statements)
    assert not any(f'DELETE FROM "{layout.TABLE}"' in sql for sql in statements)


def test_a_month_that_ends_at_the_cutoff_goes_and_one_that_ends_later_does_not(old):
    logs(old, 3)
    last = AuditLogFactory(created_at=months_after(old, 1) - timedelta(microseconds=1))

    result = run(later(old, microseconds=-1))

    assert result.details["counts"]["deleted"] == 3
    assert AuditLog.objects.filter(pk=last.pk).exists()
    assert run(later(old)).details["counts"]["deleted"] == 1
    assert not AuditLog.objects.filter(pk=last.pk).exists()


def test_in_the_month_of_the_cutoff_rows_are_deleted(old):
    logs(old, 4)
    young = AuditLogFactory(created_at=old + timedelta(days=20))
    partitions = names()[1:]

    result = run(later(old, days=-20))

    assert result.details["counts"]["deleted"] == 4
    assert names()[: len(partitions)] == partitions, "only the first partition, which was empty, is gone"
    assert {*AuditLog.objects.exclude(action=ACTION)} == {young}


def test_a_held_row_keeps_its_partition_and_no_other_row(old, partition_of):
    user = UserFactory()
    hold = set_hold(user, reason="legal_claim", review_on=date(2999, 1, 1))
    AuditLog.objects.all().delete()
    [held] = logs(old, 1, user=user)
    logs(old, 6)
    name = partition_of(held)

    result = run(later(old))

    assert result.details["counts"] == {
        "deleted": 6, "held_back": 1, "partitions": 1, "bytes": result.details["counts"]["bytes"]
    }  # fmt: skip
    assert name in names()
    assert AuditLog.objects.filter(pk=held.pk).exists()

    release(hold)
    assert run(later(old)).details["counts"]["deleted"] >= 1
    assert name not in names()


def test_a_dry_run_says_the_number_and_drops_nothing(old):
    logs(old, 5)
    before = layout.read()

    result = run(later(old), dry_run=True)

    assert result.details["counts"]["would_delete"] == 5
    assert layout.read() == before
    assert run(later(old)).details["counts"]["deleted"] == 5


def test_the_volume_guard_stops_it_before_anything_is_dropped(old, monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 2)
    run(timezone.now())
    logs(old, 5)
    before = layout.read()

    result = run_now("delete-audit-logs", now=later(old))

    assert not result.success
    assert "5 are due" in result.message
    assert layout.read() == before
    assert run(later(old), confirm_count=5).details["counts"]["deleted"] == 5


def test_several_months_go_one_after_the_other(old):
    for number in range(3):
        logs(months_after(old, number), number + 1)

    result = run(later(months_after(old, 2)))

    assert result.details["counts"]["deleted"] == 6
    assert result.details["counts"]["partitions"] == 4
    assert result.details["batches"]["count"] >= 3, "each in a transaction of its own"


def test_rows_of_a_partition_that_is_in_use_are_deleted_by_themselves(old, partition_of, in_use):
    name = partition_of(logs(old, 5)[0])
    with in_use():
        result = run(later(old))

    assert result.details["counts"] == {"deleted": 5}
    assert name in names()
    assert "partitions" in run(later(old)).details["counts"]
    assert name not in names()


def test_a_drop_that_is_rolled_back_is_not_counted(old, monkeypatch):
    logs(old, 5)
    before = layout.read()
    fence = "maintenance.engine.lease.fence"
    from maintenance.engine import lease

    original = lease.fence

    def lost(run, values):
        if values.get("items_done"):
            raise lease.FenceClosed
        return original(run, values)

    monkeypatch.setattr(fence, lost)
    result = run_now("delete-audit-logs", now=later(old))

    assert not result.success
    assert result.details["counts"] == {}
    assert layout.read() == before
    assert AuditLog.objects.count() == 5
    assert month_of(old) == old


def test_killed_between_a_drop_and_its_commit_nothing_is_lost_and_all_is_counted(old, killed):
    logs(old, 5)
    before, now = layout.read(), later(old)
    run(timezone.now())

    call = f"run_now('delete-audit-logs', now=datetime.fromisoformat({now.isoformat()!r}))"
    killed("removal._drop", True, call)

    assert layout.read() == before
    assert AuditLog.objects.exclude(action=ACTION).count() == 5
    [crashed] = JobRun.objects.filter(status="running")
    assert crashed.items_done == 0
    JobRun.objects.filter(pk=crashed.pk).update(heartbeat_at=timezone.now() - timedelta(days=1))
    assert run(now).details["counts"]["deleted"] == 5
    assert layout.read() != before


def test_a_hold_that_is_set_while_a_partition_is_locked_keeps_it(old, partition_of, monkeypatch):
    run(later(old, days=-20))  # the first partition goes, which would keep everybody from writing
    user = UserFactory()
    [held] = logs(old, 1, user=user)
    free = logs(old, 2)
    name, patiently = partition_of(held), removal.patiently

    def hold_first(lock, tries):
        if not user.holds.exists():
            thread, results = in_a_thread(lambda: set_hold(user, reason="authority", review_on=date(2999, 1, 1)))
            thread.join()
            assert [hold.user_id for hold in results] == [user.pk]
        return patiently(lock, tries)

    monkeypatch.setattr(removal, "patiently", hold_first)

    result = run(later(old))

    assert user.holds.exists()
    assert name in names()
    assert AuditLog.objects.filter(pk=held.pk).exists()
    assert not AuditLog.objects.filter(pk__in=[log.pk for log in free]).exists()
    assert result.details["counts"]["deleted"] == 2
