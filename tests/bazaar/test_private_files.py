"""Files that the program makes are their owner's alone."""

from contextlib import contextmanager

import pytest
from django.db.utils import ConnectionHandler

from bazaar import services

pytestmark = pytest.mark.django_db  # they open databases of their own


@contextmanager
def connected(file):
    connection = ConnectionHandler({"default": services.sqlite(file)})["default"]
    connection.inc_thread_sharing()
    connection.ensure_connection()
    connection.connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    yield
    connection.close()


def modes_in(folder):
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_the_files_of_a_database_are_their_owners_alone(tmp_path):
    folder = tmp_path / "made"

    with connected(folder / "db.sqlite3"):
        modes = modes_in(folder)

    assert {"db.sqlite3", "db.sqlite3-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o660, 0o660), (0o640, 0o640), (0o600, 0o600)]
)
def test_everybodys_access_to_a_database_is_taken_and_that_of_a_group_stays(tmp_path, before, after):
    file = tmp_path / "db.sqlite3"
    with connected(file):
        pass
    file.chmod(before)

    with connected(file):
        assert modes_in(tmp_path)["db.sqlite3"] == after
