"""Adoption: what the audit log had, it has as a partitioned table, and no row is written anew."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bazaar.models import AuditLog
from bazaar.partitions import adoption, layout, locks
from bazaar.partitions.findings import findings
from maintenance.engine.runner import run_now
from tests.bazaar.jobs.two_connections import in_a_thread
from tests.factories import AuditLogFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.usefixtures("plain_afterwards"),
]


def names(kind, table):
    queries = {
        "index": "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
        "trigger": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        "constraint": "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'p'",
        "column": "SELECT attname || format_type(atttypid, atttypmod) || attnotnull::text || attidentity::text "
        "|| coalesce(pg_get_expr(adbin, adrelid), '') FROM pg_attribute "
        "LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = %s::regclass AND attnum > 0",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[kind], [table])
        return sorted(name for (name,) in cursor.fetchall())


KINDS = ("index", "trigger", "constraint", "column")


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_under_the_same_names_what_it_had(kind):
    before = names(kind, layout.TABLE)
    assert before

    adoption.adopt(timezone.now())

    without = [name for name in before if not name.endswith("_id_not_null")] if kind == "constraint" else before
    assert set(without) <= set(names(kind, layout.TABLE))
    if kind != "constraint":
        assert names(kind, layout.TABLE) == before


@pytest.mark.parametrize("kind", ["index", "trigger", "constraint"])
def test_each_partition_has_as_many_of_each_kind(kind):
    adoption.adopt(timezone.now())

    present = layout.read()
    assert len(present.partitions) == 1 + 2
    for name in (*(part.name for part in present.partitions), layout.DEFAULT):
        assert len(names(kind, name)) == len(names(kind, layout.TABLE)), name


def rows_read(oid, execute):
    """Return how many rows of a table this connection has read and not told yet."""
    [[number]] = execute("SELECT pg_stat_get_xact_tuples_returned(%s::bigint::oid)", [oid])
    return number


def test_no_row_is_written_anew_and_none_is_read_under_the_lock(execute):
    AuditLogFactory.create_batch(20)
    [[oid, file]] = execute("SELECT oid::bigint, relfilenode FROM pg_class WHERE relname = %s", [layout.TABLE])
    end = layout.months_after(layout.month_of(timezone.now()), 2)
    locks.patiently(lambda: adoption._announce(end), tries=5)
    adoption._prove(end)

    with transaction.atomic():
        before = rows_read(oid, execute)
        assert before >= 20, "the proof has read the table"
        adoption._replace(end, timezone.now())
        read = rows_read(oid, execute) - before

    assert read == 0
    assert execute("SELECT relname, relfilenode FROM pg_class WHERE oid = %s::bigint::oid", [oid]) == [
        (layout.read().partitions[0].name, file)
    ]
    assert AuditLog.objects.count() == 20


def test_others_write_meanwhile_and_nothing_of_theirs_is_lost():
    AuditLogFactory.create_batch(50)
    ends, written = threading.Event(), []

    def write():
        while not ends.is_set():
            log = AuditLog.objects.create(action="x", metadata={})
            assert AuditLog.objects.filter(pk=log.pk).update(user_agent="y") == 1
            written.append(log.pk)
        return "all is well"

    thread, results = in_a_thread(write)
    try:
        while len(written) < 20:
            ends.wait(0.01)
        adoption.adopt(timezone.now())
        after = len(written)
        while len(written) < after + 20 and thread.is_alive():
            ends.wait(0.01)
    finally:
        ends.set()
        thread.join()

    assert results == ["all is well"]
    assert len({*written}) == len(written) >= 40
    assert AuditLog.objects.filter(pk__in=written, user_agent="y").count() == len(written)
    assert AuditLog.objects.count() == 50 + len(written)


def test_rights_are_those_of_before(execute):
    execute("CREATE ROLE reader")
    execute("GRANT SELECT ON bazaar_auditlog TO reader")
    execute("GRANT UPDATE (action) ON bazaar_auditlog TO reader WITH GRANT OPTION")
    rights = (
        "SELECT has_table_privilege('reader', 'bazaar_auditlog', 'SELECT'),"
        " has_column_privilege('reader', 'bazaar_auditlog', 'action', 'UPDATE WITH GRANT OPTION'),"
        " has_table_privilege('reader', 'bazaar_auditlog', 'DELETE')"
    )
    try:
        before = execute(rights)
        adoption.adopt(timezone.now())
        assert execute(rights) == before == [(True, True, False)]
    finally:
        execute("DROP OWNED BY reader; DROP ROLE reader")


OBSTACLES = {
    "CREATE VIEW old_logs AS SELECT id FROM bazaar_auditlog": "the view old_logs",
    "CREATE UNIQUE INDEX only_once ON bazaar_auditlog (id, action)": "the unique index only_once",
    "CREATE TABLE child (log bigint REFERENCES bazaar_auditlog)": "a foreign key of child",
}


@pytest.mark.parametrize(("statement", "named"), OBSTACLES.items())
def test_what_stands_in_the_way_is_named_and_nothing_is_changed(statement, named, execute):
    execute(statement)
    try:
        with pytest.raises(adoption.CannotBePartitioned, match=named):
            adoption.adopt(timezone.now())
    finally:
        execute("DROP VIEW IF EXISTS old_logs; DROP INDEX IF EXISTS only_once; DROP TABLE IF EXISTS child")

    assert layout.read() == layout.Layout(is_partitioned=False)


def test_a_log_of_a_year_to_come_is_refused_in_a_sentence():
    AuditLogFactory(created_at=timezone.now() + timedelta(days=400))

    with pytest.raises(adoption.CannotBePartitioned, match="correct their `created_at`"):
        adoption.adopt(timezone.now())

    assert layout.read() == layout.Layout(is_partitioned=False)


def test_a_second_adoption_changes_nothing():
    assert adoption.adopt(timezone.now()) is not None
    before = layout.read()

    assert adoption.adopt(timezone.now()) is None
    assert layout.read() == before


def test_a_table_that_is_in_use_stays_as_it_is(fast):
    uses, ends = threading.Event(), threading.Event()

    def use():
        with transaction.atomic():
            AuditLog.objects.exists()
            uses.set()
            ends.wait()

    thread, _ = in_a_thread(use)
    try:
        uses.wait()
        with pytest.raises(locks.NoLock):
            adoption.adopt(timezone.now(), tries=2)
    finally:
        ends.set()
        thread.join()

    assert not layout.read().is_partitioned


STEPS = {
    "before it is proven": ("adoption._prove", False),
    "after it is proven": ("adoption._prove", True),
    "before the commit": ("adoption._replace", True),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_call_does_the_rest(step, killed):
    AuditLogFactory.create_batch(3)
    killed(*STEPS[step], "adoption.adopt(timezone.now())")
    assert layout.read() == layout.Layout(is_partitioned=False, is_unfinished=True)
    AuditLogFactory()
    assert [message.id for message in findings(timezone.now())] == ["bazaar.W037"]

    adoption.adopt(timezone.now())

    assert layout.read().is_partitioned
    assert not layout.read().is_unfinished
    assert AuditLog.objects.count() == 4
    assert findings(timezone.now()) == []


def test_the_next_run_removes_what_a_killed_adoption_left(killed):
    killed(*STEPS["after it is proven"], "adoption.adopt(timezone.now())")
    assert layout.read().is_unfinished

    assert run_now("delete-audit-logs").success

    assert layout.read() == layout.Layout(is_partitioned=False)


@pytest.mark.parametrize("days", [0, 70, 900])
def test_a_log_of_nobody_is_refused_in_each_partition(days):
    adoption.adopt(timezone.now())

    with pytest.raises(IntegrityError):
        AuditLog.objects.create(user_id=404, metadata={}, created_at=timezone.now() + timedelta(days=days))
