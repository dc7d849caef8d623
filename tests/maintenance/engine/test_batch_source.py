"""What is due, cut into batches: every row once and in order, whatever the sizes, and whatever happens meanwhile."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance.api import KeyStage, Outcome, RowStage
from maintenance.engine import batch_source
from maintenance.engine.batch_source import RANGE_ROWS, SPARSE, KeyList, KeyRanges, source_of
from maintenance.engine.batches import Batch, process
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_items():
    def make(keys):
        Item.objects.bulk_create(Item(pk=pk, label=f"item-{pk}") for pk in keys)

    return make


def keys_in(batch: Batch) -> list[int]:
    return sorted(batch.still(Item.objects.all()).values_list("pk", flat=True))


def batches_of(source, *sizes):
    """Return the batches of a source, of these sizes and then of the last one."""
    sizes = list(sizes)
    found = []
    while batch := source.next(sizes.pop(0) if len(sizes) > 1 else sizes[0]):
        found.append(batch)
    return found


@pytest.mark.parametrize("kind", [KeyRanges, KeyList])
@pytest.mark.parametrize(
    "number", [0, 1, 2, RANGE_ROWS - 1, RANGE_ROWS, RANGE_ROWS + 1, 3 * RANGE_ROWS, 3 * RANGE_ROWS + 7]
)
@pytest.mark.parametrize(
    "sizes", [(1, 7), (RANGE_ROWS,), (30, RANGE_ROWS, 2 * RANGE_ROWS), (2 * RANGE_ROWS + 1, 30, 10_000), (10_000,)]
)
def test_every_row_comes_once_and_in_order(make_items, kind, number, sizes):
    keys = [3 * n for n in range(1, number + 1)]
    make_items(keys)

    batches = batches_of(kind(Item.objects.all()), *sizes)

    assert [key for batch in batches for key in keys_in(batch)] == keys
    assert sum(batch.rows for batch in batches) == number
    assert [batch.is_last for batch in batches] == [False] * (len(batches) - 1) + [True] * bool(batches)


@pytest.mark.parametrize("kind", [KeyRanges, KeyList])
def test_batches_are_as_large_as_they_were_wanted(make_items, kind):
    make_items(range(1, 5 * RANGE_ROWS + 1))

    batches = batches_of(kind(Item.objects.all()), 2 * RANGE_ROWS, RANGE_ROWS // 2, RANGE_ROWS // 2, 2 * RANGE_ROWS)

    assert [batch.rows for batch in batches] == [2 * RANGE_ROWS, RANGE_ROWS // 2, RANGE_ROWS // 2, 2 * RANGE_ROWS]


@pytest.mark.parametrize("kind", [KeyRanges, KeyList])
@pytest.mark.parametrize("size", [RANGE_ROWS // 4, 2 * RANGE_ROWS])
def test_what_is_gone_or_new_meanwhile_disturbs_nothing(make_items, kind, size):
    make_items(range(1, 4 * RANGE_ROWS + 1))
    source = kind(Item.objects.all())
    seen = keys_in(source.next(size))
    Item.objects.filter(pk__in=seen).delete()
    Item.objects.filter(pk__gt=3 * RANGE_ROWS).delete()  # somebody else
    make_items([10 * RANGE_ROWS])

    while batch := source.next(size):
        seen += keys_in(batch)
        batch.still(Item.objects.all()).delete()

    assert seen == list(range(1, 3 * RANGE_ROWS + 1))
    assert Item.objects.get().pk == 10 * RANGE_ROWS


def test_what_is_due_is_found_once(make_items):
    make_items(range(1, 10 * RANGE_ROWS + 1))

    with CaptureQueriesContext(connection) as queries:
        batches_of(KeyRanges(Item.objects.all()), RANGE_ROWS)

    assert len(queries) == 1


def test_small_batches_read_the_keys_of_a_range_once(make_items):
    make_items(range(1, 3 * RANGE_ROWS + 1))

    with CaptureQueriesContext(connection) as queries:
        batches_of(KeyRanges(Item.objects.all()), RANGE_ROWS // 10)

    assert len(queries) == 1 + 3
    assert not [query for query in queries if "LIMIT" in query["sql"]]


def test_a_row_far_away_does_not_widen_the_batch_of_the_others(make_items):
    """Between the last two keys lie millions that are not due: nobody looks for the rows there under locks."""
    dense = list(range(1, 2 * RANGE_ROWS + 1))
    make_items([*dense, 2 * RANGE_ROWS + 1, SPARSE * RANGE_ROWS * 1_000])

    first, second = batches_of(KeyRanges(Item.objects.all()), 10 * RANGE_ROWS)

    assert (first.last, first.keys) == (dense[-1], None)
    assert second.keys == [2 * RANGE_ROWS + 1, SPARSE * RANGE_ROWS * 1_000]


def test_sparse_rows_come_many_at_a_time_too(make_items):
    keys = [number * SPARSE * 10 for number in range(1, 3 * RANGE_ROWS + 1)]
    make_items(keys)

    batches = batches_of(KeyRanges(Item.objects.all()), 2 * RANGE_ROWS)

    assert [batch.keys for batch in batches] == [keys[: 2 * RANGE_ROWS], keys[2 * RANGE_ROWS :]]


def test_a_part_of_a_batch_is_found_again_by_halving(make_items):
    make_items(range(1, RANGE_ROWS + 1))
    whole = KeyRanges(Item.objects.all()).next(RANGE_ROWS)
    Item.objects.filter(pk__lte=4).delete()

    halves = list(whole.halves(RowStage(Item.objects.all(), process=None)))

    assert [key for half in halves for key in keys_in(half)] == list(range(5, RANGE_ROWS + 1))
    assert abs(halves[0].rows - halves[1].rows) <= 1


def test_nothing_is_asked_where_nothing_can_be_due():
    with CaptureQueriesContext(connection) as queries:
        assert KeyRanges(Item.objects.none()).next(10) is None
        assert KeyList(Item.objects.none()).next(10) is None

    assert not queries.captured_queries


def test_a_key_stage_gets_all_keys(make_items):
    make_items(range(1, 2 * RANGE_ROWS + 1))
    given = []

    def keep(keys):
        given.extend(keys)
        return Outcome(unchanged=len(keys))

    stage = KeyStage(Item.objects.all(), keep)

    process(stage, source_of(stage, renew=lambda: None).next(2 * RANGE_ROWS))

    assert given == list(range(1, 2 * RANGE_ROWS + 1))


@pytest.mark.postgresql  # SQLite has no cursors that outlive a transaction
@pytest.mark.django_db(transaction=True)
def test_the_keys_are_fetched_a_page_at_a_time(make_items, monkeypatch):
    monkeypatch.setattr(batch_source, "PAGE", 3)
    make_items(range(1, 8))
    source = KeyList(Item.objects.all())

    assert source.next(2).keys == [1, 2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE is_holdable AND name <> ''")
        assert cursor.fetchone() == (1,)
    source.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name <> ''")
        assert cursor.fetchone() == (0,)
