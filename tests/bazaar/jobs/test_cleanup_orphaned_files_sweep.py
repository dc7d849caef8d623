"""Files that no row knows are reported, and go with `--sweep`; nothing else goes with them."""

import os
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bazaar.models import AuditLog, Upload
from bazaar.uploads import unknown_files
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.bazaar.jobs.orphans import (
    CONTENT,
    LIMIT,
    NOW,
    OLD,
    files,
    leave,
    left,
    make,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def plenty(folder, count=40):
    """Files that rows know, so that a few unknown ones are no large share."""
    return [make(NOW) for _ in range(count)]


def test_unknown_files_are_reported_and_stay_without_sweep(folder):
    make()
    old, deep = leave(folder), leave(folder, "a/b/deep.png", content=b"1")
    leave(folder, "young.png", moment=NOW)

    dry, result = run(dry_run=True), run()

    assert old.exists()
    assert deep.exists()
    assert dry.details["counts"] == {
        "would_remove": 1,
        "bytes": len(CONTENT),
        "unknown_files": 2,
        "unknown_bytes": 1 + len(CONTENT),
    }
    assert result.details["counts"] == {
        "deleted": 1,
        "condemned": 1,
        "bytes": len(CONTENT),
        "unknown_files": 2,
        "unknown_bytes": 1 + len(CONTENT),
    }
    told = f"2 ({1 + len(CONTENT)} bytes); `--sweep` removes them."
    assert f"Old files in the storage without a row: {told}" in result.message


def test_the_file_of_a_marked_upload_is_known_until_its_row_goes():
    live, condemned, gone = make(), make(condemned_at=NOW), make(condemned_at=NOW)
    Upload.objects.filter(pk=gone.pk).delete()

    names = [upload.file.name for upload in (live, condemned, gone)]

    assert [file.name for file in unknown_files.unknown(names, timezone.now() + LIMIT)] == [gone.file.name]


@pytest.mark.postgresql  # the plan is PostgreSQL's
def test_who_knows_a_file_is_found_by_an_index():
    live = [Upload(file=f"{number}.png", mime_type="image/png", size=1) for number in range(5_000)]
    condemned = [Upload(file="c.png", mime_type="image/png", size=1, condemned_at=NOW)]
    Upload.objects.bulk_create(live + condemned)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Upload._meta.db_table}")
    with CaptureQueriesContext(connection) as queries:
        unknown_files.unknown(["1.png", "c.png"], NOW)

    plans = [plan_of(query["sql"]) for query in queries if Upload._meta.db_table in query["sql"]]
    assert len(plans) == 2
    assert "upload_file" in plans[0]
    assert "upload_condemned" in plans[1]


def plan_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_sweep_removes_old_files_that_no_row_knows_and_no_others(folder, batches_of):
    batches_of(2)
    known = plenty(folder)
    orphan = make()
    limit = NOW - LIMIT
    old = [leave(folder, f"sub/{name}.png") for name in "abc"] + [
        leave(folder, "just.png", moment=limit - timedelta(seconds=1))
    ]
    leave(folder, "at.png", moment=limit)
    leave(folder, ".htaccess")

    dry = run(options=["sweep"], dry_run=True)
    assert all(path.exists() for path in old)
    assert dry.message == f"Would remove 5 files. Size: {5 * len(CONTENT)} bytes."
    result = run(options=["sweep"])

    assert result.success
    assert files(folder) == {upload.file.name for upload in known} | {"at.png", ".htaccess"}
    assert left() == {upload.pk for upload in known}
    assert orphan.pk not in left()
    counts = {"bytes": 5 * len(CONTENT), "unknown_files": 4, "unknown_bytes": 4 * len(CONTENT)}
    assert dry.details["counts"] == {"would_remove": 5, **counts}
    assert result.details["counts"] == {"deleted": 5, "condemned": 1, **counts}
    assert result.details["options"] == ["sweep"]
    assert result.message == f"Removed 5 files. Size: {5 * len(CONTENT)} bytes."
    row = JobRun.objects.get(pk=result.run_id)
    assert (row.items_due, row.items_done) == (5, 5)
    assert AuditLog.objects.get().metadata["counts"]["deleted"] == 5


def test_a_sweep_with_nothing_to_do_is_no_error(folder):
    plenty(folder, 1)

    result = run(options=["sweep"])

    assert result.success
    assert result.message == "There were no files to remove."


