"""Which folders may hold the uploads: none that holds anything else, whatever way leads there."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from bazaar.folders import is_usable, why_not_for_uploads

ROOT = Path(django_settings.BASE_DIR)


@pytest.fixture
def home(monkeypatch, tmp_path):
    folder = tmp_path / "home" / "ann"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def test_a_folder_of_its_own_may(tmp_path, home):
    for folder in (tmp_path / "uploads", tmp_path / "not" / "yet", home / "uploads", ROOT / "data" / "uploads"):
        assert why_not_for_uploads(str(folder)) == ""


def test_what_holds_something_else_may_not(tmp_path, home):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manage.py").touch()
    refused = {
        home: "home",
        home.parent: "home",
        ROOT: "program",
        ROOT.parent: "program",
        ROOT / "bazaar": "program",
        ROOT / "maintenance" / "new": "program",
        ROOT / ".git" / "uploads": "program",
        Path("/"): "home",
        Path("/etc/uploads"): "system",
        Path("/var/lib"): "system",
        tmp_path / "other": "program",
    }
    for folder, word in refused.items():
        assert word in why_not_for_uploads(str(folder)), folder


def test_a_link_or_a_detour_leads_to_the_same_answer(tmp_path, home, monkeypatch):
    (tmp_path / "link").symlink_to(ROOT)
    (tmp_path / "chain").symlink_to(tmp_path / "link")
    monkeypatch.chdir(ROOT / "bazaar")

    for way in (
        tmp_path / "link",
        tmp_path / "chain",
        ROOT / "data" / "..",
        Path(".."),
        ROOT / "tests" / ".." / "docs",
    ):
        assert why_not_for_uploads(str(way)), way


@pytest.mark.parametrize("own", ["database", "cache", "mail", "static", "env"])
def test_a_folder_that_holds_the_programs_data_may_not(own, tmp_path, settings, monkeypatch):
    folder = tmp_path / "data"
    assert why_not_for_uploads(str(folder)) == ""
    if own == "database":
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "bazaar.sqlite3")}
        monkeypatch.setitem(django_settings.DATABASES, "default", database)
    elif own == "cache":
        backend = "django.core.cache.backends.filebased.FileBasedCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(folder / "cache")}}
    elif own == "mail":
        settings.EMAIL_FILE_PATH = str(folder)
    elif own == "static":
        settings.STATIC_ROOT = str(folder / "static")
    else:
        monkeypatch.setenv("ENV_FILE", str(folder / "bazaar.env"))

    assert "its data" in why_not_for_uploads(str(folder))


def test_a_folder_is_usable_where_it_is_or_can_be_made(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    assert is_usable(tmp_path)
    assert is_usable(tmp_path / "a" / "b" / "c")
    assert not is_usable(tmp_path / "file")
    assert not is_usable(tmp_path / "file" / "a")
    assert not is_usable(tmp_path / "dangling")
    assert not is_usable(tmp_path / ("x" * 999))
