from datetime import UTC, datetime

import pytest
from django.utils import timezone

from bazaar.partitions import layout
from tests.factories import AuditLogFactory


@pytest.mark.django_db
def test_a_table_is_plain_until_somebody_asks_for_partitions():
    assert layout.read() == layout.Layout(is_partitioned=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_months_follow_each_other_without_a_gap(partitioned, partition_of):
    first, *others = layout.read().partitions

    assert first.start is None
    assert [part.start for part in others] == [first.end, *[part.end for part in others[:-1]]]
    assert all(part.end == layout.months_after(part.start, 1) for part in others)
    assert layout.read().has_default
    for part in others:
        assert partition_of(AuditLogFactory(created_at=part.start)) == part.name
    assert partition_of(AuditLogFactory(created_at=layout.read().end)) == layout.DEFAULT


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_a_size_is_that_of_the_table_with_its_indexes(partitioned):
    names = [part.name for part in layout.read().partitions]

    assert layout.sizes([]) == {}
    assert {*layout.sizes(names)} == {*names}
    assert all(size > 0 for size in layout.sizes(names).values())


def test_months_are_counted_over_the_end_of_a_year():
    december = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)

    assert layout.month_of(december) == datetime(2026, 12, 1, tzinfo=UTC)
    assert layout.months_after(layout.month_of(december), 2) == datetime(2027, 2, 1, tzinfo=UTC)
    assert layout.months_after(layout.month_of(december), 12) == datetime(2027, 12, 1, tzinfo=UTC)


def test_the_end_is_that_of_the_last_partition():
    now = layout.month_of(timezone.now())
    parts = (layout.Partition("a", None, now), layout.Partition("b", now, layout.months_after(now, 1)))

    assert layout.Layout(is_partitioned=True, partitions=parts).end == layout.months_after(now, 1)
