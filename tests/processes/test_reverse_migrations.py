"""All migrations back to nothing and forth again: without a stack trace, and with the schedules in their place."""

import pytest

from tests.postgresql_server import start as start_server

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request, tmp_path):
    """An empty database."""
    return f"sqlite:///{tmp_path / 'empty.sqlite3'}" if request.param == "sqlite" else start_server("migrations")


@pytest.mark.parametrize("first", ["bazaar", "maintenance", "django_q"])
def test_migrations_can_be_reversed_and_applied_again(first, url, run):
    def migrate(*arguments):
        ended = run("migrate", *arguments, DATABASE_URL=url)
        assert ended.status == 0, ended
        assert "Traceback" not in ended.text

    migrate()
    for app in (first, "maintenance", "bazaar", "django_q"):
        migrate(app, "zero")
    migrate()

    assert run("sync_schedules", DATABASE_URL=url).status == 0
