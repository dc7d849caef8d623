"""The details of a run as a table."""

import pytest

from maintenance.core.states import Status
from maintenance.engine.results import Tally
from maintenance.pages import details


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1_234_567, "1,234,567"),
        (1234.5, "1,234.5"),
        (["sweep", 2], "sweep, 2"),
        ([], ""),
        ("2026-01-31T04:30:00+00:00", "2026-01-31 04:30 UTC"),
        ("2026-01-31T13:30:00+09:00", "2026-01-31 04:30 UTC"),
        ("2026-02-31T04:30:00+00:00", "2026-02-31T04:30:00+00:00"),
        ("a text", "a text"),
        (None, "None"),
        (Status.FAILED, "failed"),
    ],
)
def test_a_value_has_one_text(value, text):
    assert details.shown(value) == text


def test_rows_have_labels_and_values_in_their_order():
    rows = details.rows_of(
        {
            "counts": {"deleted": 1_000, "would_delete": 2},
            "backlog": 0,
            "batches": {"count": 12, "median_seconds": 0.25, "longest_seconds": 3.0},
            "brake": 51,
        }
    )

    assert rows == [
        ("Deleted", "1,000"),
        ("Would delete", "2"),
        ("Remaining", "0"),
        ("Batches", "12"),
        ("Batch time, median", "0.25 s"),
        ("Batch time, longest", "3 s"),
        ("Due at safety stop", "51"),
    ]


def test_what_the_page_shows_elsewhere_is_no_row():
    assert details.rows_of({"errors": [{"id": 1}], "plan": 7}) == []


def test_batches_of_an_old_run_are_a_number():
    assert details.rows_of({"batches": 3}) == [("Batches", "3")]


def test_every_detail_of_a_run_has_a_label_or_a_readable_name():
    labels = [label for label, _ in details.rows_of(Tally(cutoff=None, backlog=1, ids=[1]).details())]

    assert labels
    assert all(label[0].isupper() and "_" not in label for label in labels)
