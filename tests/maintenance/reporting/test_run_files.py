"""Runs as files: every run once, with the figures that it has, and nothing that a spreadsheet would run."""

import csv
import json
from datetime import UTC, datetime

import pytest

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.reporting.run_files import COLUMNS, as_csv, as_json, document_of

AT = datetime(2026, 6, 15, 4, 30, tzinfo=UTC)


def run_of(pk, **fields):
    return JobRun(pk=pk, job="a", trigger="schedule", queued_at=AT, **fields)


def rows_of(runs):
    return list(csv.DictReader("".join(as_csv(runs)).splitlines()))


@pytest.mark.parametrize("status", Status)
def test_a_line_has_the_values_of_the_document(status):
    run = run_of(7, status=status, started_at=AT, finished_at=AT, items_due=3, items_done=2, message="Deleted 2.")

    [row] = rows_of([run])

    document = json.loads("".join(as_json([run])))[0]
    assert tuple(row) == COLUMNS
    for name, cell in row.items():
        assert cell == ("" if document[name] is None else str(document[name])), name
    assert document["status"] == str(status)


def test_a_message_is_no_formula():
    assert rows_of([run_of(1, status=Status.FAILED, message="=1+1")])[0]["message"] == "'=1+1"


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_parts_of_the_json_are_one_array(number):
    runs = [run_of(pk, status=Status.QUEUED) for pk in range(1, number + 1)]

    documents = json.loads("".join(as_json(runs)))

    assert [document["run_id"] for document in documents] == [run.pk for run in runs]
    assert [set(document) for document in documents] == [set(document_of(run)) for run in runs]
