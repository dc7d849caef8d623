"""What is checked before a run: each refusal is one sentence with its remedy."""

import pytest
from django.core import checks
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from maintenance.core.errors import NotReady
from maintenance.engine import preflight


@pytest.fixture
def found(monkeypatch):
    """Let the system checks find some messages, by their tag."""

    def find(tag, *messages):
        monkeypatch.setattr(checks, "run_checks", lambda tags: list(messages) if tags == [tag] else [])

    return find


@pytest.mark.django_db
def test_a_system_in_order_is_ready():
    preflight.verify()


@pytest.mark.django_db
@pytest.mark.parametrize("check", [preflight.verify, preflight.verify_database, preflight.verify_connection])
def test_a_database_that_does_not_answer_is_refused(monkeypatch, check):
    def refuse():
        raise OperationalError("password of ann@example.org")

    monkeypatch.setattr(connection, "ensure_connection", refuse)

    with pytest.raises(NotReady) as refused:
        check()

    assert str(refused.value) == "The database cannot be reached: start it, or correct DATABASE_URL."


@pytest.mark.django_db
def test_a_database_without_all_migrations_is_refused(monkeypatch):
    monkeypatch.setattr(preflight.MigrationExecutor, "migration_plan", lambda _executor, _targets: ["one", "two"])

    with pytest.raises(NotReady, match=r"2 migrations are missing\): run `manage.py migrate`"):
        preflight.verify_database()


@pytest.fixture
def applied():
    """Record that migrations were applied, each an app and a name."""
    recorder = MigrationRecorder(connection)

    def apply(*names):
        for name in names:
            recorder.record_applied(*name)

    return apply


@pytest.mark.django_db
def test_a_database_of_a_later_version_is_refused_for_runs_alone(applied):
    applied(("maintenance", "9998_later"), ("maintenance", "9999_later_still"), ("auth", "9999_later"))

    with pytest.raises(NotReady, match=r"is newer than this version \(3 migrations are unknown to it\): install"):
        preflight.verify()
    preflight.verify_database()


@pytest.mark.django_db
def test_a_former_migration_makes_no_later_version(applied):
    """One that a squashed migration has replaced, or that of an app which is not installed any more."""
    last = MigrationRecorder.Migration.objects.filter(app="maintenance").latest("id")
    MigrationRecorder.Migration.objects.filter(pk=last.pk).delete()
    applied(("maintenance", "0001_former"), ("former_app", "9999_later"), ("maintenance", last.name))

    preflight.verify()


@pytest.mark.django_db
def test_the_first_error_of_the_settings_is_told_with_the_number_of_others(found):
    errors = [checks.Error("One is wrong.", hint="Set it to 1."), checks.Error("Two is."), checks.Critical("Three is.")]
    found(preflight.TAG, *errors)

    with pytest.raises(NotReady) as refused:
        preflight.verify()

    assert str(refused.value) == "One is wrong: set it to 1. (2 more: run `manage.py check`.)"


@pytest.mark.django_db
def test_a_warning_of_the_settings_stops_no_run(found):
    found(preflight.TAG, checks.Warning("Two workers are better."))

    preflight.verify()


def test_faults_of_settings_are_errors_with_their_remedy(found):
    found(preflight.SETTINGS, checks.Error("One is wrong.", hint="Set it to 1."), checks.Warning("Two?"))

    assert preflight.faults_of_settings() == ["One is wrong: set it to 1."]


def test_a_fault_without_a_remedy_is_told_as_it_is(found):
    found(preflight.SETTINGS, checks.Error("One is wrong."))

    assert preflight.faults_of_settings() == ["One is wrong."]
