"""The database is migrated under a cluster, to another version and back."""

import pytest

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
FORMER = ("maintenance", "0011_alerts_and_their_outbox")
REFUSES = "The database is not migrated (1 migrations are missing): run `manage.py migrate`."


@pytest.fixture
def migrate_to(run):
    """Migrate the database as an operator does; at the end it is migrated fully."""

    def migrate(*target):
        ended = run("migrate", *target, "--verbosity=0")
        assert ended.status == 0, ended

    yield migrate
    migrate()


def test_a_cluster_works_again_when_its_database_has_its_version_again(
    cluster, backlog, until, migrate_to, assert_works, run
):
    tokens = backlog(10)
    one = cluster()
    assert_works()

    migrate_to(*FORMER)
    until(lambda: one.log().count("The database raised an error") > 3)
    assert run(tokens.job.command).err.strip() == REFUSES
    assert tokens.left() == 10
    migrate_to()

    assert_works(tokens.job.name)
    tokens.assert_finished()
    one.until_up()
    until(lambda: run("doctor").status == 0)
    one.stop()


def test_a_cluster_does_not_start_on_a_database_of_another_version(run, migrate_to):
    migrate_to(*FORMER)

    ended = run("cluster")

    assert (ended.status, ended.out, ended.err.strip()) == (78, "", REFUSES)
