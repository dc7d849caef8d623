"""The database is migrated under a cluster, to another version and back."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
FORMER = ("maintenance", "0011_alerts_and_their_outbox")
REFUSES = "The database is not migrated (2 migrations are missing): run `manage.py migrate`."


@pytest.fixture
def migrate_to(run):
    """Migrate the database as an operator does; at the end it is migrated fully."""

    def migrate(*target):
        ended = run("migrate", *target, "--verbosity=0")
        assert ended.status == 0, ended

    yield migrate
    migrate()


@pytest.fixture
def later_version():
    """Let a later version have migrated the database."""
    recorder, name = MigrationRecorder(connection), ("maintenance", "9999_later")

    @contextmanager
    def migrated():
        recorder.record_applied(*name)
        try:
            yield
        finally:
            recorder.record_unapplied(*name)

    return migrated


def test_a_cluster_works_again_when_its_database_has_its_version_again(
    cluster, backlog, until, migrate_to, assert_works, run
):
    tokens = backlog(10)
    one = cluster()
    assert_works()

    migrate_to(*FORMER)
    until(lambda: "The database raised an error" in one.log())
    assert run(tokens.job.command).err.strip() == REFUSES
    assert tokens.left() == 10
    migrate_to()

    assert_works(tokens.job.name)
    tokens.assert_finished()
    # A part of the work may raise another error meanwhile, and each error is told at its begin.
    assert one.log().count("ERROR maintenance.cluster.attempts") <= 6
    until(lambda: "This is over: " in one.log())
    one.until_up()
    until(lambda: run("doctor").status == 0)
    one.stop()


def test_a_cluster_does_not_start_on_a_database_of_another_version(run, migrate_to):
    migrate_to(*FORMER)

    ended = run("cluster")

    assert (ended.status, ended.out, ended.err.strip()) == (78, "", REFUSES)


def test_no_cluster_works_on_a_database_of_a_later_version(
    cluster, backlog, due, until, until_finished, later_version, assert_works, run
):
    tokens = backlog(10)
    one = cluster()
    assert_works()

    with later_version():
        until(lambda: "The cluster does no work: The database is newer" in one.log())
        due(tokens.job.name)
        ended = run("cluster")
        assert (ended.status, ended.out) == (78, "")
        assert ended.err.startswith("The database is newer than this version (1 migrations are unknown to it)")
        assert run(tokens.job.command).err == ended.err
        assert tokens.left() == 10

    until_finished(tokens)
    one.stop()
