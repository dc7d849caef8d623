"""Files that nothing refers to go, row and all; nothing that is referenced or lies outside the storage is ever gone."""

import os
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models

from bazaar import personal_data, redaction, triggers, uploads
from bazaar.erasure.inventory import model_policy, not_personal
from bazaar.models import AuditLog, Project, Upload, User
from bazaar.uploads import removal
from bazaar.uploads.references import references
from maintenance.models import JobRun
from tests import factories
from tests.bazaar.jobs.orphans import (
    CONTENT,
    LIMIT,
    MOMENT,
    NAME,
    NOW,
    OLD,
    due,
    files,
    leave,
    left,
    make,
    path_of,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


# Which of them go


def test_just_older_goes_and_exactly_at_the_cutoff_and_just_younger_stay(folder):
    older, exactly, younger = (make(NOW - LIMIT + age) for age in (-MOMENT, timedelta(0), MOMENT))
    assert files(folder) == {upload.file.name for upload in (older, exactly, younger)}

    result = run()

    assert left() == {exactly.pk, younger.pk}
    assert files(folder) == {exactly.file.name, younger.file.name}
    assert result.details["counts"] == {"deleted": 1, "condemned": 1, "bytes": len(CONTENT)}
    assert result.message == "Removed 1 file. Size: 10 bytes."
    assert JobRun.objects.get().items_done == 1


def test_what_somebody_uses_stays(folder):
    avatar, image, orphan = make(), make(), make()
    factories.make(User, avatar=avatar)
    factories.make(Project, image=image)

    run()

    assert left() == {avatar.pk, image.pk}
    assert files(folder) == {avatar.file.name, image.file.name}
    assert not path_of(orphan).exists()


def tables_that_refer_to_uploads():
    """Every foreign key to the uploads that the database itself has."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for constraint in connection.introspection.get_constraints(cursor, table).values():
                if (constraint["foreign_key"] or [None])[0] == Upload._meta.db_table:
                    yield table, *constraint["columns"]


def test_the_references_are_those_that_the_database_has_and_triggers_guard_each():
    found = {(field.model._meta.db_table, field.column) for field in references()}

    assert found == set(tables_that_refer_to_uploads())
    assert {(field.model.__name__, field.name) for field in references()} == set(triggers.REFERENCES)


@pytest.fixture
def poster(monkeypatch):
    """A model that some later migration might bring, with a reference that has no name on the other side."""

    class Poster(models.Model):
        picture = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "bazaar"

        def __str__(self):
            return "poster"

    monkeypatch.setattr(
        personal_data,
        "POLICIES",
        [*personal_data.POLICIES, *model_policy("bazaar.Poster", not_personal("id picture", "for this test"))],
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {Poster._meta.db_table} (id serial PRIMARY KEY, picture_id bigint NOT NULL)")
    yield Poster
    del apps.all_models["bazaar"]["poster"]
    apps.clear_cache()


def test_a_new_reference_is_respected_without_touching_the_job(poster):
    used, orphan = make(), make()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {poster._meta.db_table} (id, picture_id) VALUES (1, %s)", [used.pk])
    assert due() == {orphan.pk}

    run()

    assert left() == {used.pk}
    assert path_of(used).exists()


def test_what_is_condemned_goes_whatever_its_age():
    upload = make(NOW, condemned_at=NOW)

    result = run()

    assert not left()
    assert not path_of(upload).exists()
    assert result.details["counts"] == {"deleted": 1, "bytes": len(CONTENT)}


@pytest.mark.django_db(transaction=True)  # so that files go ahead of their batch, where they can
def test_what_is_due_is_what_is_processed_in_batches_too(batches_of, folder):
    batches_of(2)
    factories.make(User, avatar=make())
    make(NOW)
    expected = {make().pk for _ in range(3)} | {make(NOW, condemned_at=NOW).pk for _ in range(2)}
    everything = left()
    assert due() == expected

    result = run()

    assert left() == everything - expected
    assert len(files(folder)) == len(left())
    assert result.details["counts"] == {"deleted": 5, "condemned": 3, "bytes": 50}
    run_row = JobRun.objects.get()
    assert (run_row.items_due, run_row.items_done) == (5, 5)


@pytest.mark.django_db(transaction=True)  # so that files go ahead of their batch, where they can
def test_a_dry_run_says_what_a_run_does_and_changes_nothing(batches_of, folder):
    batches_of(2)
    expected = [make(OLD - timedelta(days=age)).pk for age in range(3)] + [make(NOW, condemned_at=NOW).pk]
    make(NOW)
    before, files_before = list(Upload.objects.order_by("pk").values()), files(folder)

    dry = run(dry_run=True)

    assert list(Upload.objects.order_by("pk").values()) == before
    assert files(folder) == files_before
    assert dry.details["counts"] == {"would_remove": 4, "bytes": 40}
    assert dry.details["ids"] == expected
    assert dry.details["oldest"] == (OLD - timedelta(days=2)).isoformat()
    assert dry.message == "Would remove 4 files. Size: 40 bytes."
    counts = run().details["counts"]
    assert (counts["deleted"], counts["bytes"]) == (4, 40)


def test_a_second_run_changes_nothing():
    make()
    kept = make(NOW)
    run()
    before = list(Upload.objects.values())

    result = run()

    assert left() == {kept.pk}
    assert result.details["counts"] == {}
    assert result.message == "There were no files to remove."
    assert list(Upload.objects.values()) == before
    assert AuditLog.objects.count() == 1


def test_nothing_due_is_no_error_not_even_without_a_folder(folder):
    folder.rmdir()

    result = run()

    assert result.success
    assert result.message == "There were no files to remove."


def test_a_run_that_changed_something_leaves_one_clean_entry(batches_of):
    batches_of(2)
    for _ in range(5):
        make()

    result = run()

    entry = AuditLog.objects.get()
    assert entry.metadata["counts"] == result.details["counts"]
    assert redaction.clean(entry.metadata) is entry.metadata


# What can go wrong


def test_a_file_that_cannot_be_deleted_keeps_its_row_and_is_tried_again(refuse_to_delete, batches_of):
    batches_of(2)
    bad, *others = [make() for _ in range(4)]
    refuse_to_delete(bad.file.name)

    result = run()

    assert result.status == "partial"
    assert left() == {bad.pk}
    assert path_of(bad).exists()
    assert not any(path_of(upload).exists() for upload in others)
    assert result.details["counts"] == {"deleted": 3, "failed": 1, "condemned": 4, "bytes": 30}
    assert result.details["errors"] == [{"id": bad.pk, "error": removal.NOT_REMOVED}]

    refuse_to_delete()
    again = run()
    assert again.details["counts"] == {"deleted": 1, "bytes": 10}
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


def test_a_run_that_only_condemned_leaves_its_trail_too(refuse_to_delete):
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
def test_a_file_that_went_with_a_batch_that_was_stopped_is_missing_the_next_time(batches_of, folder):
    batches_of(2)
    for _ in range(6):
        make()

    def cancel_when_two_are_removed(done, _due):
        if done == 2:
            JobRun.objects.update(cancel_requested_at=NOW)

    stopped = run(progress=cancel_when_two_are_removed)

    assert stopped.status == "cancelled"
    assert stopped.details["counts"] == {"condemned": 6, "deleted": 2, "bytes": 20}
    assert len(left()) == 4
    missing = 4 - len(files(folder))
    assert missing >= 2  # the batch was taken back, which brings no file back; perhaps the next one had begun

    counts = {"deleted": 4, "missing": missing, "bytes": 10 * (4 - missing)}
    assert run().details["counts"] == {name: number for name, number in counts.items() if number}
    assert not left()
    assert not files(folder)


def test_a_condemned_upload_that_something_refers_to_nevertheless_stays(folder, poster):
    used = make(condemned_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {poster._meta.db_table} (id, picture_id) VALUES (1, %s)", [used.pk])

    result = run()

    assert left() == {used.pk}
    assert path_of(used).exists()
    assert result.details["errors"] == [{"id": used.pk, "error": removal.IN_USE}]


def test_the_brake_holds_when_far_more_than_usual_is_due(monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 2)
    JobRun.objects.create(job=NAME, trigger="schedule", status="succeeded", items_due=0)
    sweeping = {"options": ["sweep"]}
    JobRun.objects.create(job=NAME, trigger="command", status="succeeded", items_due=99, details=sweeping)
    rows = {make().pk for _ in range(3)}

    result = run()

    assert result.status == "failed"
    assert "--confirm-count 3" in result.message
    assert left() == rows
    assert "--sweep --confirm-count 3" in run(options=["sweep"]).message
    assert run(confirm_count=3).success
