"""Settings come from the environment: each variable blank, nonsense, extreme and good, as a table of them all."""

import os
import re
import runpy
import tomllib

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from maintenance import __version__
from maintenance.engine.preflight import faults_of_settings
from maintenance.health.ping import ANSWER_WITHIN
from tests.project.documents import ROOT
from tests.project.setting_values import KEY, RETENTIONS, SECRET, TABLE

EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def load(**variables):
    """Return the settings that these variables make, and nothing else of the environment."""
    environment = {"ENV_FILE": "", "SECRET_KEY": KEY, "HOME": os.environ.get("HOME", "/root"), **variables}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", environment)
        values = runpy.run_path(str(ROOT / "bazaar" / "settings.py"))
    return {name: value for name, value in values.items() if name.isupper()}


def faults(**variables):
    """Return what a command would say of these variables before it begins."""
    try:
        values = load(**variables)
    except ImproperlyConfigured as error:
        return str(error).splitlines()
    unpatched = ("DATABASES", "INSTALLED_APPS", "AUTH_USER_MODEL", "LOGGING", "ENVIRONMENT_VARIABLES")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STORAGE_URL", "UPLOADS_PATH"):
            patch.setenv(name, variables.get(name, ""))
        with override_settings(**{name: value for name, value in values.items() if name not in unpatched}):
            return faults_of_settings()


def cells(*kinds):
    return [
        pytest.param(name, value, id=f"{name}={value[:40]!r}")
        for name, row in TABLE.items()
        for kind in kinds
        for value in getattr(row, kind)
    ]


def test_the_table_and_the_example_have_every_variable_and_no_other():
    read = settings.ENVIRONMENT_VARIABLES | set(RETENTIONS)

    assert len(read) > 20
    assert set(EXAMPLE) == set(TABLE) == read
    for row in TABLE.values():
        assert row.nonsense
        assert row.extreme
        assert row.good


@pytest.mark.parametrize(("name", "value"), cells("nonsense", "extreme"))
def test_a_value_that_cannot_be_used_is_one_sentence_that_names_the_variable(name, value):
    [sentence] = faults(**{name: value})

    assert re.search(rf"\b{name}\b", sentence)
    assert re.search(r"(it may be|set it to|set \w+ to|leave|lower|shorten) ", sentence)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert SECRET not in sentence


@pytest.mark.parametrize(("name", "value"), cells("good"))
def test_a_value_that_can_be_used_is_taken(name, value):
    assert faults(**{name: value}) == []


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"SECRET_KEY"}))
@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_means_the_default(name, blank):
    assert faults(**{name: blank}) == []
    assert load(**{name: blank}) == load()


def test_without_a_key_it_says_so():
    for missing in ("", " "):
        [sentence] = faults(SECRET_KEY=missing)
        assert sentence.startswith("SECRET_KEY is not set")


def test_all_faults_are_told_together():
    told = faults(DEBUG="maybe", LOG_LEVEL="loud", Q_WORKERS="many")

    assert [sentence.split()[0] for sentence in told] == ["DEBUG", "Q_WORKERS", "LOG_LEVEL"]


def test_the_example_shows_the_defaults():
    shown = {name: value for name, value in EXAMPLE.items() if value}
    assert load(**shown) | dict.fromkeys(shown, "") == load() | dict.fromkeys(shown, "")
    for name, retention in RETENTIONS.items():
        assert EXAMPLE[name] == str(retention.default)


def test_limits_that_do_not_fit_are_told():
    [sentence] = faults(AUDIT_LOG_ANONYMIZE_YEARS="3")
    assert "AUDIT_LOG_ANONYMIZE_YEARS" in sentence
    assert faults(AUDIT_LOG_ANONYMIZE_YEARS="3", AUDIT_LOG_DELETE_YEARS="4") == []


def test_an_age_limit_is_a_setting_where_it_is_set():
    assert load(PUSH_TOKEN_RETENTION_DAYS=" 7 ")["PUSH_TOKEN_RETENTION_DAYS"] == "7"
    assert "PUSH_TOKEN_RETENTION_DAYS" not in load()


def test_sqlite_takes_the_write_lock_when_a_transaction_begins(tmp_path):
    database = load(DATABASE_URL=f"sqlite:///{tmp_path / 'made' / 'db.sqlite3'}")["DATABASES"]["default"]

    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert (tmp_path / "made").is_dir()


def test_postgresql_is_chosen_by_url():
    database = load(DATABASE_URL="postgres://ann:secret@db.example.org:5433/bazaar")["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "bazaar")
    assert database["OPTIONS"]["connect_timeout"] < ANSWER_WITHIN.total_seconds()
    assert database["CONN_MAX_AGE"] == 60


def test_another_storage_is_chosen_by_class_and_options():
    url = "storages.backends.s3.S3Storage?bucket_name=uploads&region_name=eu-central-1"

    assert load(STORAGE_URL=url)["STORAGES"]["default"] == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "uploads", "region_name": "eu-central-1"},
    }


def test_a_relative_path_begins_at_the_project_and_a_tilde_at_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert load(UPLOADS_PATH="up/loads")["UPLOADS_PATH"] == ROOT / "up" / "loads"
    assert load(UPLOADS_PATH="~/uploads", HOME=str(tmp_path))["UPLOADS_PATH"] == tmp_path / "uploads"
    assert load(CACHE_URL="filecache://c/d")["CACHES"]["default"]["LOCATION"] == str(ROOT / "c" / "d")


def test_the_version_that_the_cluster_tells_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__
