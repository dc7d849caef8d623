"""Files that nothing refers to go, row and all; nothing that is referenced or lies outside the storage is ever gone."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models

from bazaar import personal_data, redaction, triggers
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
    assert result.message == f"Removed 1 file. Size: {len(CONTENT)} bytes."
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


def test_every_reference_in_the_database_has_its_trigger():
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


def test_marked_uploads_go_whatever_their_age():
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
    assert result.details["counts"] == {"deleted": 5, "condemned": 3, "bytes": 5 * len(CONTENT)}
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
    assert dry.details["counts"] == {"would_remove": 4, "bytes": 4 * len(CONTENT)}
    assert dry.details["ids"] == expected
    assert dry.details["oldest"] == (OLD - timedelta(days=2)).isoformat()
    assert dry.message == f"Would remove 4 files. Size: {4 * len(CONTENT)} bytes."
    counts = run().details["counts"]
    assert (counts["deleted"], counts["bytes"]) == (4, 4 * len(CONTENT))


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


def test_the_volume_guard_stops_far_more_than_usual(monkeypatch):
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


def test_a_marked_upload_that_is_referred_to_stays(folder, poster):
    used = make(condemned_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {poster._meta.db_table} (id, picture_id) VALUES (1, %s)", [used.pk])

    result = run()

    assert left() == {used.pk}
    assert path_of(used).exists()
    assert result.details["errors"] == [{"id": used.pk, "error": removal.IN_USE}]
