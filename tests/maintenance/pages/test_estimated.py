"""Numbers of rows are exact up to a limit, and estimated above."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance.pages import estimated
from maintenance.pages.estimated import EstimatingPaginator
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_counted(monkeypatch):
    monkeypatch.setattr(estimated, "COUNTED", 10)


def rows(number):
    Item.objects.bulk_create(Item(label=f"item-{n}") for n in range(number))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE engine_app_item")
    return Item.objects.order_by("pk")


@pytest.mark.parametrize("number", [0, 1, 9, 10])
def test_few_rows_are_counted_exactly(number):
    pages = EstimatingPaginator(rows(number), 4)

    assert pages.count == number
    assert sum(len(page) for page in pages) == number


def test_many_rows_are_estimated_and_all_pages_are_there():
    pages = EstimatingPaginator(rows(95), 10)

    assert pages.count == 95
    assert pages.num_pages == 10
    assert len(pages.page(10)) == 5


def test_a_filter_is_estimated_too():
    assert EstimatingPaginator(rows(95).filter(label="item-7"), 10).count == 1


@pytest.mark.postgresql  # SQLite has no estimates
def test_not_all_rows_are_counted():
    pages = EstimatingPaginator(rows(95), 10)
    with CaptureQueriesContext(connection) as queries:
        assert pages.count == 95

    counting, estimating = (query["sql"] for query in queries)
    assert "LIMIT 11" in counting
    assert estimating.startswith("EXPLAIN")


@pytest.mark.postgresql  # SQLite has no estimates
def test_an_estimate_that_is_too_low_is_corrected_by_what_was_counted():
    pages = EstimatingPaginator(rows(0), 10)
    Item.objects.bulk_create(Item(label=f"new-{n}") for n in range(40))

    assert pages.count >= 11