def test_a_sweep_of_more_than_a_tenth_of_all_files_is_stopped(folder):
    plenty(folder, 8)
    orphan, old = make(), leave(folder)
    assert run(options=["sweep"], dry_run=True).success
    other = leave(folder, "other.png")

    stopped = run(options=["sweep"])

    assert stopped.status == "failed"
    assert stopped.details["brake"] == 2
    assert "manage.py cleanup_orphaned_files --sweep --confirm-count 2" in stopped.message
    assert old.exists()
    assert orphan.pk in left(), "nothing at all was done"
    assert run(options=["sweep"], confirm_count=1).status == "failed"
    assert run(options=["sweep"], confirm_count=2).success
    assert not old.exists()
    assert not other.exists()


def test_a_tenth_of_all_files_is_not_too_much(folder):
    plenty(folder, 9)
    old = leave(folder)

    assert run(options=["sweep"]).success
    assert not old.exists()


def test_a_sweep_follows_no_symbolic_links(folder):
    plenty(folder)
    outside = folder.parent / "elsewhere"
    target = leave(outside, "target.png")
    (folder / "link").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "file.png").symlink_to(target)
    os.utime(folder / "file.png", (OLD.timestamp(),) * 2, follow_symlinks=False)

    result = run(options=["sweep"])

    assert result.success
    assert target.exists()
    assert (folder / "file.png").is_symlink()
    assert result.details["counts"] == {}


def test_a_swept_file_that_cannot_be_removed_is_counted_without_its_name(folder, refuse_to_delete, caplog):
    plenty(folder)
    bad, good = leave(folder, "ann-at-home.png"), leave(folder, "b.png")
    refuse_to_delete("ann-at-home.png")

    result = run(options=["sweep"])

    assert result.status == "partial"
    assert bad.exists()
    assert not good.exists()
    assert result.details["counts"]["failed"] == 1
    shown = unknown_files.StoredFile("ann-at-home.png", 1)
    assert result.details["errors"] == [{"id": str(shown), "error": unknown_files.NOT_REMOVED}]
    assert "ann" not in str(result.as_json()) + " ".join(record.getMessage() for record in caplog.records)


def test_random_names_are_shown_because_they_name_nobody():
    upload = make()
    assert str(unknown_files.StoredFile(upload.file.name, 1)) == upload.file.name


def test_a_file_that_a_row_comes_to_know_meanwhile_stays(folder, monkeypatch):
    plenty(folder)
    path = leave(folder)
    remove = unknown_files.remove_unknown

    def adopt_then_remove(found, before):
        upload = make(NOW)
        Upload.objects.filter(pk=upload.pk).update(file=path.name)
        return remove(found, before)

    monkeypatch.setattr(unknown_files, "remove_unknown", adopt_then_remove)

    assert run(options=["sweep"]).success
    assert path.exists()


def test_unreadable_files_do_not_stop_the_job(folder, monkeypatch):
    upload, unknown = make(), leave(folder)
    listdir = FileSystemStorage.listdir

    def refuse(*_args):
        raise PermissionError

    leave(folder, "closed/a.png")
    monkeypatch.setattr(FileSystemStorage, "listdir", lambda self, path: refuse() if path else listdir(self, path))
    monkeypatch.setattr(FileSystemStorage, "size", refuse)

    result = run()

    assert result.success
    assert upload.pk not in left()
    assert unknown.exists()


def test_a_storage_that_cannot_list_its_files_does_not_stop_the_job(monkeypatch):
    make()
    monkeypatch.delattr(FileSystemStorage, "listdir")

    assert run().success
    assert not left()


def test_a_sweep_goes_page_by_page(folder, monkeypatch):
    known = plenty(folder, 25)
    old = [leave(folder, f"{number}.png") for number in range(2)]
    pages = unknown_files.stored_names
    monkeypatch.setattr(unknown_files, "stored_names", lambda: pages(4))

    assert run(options=["sweep"]).details["counts"]["deleted"] == 2
    assert not any(path.exists() for path in old)
    assert left() == {upload.pk for upload in known}


def test_a_sweep_ends_with_the_time_budget_and_says_what_remains(folder, settings):
    plenty(folder)
    old = leave(folder)
    settings.MAINTENANCE_TIME_BUDGET = 1e-9

    result = run(options=["sweep"])

    assert result.status == "out_of_time"
    assert old.exists()
    assert result.details["backlog"] == 1
    assert "Out of time: 1 remaining." in result.message


def test_the_command_sweeps(folder, capsys):
    plenty(folder)
    old = leave(folder, moment=timezone.now() - timedelta(days=31))

    call_command("cleanup_orphaned_files", sweep=True, json=True)

    assert not old.exists()
    assert '"sweep"' in capsys.readouterr().out


def test_an_option_that_the_job_does_not_have_is_refused():
    with pytest.raises(ValueError, match="sweep"):
        run_now("cleanup-invitations", options=["sweep"])
