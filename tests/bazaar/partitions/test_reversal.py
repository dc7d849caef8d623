from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bazaar.models import AuditLog
from bazaar.partitions import adoption, layout, months, reversal
from tests.factories import AuditLogFactory
from tests.processes.catalogue import catalogue, differences

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.usefixtures("plain_afterwards"),
]


def schema():
    with connection.cursor() as cursor:
        return catalogue(cursor, "postgresql")


def test_the_way_back_leads_to_the_table_of_before():
    AuditLogFactory.create_batch(3)
    before, rows = schema(), list(AuditLog.objects.order_by("pk").values())
    adoption.adopt(timezone.now())
    assert differences(before, schema())
    new = AuditLogFactory(created_at=timezone.now() + timedelta(days=70))
    assert new.pk > max(row["id"] for row in rows)

    assert reversal.revert() == 1

    assert differences(before, schema()) == {}
    assert list(AuditLog.objects.exclude(pk=new.pk).order_by("pk").values()) == rows
    assert AuditLogFactory().pk > new.pk


def test_it_leads_there_when_the_first_partition_is_gone():
    before = schema()
    adoption.adopt(timezone.now() - timedelta(days=180))
    months.extend(layout.read(), timezone.now(), tries=1)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {layout.read().partitions[0].name}")
    log = AuditLogFactory()

    reversal.revert()

    found = differences(before, schema())
    assert all("not_null" in name for name in found), found
    assert list(AuditLog.objects.all()) == [log]


def test_of_a_plain_table_there_is_no_way_back():
    assert reversal.revert() == 0
