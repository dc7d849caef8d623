"""What cannot be removed, or lies outside of the storage: it stays, with its row, and keeps no other."""

import os

import pytest

from bazaar import uploads
from bazaar.models import AuditLog, Upload
from bazaar.uploads import removal
from maintenance.models import JobRun
from tests.bazaar.jobs.orphans import (
    CONTENT,
    NOW,
    files,
    leave,
    left,
    make,
    path_of,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_file_that_cannot_be_deleted_keeps_its_row_and_is_tried_again(refuse_to_delete, batches_of):
    batches_of(2)
    bad, *others = [make() for _ in range(4)]
    refuse_to_delete(bad.file.name)

    result = run()

    assert result.status == "partial"
    assert left() == {bad.pk}
    assert path_of(bad).exists()
    assert not any(path_of(upload).exists() for upload in others)
    assert result.details["counts"] == {"deleted": 3, "failed": 1, "condemned": 4, "bytes": 3 * len(CONTENT)}
    assert result.details["errors"] == [{"id": bad.pk, "error": removal.NOT_REMOVED}]

    refuse_to_delete()
    again = run()
    assert again.details["counts"] == {"deleted": 1, "bytes": len(CONTENT)}
    assert not left()


@pytest.mark.skipif(os.geteuid() == 0, reason="no folder is read-only for root")
def test_a_folder_that_is_read_only_keeps_its_files_and_their_rows(folder):
    locked, other = make(), make()
    path = leave(folder, "old/a.png")
    path_of(locked).unlink()
    Upload.objects.filter(pk=locked.pk).update(file="old/a.png")
    path.parent.chmod(0o500)
    try:
        result = run()
    finally:
        path.parent.chmod(0o700)

    assert result.status == "partial"
    assert left() == {locked.pk}
    assert files(folder) == {"old/a.png"}
    assert not path_of(other).exists()
    assert run().details["counts"] == {"deleted": 1, "bytes": len(CONTENT)}
    assert not path.exists()


def test_a_run_that_only_marked_leaves_its_trail(refuse_to_delete):
    upload = make()
    refuse_to_delete(upload.file.name)

    run()

    assert AuditLog.objects.get().metadata["counts"] == {"condemned": 1}


def test_a_missing_file_is_no_error():
    upload = make()
    path_of(upload).unlink()

    result = run()

    assert result.success
    assert not left()
    assert result.details["counts"]["missing"] == 1


@pytest.mark.parametrize(
    "name", ["../outside.txt", "a/../../outside.txt", "{outside}", "..", "", ".", "C:\\outside.txt", "..\\outside.txt"]
)
def test_a_name_that_leads_out_of_the_storage_touches_nothing(folder, name):
    outside = folder.parent / "outside.txt"
    upload = make()
    path_of(upload).unlink()
    Upload.objects.filter(pk=upload.pk).update(file=name.format(outside=outside))

    result = run()

    assert outside.read_bytes() == CONTENT
    assert folder.is_dir()
    assert left() == {upload.pk}
    assert result.details["counts"]["failed"] == 1


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_symbolic_link_out_of_the_storage_touches_nothing(folder, is_folder):
    outside = folder.parent / "outside.txt"
    upload = make()
    path_of(upload).unlink()
    if is_folder:
        (folder / "link").symlink_to(folder.parent)
        Upload.objects.filter(pk=upload.pk).update(file="link/outside.txt")
    else:
        path_of(upload).symlink_to(outside)

    result = run()

    assert outside.read_bytes() == CONTENT
    assert left() == {upload.pk}
    assert result.details["counts"]["failed"] == 1


@pytest.mark.django_db(transaction=True)  # so that files go ahead of their batch, where they can
def test_an_exception_in_mid_batch_leaves_that_upload_and_no_other(batches_of, monkeypatch):
    batches_of(3)
    rows = [make() for _ in range(5)]
    bad, remove = rows[1].pk, uploads.remove

    def remove_with_a_fault(batch, taken):
        had_bad_one = batch.filter(pk=bad).exists()
        result = remove(batch, taken)
        if had_bad_one:
            raise RuntimeError
        return result

    monkeypatch.setattr(uploads, "remove", remove_with_a_fault)

    result = run()

    assert result.status == "partial"
    assert left() == {bad}
    # Files of a batch that was rolled back are gone, and their rows went as those of missing ones.
    assert result.details["counts"]["deleted"] == 4
    assert result.details["errors"] == [{"id": bad, "error": "RuntimeError"}]


@pytest.mark.django_db(transaction=True)  # as above
def test_a_file_of_a_stopped_batch_is_missing_in_the_next_run(batches_of, folder):
    batches_of(2)
    for _ in range(6):
        make()

    def cancel_when_two_are_removed(done, _due):
        if done == 2:
            JobRun.objects.update(cancel_requested_at=NOW)

    stopped = run(progress=cancel_when_two_are_removed)

    assert stopped.status == "cancelled"
    assert stopped.details["counts"] == {"condemned": 6, "deleted": 2, "bytes": 2 * len(CONTENT)}
    assert len(left()) == 4
    missing = 4 - len(files(folder))
    assert missing >= 2  # the batch was taken back, which brings no file back; perhaps the next one had begun

    counts = {"deleted": 4, "missing": missing, "bytes": len(CONTENT) * (4 - missing)}
    assert run().details["counts"] == {name: number for name, number in counts.items() if number}
    assert not left()
    assert not files(folder)
