"""The record of an error: class, SQLSTATE, constraint and frames, and never the text."""

import json
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction

from maintenance.core import errors
from maintenance.core.errors import is_worth_a_second_try, record_of, summary_of
from maintenance.core.sqlstates import LOCK_TIMED_OUT
from tests.engine_app.models import Item

SECRET = "ann@example.org"


class DriverError(Exception):
    sqlstate = "23505"
    diag = SimpleNamespace(constraint_name="one_of_each")


def caught(function):
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError


def refuse():
    raise DriverError(SECRET)


def raise_from_driver():
    try:
        refuse()
    except DriverError as error:
        raise IntegrityError(SECRET) from error


def test_the_record_of_a_database_error_names_what_the_driver_told():
    record = record_of(caught(raise_from_driver))

    assert (record["error"], record["sqlstate"], record["constraint"]) == (
        "django.db.utils.IntegrityError",
        "23505",
        "one_of_each",
    )
    assert SECRET not in json.dumps(record)
    assert [frame["function"] for frame in record["frames"]] == ["caught", "raise_from_driver"]
    assert summary_of(caught(raise_from_driver)) == "IntegrityError 23505 one_of_each"


def test_an_error_that_was_raised_while_another_was_handled_is_followed_too():
    def handle():
        try:
            refuse()
        except DriverError:
            raise ValueError(SECRET)  # noqa: B904 - the context is what is tested

    assert summary_of(caught(handle)) == "ValueError 23505 one_of_each"


def test_an_error_of_its_own_has_its_class_alone():
    assert summary_of(ValueError(SECRET)) == "ValueError"
    assert record_of(ValueError(SECRET)) == {
        "error": "builtins.ValueError",
        "sqlstate": None,
        "constraint": None,
        "frames": [],
    }


def test_a_locked_database_of_sqlite_is_a_lock_time_out_like_any_other(tmp_path):
    file = tmp_path / "locked.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as one:
        one.execute("CREATE TABLE t (n)")
        one.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(file, timeout=0)) as other:
            error = caught(lambda: other.execute("INSERT INTO t VALUES (1)"))
            syntax = caught(lambda: other.execute("INSERT NOTHING"))

    assert summary_of(error) == f"OperationalError {LOCK_TIMED_OUT}"
    assert is_worth_a_second_try(error)
    assert record_of(syntax)["sqlstate"] is None
    assert not is_worth_a_second_try(syntax)


def test_the_places_of_an_error_are_told():
    error = ValueError(SECRET)
    error.places = ["Item.label", "Item.code"]

    assert summary_of(error) == "ValueError Item.label Item.code"


def test_of_a_deep_stack_the_last_frames_are_kept():
    def deep(levels):
        if levels:
            deep(levels - 1)
        raise ValueError(SECRET)

    frames = record_of(caught(lambda: deep(50)))["frames"]

    assert len(frames) == 20
    assert {frame["function"] for frame in frames} == {"deep"}


@pytest.mark.parametrize(
    ("filename", "short"),
    [
        ("/srv/venv/lib/python3.13/site-packages/django/db/utils.py", "django/db/utils.py"),
        ("/srv/project/shop/jobs/cleanup.py", "shop/jobs/cleanup.py"),
        ("/home/somebody/secret/cleanup.py", "cleanup.py"),
        ("<string>", "<string>"),
    ],
)
def test_a_file_is_named_without_the_machine(settings, filename, short):
    settings.BASE_DIR = "/srv/project"

    assert errors._short(filename) == short


def test_a_file_of_a_project_without_a_folder_is_named_alone(settings):
    settings.BASE_DIR = None

    assert errors._short("/srv/project/shop/cleanup.py") == "cleanup.py"


@pytest.mark.django_db
def test_a_real_constraint_is_named_without_the_row():
    Item.objects.create(label=SECRET)

    def twice():
        with transaction.atomic():
            Item.objects.create(label=SECRET)

    summary = summary_of(caught(twice))

    assert SECRET not in summary
    expected = (
        r"IntegrityError 23505 engine_app_item_label\w+" if connection.vendor == "postgresql" else "IntegrityError"
    )
    assert summary == expected or (connection.vendor == "postgresql" and summary.startswith("IntegrityError 23505 "))


def test_a_sentence_of_ours_names_the_remedy():
    assert str(errors.UnknownJob("nope", ["a", "b"])) == "There is no job 'nope'. The jobs are: a, b."
    assert "correct its module" in str(errors.BrokenJob("nope", "ImportError"))
    assert errors.InvalidCron("It is blank.", "0 2 * * *").meant == "0 2 * * *"
