"""Settings come from the environment, and `.env.example` knows them all."""

import re

import pytest
from django.conf import settings

from bazaar.settings import _database, _uploads_storage
from maintenance import registry

ROOT = settings.BASE_DIR


def variables_that_are_read():
    source = (ROOT / "bazaar" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|_number)\(\s*"([A-Z_]+)"', source))
    assert "SECRET_KEY" in read
    return read | {retention.setting for job in registry.all_jobs() for retention in job.retentions}


def test_the_example_lists_every_variable_and_no_other():
    listed = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)

    assert len(listed) == len(set(listed))
    assert set(listed) == variables_that_are_read()


def test_the_example_shows_the_defaults_of_the_retentions():
    listed = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))

    for job in registry.all_jobs():
        for retention in job.retentions:
            assert listed[retention.setting] == str(retention.default)


def test_sqlite_takes_the_write_lock_when_a_transaction_begins(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'made' / 'db.sqlite3'}")

    assert _database()["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert (tmp_path / "made").is_dir()


def test_postgresql_is_chosen_by_url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:secret@db.example.org:5433/bazaar")

    database = _database()

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "bazaar")


def test_another_storage_is_chosen_by_class_and_options():
    storage = _uploads_storage("storages.backends.s3.S3Storage?bucket_name=uploads&region_name=eu-central-1")

    assert storage == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "uploads", "region_name": "eu-central-1"},
    }


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r")]
    assert wanted
    assert all(re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+", line) for line in wanted)
