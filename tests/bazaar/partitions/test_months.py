from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.models import AuditLog
from bazaar.partitions import adoption, layout, months
from bazaar.partitions.layout import month_of, months_after
from tests.bazaar.jobs.two_connections import in_a_thread
from tests.factories import AuditLogFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.usefixtures("plain_afterwards", "fast"),
]


def extend(now=None, tries=5):
    return months.extend(layout.read(), now or timezone.now(), tries=tries)


def test_three_months_have_a_partition_before_they_begin():
    adoption.adopt(timezone.now() - timedelta(days=100))
    this_month = month_of(timezone.now())

    made = extend()

    assert len(made) >= 3
    assert layout.read().end == months_after(this_month, 4)
    assert extend() == []


def test_what_came_before_its_month_had_a_partition_is_moved_there(partition_of):
    adoption.adopt(timezone.now() - timedelta(days=180))
    early = AuditLogFactory(created_at=timezone.now() - timedelta(days=1), user=UserFactory())
    late = AuditLogFactory(created_at=timezone.now() + timedelta(days=900))
    assert partition_of(early) == partition_of(late) == layout.DEFAULT
    before = list(AuditLog.objects.order_by("pk").values())

    extend()

    assert partition_of(early) == f"{layout.TABLE}_{early.created_at:%Y_%m}"
    assert partition_of(late) == layout.DEFAULT
    assert list(AuditLog.objects.order_by("pk").values()) == before


def test_more_rows_than_somebody_should_wait_for_are_left_to_a_person(partition_of):
    adoption.adopt(timezone.now() - timedelta(days=180))
    logs = AuditLogFactory.create_batch(3, created_at=timezone.now())

    with pytest.raises(months.TooManyToMove):
        months.extend(layout.read(), timezone.now(), tries=5, most=2)
    assert partition_of(logs[0]) == layout.DEFAULT
    months.extend(layout.read(), timezone.now(), tries=5, most=3)
    assert partition_of(logs[0]) != layout.DEFAULT


def test_partitions_that_are_all_gone_are_made_again(partitioned, execute):
    for part in layout.read().partitions:
        execute(f"DROP TABLE {part.name}")

    assert len(extend()) == 1 + months.IN_ADVANCE


def test_a_partition_has_the_storage_parameters_of_the_one_before(execute):
    execute("ALTER TABLE bazaar_auditlog SET (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 90)")
    try:
        adoption.adopt(timezone.now() - timedelta(days=100))
        [first, *_] = extend()
        found = execute("SELECT reloptions FROM pg_class WHERE relname = %s", [first])
    finally:
        old = layout.read().partitions[0].name if layout.read().is_partitioned else layout.TABLE
        execute(f"ALTER TABLE {old} RESET (autovacuum_vacuum_scale_factor, fillfactor)")

    assert found == [(["autovacuum_vacuum_scale_factor=0.01", "fillfactor=90"],)]


def test_two_at_once_make_each_partition_once():
    adoption.adopt(timezone.now() - timedelta(days=180))
    present = layout.read()
    both = [in_a_thread(lambda: months.extend(present, timezone.now(), tries=50)) for _ in range(2)]
    for thread, _ in both:
        thread.join()

    made = [name for _, [names] in both for name in names]
    assert len({*made}) == len(made)
    assert layout.read().end == months_after(month_of(timezone.now()), 4)


def test_a_default_partition_that_somebody_dropped_is_made_again(partitioned, execute):
    execute(f"DROP TABLE {layout.DEFAULT}")
    assert not layout.read().has_default

    extend()

    assert layout.read().has_default
    AuditLogFactory(created_at=timezone.now() + timedelta(days=900))
