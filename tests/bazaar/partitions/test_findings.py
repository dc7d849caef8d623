from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.partitions import layout
from bazaar.partitions.findings import findings
from maintenance.health import doctor
from tests.factories import AuditLogFactory


@pytest.mark.django_db
def test_of_a_plain_table_nothing_is_said():
    assert findings(timezone.now()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
class TestPartitions:
    def test_of_partitions_that_are_as_they_should_be_nothing_is_said(self, partitioned):
        assert findings(timezone.now()) == []

    def test_partitions_that_end_soon_are_told(self, partitioned):
        end = layout.read().end

        assert findings(end - timedelta(days=14)) == []
        [found] = findings(end - timedelta(days=13))
        assert found.id == "bazaar.W035"
        assert end.date().isoformat() in found.msg

    def test_rows_in_the_default_partition_are_told(self, partitioned):
        AuditLogFactory(created_at=layout.read().end)

        [found] = findings(timezone.now())

        assert found.id == "bazaar.W036"

    def test_rows_that_are_older_than_all_partitions_are_only_deleted(self, partitioned, execute):
        execute(f"DROP TABLE {layout.read().partitions[0].name}")
        AuditLogFactory(created_at=timezone.now() - timedelta(days=900))
        assert execute(f"SELECT count(*) FROM {layout.DEFAULT}") == [(1,)]

        assert findings(timezone.now()) == []

    def test_the_doctor_says_it(self, partitioned):
        AuditLogFactory(created_at=layout.read().end)

        assert "The default partition of the audit log has rows" in str(doctor.check())
