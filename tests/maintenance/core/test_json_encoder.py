"""The one encoder of documents: what has no type in JSON, and what has no form at all."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy

from maintenance.core.json_encoder import encode
from maintenance.core.states import Level, Status
from maintenance.engine.results import JobResult

MOMENT = datetime(2026, 1, 31, 4, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Plain:
    at: datetime
    path: PurePosixPath


class Own:
    def as_json(self):
        return {"length": timedelta(hours=1), "state": Status.FAILED}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (MOMENT, "2026-01-31T04:30:00+00:00"),
        (MOMENT.astimezone(timezone(timedelta(hours=9))), "2026-01-31T04:30:00+00:00"),
        (MOMENT.replace(microsecond=123_456), "2026-01-31T04:30:00.123456+00:00"),
        (date(2026, 1, 31), "2026-01-31"),
        (timedelta(days=1, seconds=1), "P1DT00H00M01S"),
        (Status.PARTIAL, "partial"),
        (Level.WRONG, "wrong"),
        (PurePosixPath("a/b"), "a/b"),
        (Decimal("1.50"), "1.50"),
        (gettext_lazy("lazy"), "lazy"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Plain(MOMENT, PurePosixPath("x")), {"at": "2026-01-31T04:30:00+00:00", "path": "x"}),
        (Own(), {"length": "P0DT01H00M00S", "state": "failed"}),
        ([Own(), {"deep": [MOMENT]}], [{"length": "P0DT01H00M00S", "state": "failed"}, {"deep": [MOMENT.isoformat()]}]),
    ],
)
def test_a_value_has_one_form_at_any_depth(value, form):
    assert json.loads(encode(value)) == form
    assert json.loads(encode({"inside": [value]})) == {"inside": [form]}


def test_the_result_of_a_run_decides_its_form_inside_a_document():
    result = JobResult(job="scratch", status="succeeded", message="Done.", duration=timedelta(seconds=1.5))

    assert json.loads(encode([{"result": result}]))[0]["result"]["duration_seconds"] == 1.5


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_a_value_without_a_form_is_refused(value):
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_know_is_refused(value):
    with pytest.raises(ValueError):
        encode({"figure": value})


def test_no_document_has_a_character_that_acts_on_a_terminal():
    text = encode({"name": "\x1b[31m\u202e\u2028"})

    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
