import pytest
from django.db import connection

from bazaar.models import AuditLog
from bazaar.partitions import indexes, layout
from bazaar.searches import address_index
from tests.factories import AuditLogFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
VALID = """
    SELECT indrelid::regclass::text, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname ~ 'by_action' ORDER BY 1
"""


@pytest.fixture
def index(execute):
    yield "by_action"
    execute("DROP INDEX IF EXISTS by_action")


def test_an_index_of_a_plain_table_is_built(index, execute):
    indexes.create(connection, index, "(action)")

    assert execute(VALID) == [(layout.TABLE, True)]


def test_an_index_of_a_partitioned_table_has_those_of_all_partitions(partitioned, index, execute):
    AuditLogFactory()
    names = [part.name for part in layout.read().partitions]
    execute(f"CREATE INDEX {names[0]}_by_action ON {names[0]} (id)")  # of a build that was interrupted

    indexes.create(connection, index, "(action)")

    assert execute(VALID) == [(name, True) for name in sorted([layout.TABLE, layout.DEFAULT, *names])]


def test_the_index_of_addresses_is_built_anew_for_a_partitioned_table(partitioned):
    log = AuditLogFactory(metadata={"by": "ann@example.org"})
    address_index.drop(connection)
    assert address_index.candidates(["ann@example.org"]) is None

    address_index.create(connection)

    assert address_index.candidates(["ann@example.org"]) == [log.pk]
    assert AuditLog.objects.count() == 1
