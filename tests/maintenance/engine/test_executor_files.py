"""Stages of files: they are isolated, retried and stopped like rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from maintenance.api import DueFiles, FileStage, Outcome, Preview, delete_rows
from maintenance.engine import committer, volume_guard
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_now
from maintenance.models import JobRun

pytestmark = pytest.mark.django_db

Status = JobRun.Status


@dataclass(frozen=True)
class File:
    name: str
    size: int = 1

    def __str__(self) -> str:
        return f"file {self.name}"


class Storage:
    """Files by name; those whose name begins with `old` are due."""

    def __init__(self, *names: str, page: int = 100) -> None:
        self.names, self.page = set(names), page
        self.listings = 0

    def list_all(self):
        self.listings += 1
        names = sorted(self.names)
        yield from (names[start : start + self.page] for start in range(0, len(names), self.page))

    def due(self, names: Sequence[str]) -> DueFiles[File]:
        due = [File(name) for name in names if name.startswith("old") and name in self.names]
        return DueFiles(due, {"old_files": len(due)})

    def delete(self, files: Sequence[File]) -> Outcome:
        self.names -= {file.name for file in files}
        return Outcome(deleted=len(files))


@pytest.fixture
def file_job(scratch_job, monkeypatch):
    """A job with a stage over files, which the volume guard lets pass."""
    monkeypatch.setattr(volume_guard, "SHARE", 1)

    def make(storage, process, **fields):
        stage = FileStage(storage.list_all, storage.due, process, **fields)
        return scratch_job(file_stages=lambda _job, _now, _options: [stage])

    return make


def old_files(number: int) -> list[str]:
    return [f"old-{n:03}" for n in range(number)]


def test_only_the_file_at_fault_fails(file_job):
    storage = Storage(*old_files(8), "young")
    sizes = []

    def process(files):
        sizes.append(len(files))
        if any(file.name == "old-005" for file in files):
            raise RuntimeError("ann@example.org")
        return storage.delete(files)

    file_job(storage, process)

    result = run_now("scratch")

    assert storage.names == {"old-005", "young"}
    assert result.status == Status.PARTIAL
    assert result.details["counts"] == {"deleted": 7, "failed": 1, "old_files": 8}
    assert result.details["errors"] == [{"id": "file old-005", "error": "RuntimeError"}]
    assert sizes[:3] == [8, 4, 4]
    assert "example.org" not in json.dumps([result.message, result.details])


def test_a_run_ends_where_no_file_can_be_processed(file_job, monkeypatch):
    monkeypatch.setattr("maintenance.engine.attempt.FAILURES_IN_A_ROW", 3)
    storage = Storage(*old_files(5))

    def process(_files):
        raise OSError

    file_job(storage, process)

    assert run_now("scratch").status == Status.FAILED
    assert JobRun.objects.get().error["error"] == "builtins.OSError"
    assert len(storage.names) == 5


def test_the_time_budget_holds_inside_file_stages(file_job, batches_of, clock):
    storage = Storage(*old_files(5))
    batches_of(2)

    def process(files):
        clock.now += 10_000
        return storage.delete(files)

    file_job(storage, process)

    result = run_now("scratch")

    assert (result.status, len(storage.names)) == (Status.OUT_OF_TIME, 3)
    assert result.details["backlog"] == 3
    assert run_now("scratch").details["counts"]["deleted"] == 2


def test_a_stop_request_ends_a_file_stage_between_batches(file_job, batches_of):
    storage, token = Storage(*old_files(6)), CancellationToken()
    batches_of(2)
    file_job(storage, storage.delete)

    result = run_now("scratch", stop=token, progress=lambda done, _due: token.request() if done == 2 else None)

    assert (result.status, len(storage.names)) == (Status.INTERRUPTED, 4)


def test_files_are_found_page_by_page_and_in_batches_of_the_size_asked_for(file_job, batches_of):
    storage = Storage(*old_files(7), *(f"young-{n}" for n in range(20)), page=3)
    batches_of(2)
    sizes = []

    def process(files):
        sizes.append(len(files))
        return storage.delete(files)

    file_job(storage, process)

    assert run_now("scratch").success
    assert sizes == [2, 1, 2, 1, 1]
    assert storage.names == {f"young-{n}" for n in range(20)}


def test_files_are_listed_once_where_none_is_due(file_job):
    storage = Storage("young")
    file_job(storage, storage.delete)

    assert run_now("scratch").success
    assert storage.listings == 1


def test_a_dry_run_over_files_deletes_nothing_and_counts_as_the_run_does(file_job, batches_of):
    storage = Storage(*old_files(5), "young")
    batches_of(2)
    sizes = lambda files: Preview(counts={"bytes": sum(file.size for file in files)})  # noqa: E731
    file_job(storage, storage.delete, preview=sizes)

    dry = run_now("scratch", dry_run=True)

    assert len(storage.names) == 6
    assert dry.details["counts"] == {"would_delete": 5, "bytes": 5, "old_files": 5}
    assert run_now("scratch").details["counts"]["deleted"] == 5


def test_a_file_stage_without_a_process_is_only_reported(file_job):
    storage = Storage(*old_files(2))
    file_job(storage, None)

    result = run_now("scratch")

    assert result.success
    assert result.details["counts"] == {"old_files": 2}
    assert len(storage.names) == 2


@pytest.mark.postgresql  # SQLite does not commit before the disk has it
@pytest.mark.django_db(transaction=True)
def test_rows_are_on_the_disk_before_files_are_touched(scratch_job, items, monkeypatch):
    """A file that is deleted cannot come back with its row, when the database server crashes."""
    monkeypatch.setattr(volume_guard, "SHARE", 1)
    order = []
    flush = committer.Committer.flush
    monkeypatch.setattr(committer.Committer, "flush", lambda self: (order.append("flush"), flush(self)))
    storage = Storage(*old_files(1))

    def process(batch):
        order.append("rows")
        return Outcome(deleted=delete_rows(batch))

    def delete(files):
        order.append("files")
        return storage.delete(files)

    stage = FileStage(storage.list_all, storage.due, delete)
    scratch_job(process, durable_batches=False, file_stages=lambda _job, _now, _options: [stage])
    items(1)

    assert run_now("scratch").success
    assert order == ["flush", "rows", "flush", "files"]
