"""Past runs as documents and as files, the latest first. They have no personal data, because runs have none."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from maintenance.core.json_encoder import Encoder
from maintenance.engine.results import JobResult
from maintenance.models import JobRun
from maintenance.reporting.csv_text import lines

COLUMNS = (
    "run_id",
    "job",
    "status",
    "dry_run",
    "trigger",
    "queued_at",
    "started_at",
    "finished_at",
    "duration_seconds",
    "items_due",
    "items_done",
    "message",
)


def document_of(run: JobRun) -> dict[str, Any]:
    """Return a run as `manage.py jobs history --json` prints it."""
    return {
        **JobResult.of(run).as_json(),
        "trigger": run.trigger,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "items_due": run.items_due,
        "items_done": run.items_done,
        "error": run.error,
    }


def as_json(runs: Iterable[JobRun]) -> Iterator[str]:
    """Yield the parts of an array of documents."""
    before = "[\n"
    for run in runs:
        yield before + json.dumps(document_of(run), cls=Encoder)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def as_csv(runs: Iterable[JobRun]) -> Iterator[str]:
    """Yield a heading and a line for each run, without details and errors. Times are UTC."""
    return lines(COLUMNS, map(_cells, runs))


def _cells(run: JobRun) -> dict[str, Any]:
    document = document_of(run)
    return {name: _iso(document[name]) for name in COLUMNS}


def _iso(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
