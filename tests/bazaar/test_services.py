"""Addresses of services: what each form means, and that a form that cannot work is refused."""

from pathlib import Path

import pytest

from bazaar import services
from bazaar.bootstrap import BASE_DIR


def test_a_path_begins_at_the_project_and_a_tilde_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert services.path("a/b") == BASE_DIR / "a/b"
    assert services.path("~/b") == tmp_path / "b"
    assert services.path("/a/b") == Path("/a/b")
    with pytest.raises(ValueError):
        services.path("a\x00b")


# Databases


@pytest.mark.parametrize("scheme", services.POSTGRESQL)
def test_a_server_is_watched_and_its_own_options_win(scheme):
    config = services.database(f"{scheme}://ann:s%40crt@db.example.org:5433/bazaar?connect_timeout=3&sslmode=require")

    assert (config["NAME"], config["USER"], config["PASSWORD"]) == ("bazaar", "ann", "s@crt")
    assert (config["HOST"], config["PORT"]) == ("db.example.org", 5433)
    assert (config["CONN_MAX_AGE"], config["CONN_HEALTH_CHECKS"]) == (60, True)
    options = config["OPTIONS"]
    assert (options["connect_timeout"], options["sslmode"], options["keepalives_idle"]) == (3, "require", 30)


def test_switches_of_django_are_read_like_any_switch():
    config = services.database("postgres://db.example.org/bazaar?conn_max_age=5&autocommit=off&conn_health_checks=no")

    assert (config["CONN_MAX_AGE"], config["AUTOCOMMIT"], config["CONN_HEALTH_CHECKS"]) == (5, False, False)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db.example.org/bazaar",
        "postgres://db.example.org/",
        f"postgres://db.example.org/{'x' * 64}",
        "postgres://db.example.org/bazaar?nonsense=1",
        "postgres://db.example.org/bazaar?autocommit=perhaps",
        "postgres://db.example.org/bazaar?conn_max_age=soon",
        "postgres://db.example.org:port/bazaar",
        "sqlite://host/file.sqlite3",
        "sqlite:///file.sqlite3?timeout=1",
        "sqlite:///:memory:",
        "bazaar",
        "",
    ],
)
def test_a_database_that_cannot_be_used_is_refused(url):
    with pytest.raises(Exception):  # noqa: B017 - a library's parser may raise any error
        services.database(url)


def test_the_folder_of_a_file_is_made(tmp_path):
    config = services.database(f"sqlite:///{tmp_path}/new/deep/db.sqlite3")

    assert config["NAME"] == f"{tmp_path}/new/deep/db.sqlite3"
    assert (tmp_path / "new/deep").is_dir()
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_database_in_memory_has_the_same_options():
    assert services.database(services.IN_MEMORY)["NAME"] == ":memory:"
    assert services.database(services.IN_MEMORY)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(IsADirectoryError):
        services.sqlite(tmp_path)


def test_a_file_that_cannot_be_written_is_no_database(tmp_path, monkeypatch):
    monkeypatch.setattr(services.os, "access", lambda _path, _mode: False)

    with pytest.raises(PermissionError):
        services.sqlite(tmp_path / "db.sqlite3")


# Caches


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("filecache:///var/cache/bazaar", "/var/cache/bazaar"),
        ("filecache://cache", str(BASE_DIR / "cache")),
        ("redis://cache.example.org:6379/1", "redis://cache.example.org:6379/1"),
        ("locmemcache://", ""),
        ("dummycache://", ""),
    ],
)
def test_a_cache_has_its_location(url, location):
    assert services.cache(url)["LOCATION"] == location


@pytest.mark.parametrize("url", ["filecache://", "filecache:///", "redis://", "redis:///", "nonsense://x", "x"])
def test_a_cache_without_a_place_is_refused(url):
    with pytest.raises(Exception):  # noqa: B017
        services.cache(url)


# Mail


@pytest.mark.parametrize(
    ("url", "name", "value"),
    [
        ("smtp+tls://ann:secret@mail.example.org:587", "EMAIL_HOST", "mail.example.org"),
        ("smtp://127.0.0.1:25", "EMAIL_PORT", 25),
        ("filemail:///var/mails", "EMAIL_FILE_PATH", "/var/mails"),
        ("filemail:////var/mails", "EMAIL_FILE_PATH", "/var/mails"),
        ("consolemail://", "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
    ],
)
def test_mail_goes_by_server_or_into_a_folder(url, name, value):
    assert services.mail(url)[name] == value


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://a b",
        "filemail://",
        "filemail:///",
        "nonsense://x",
        "smtp://mail.example.org/?x=1",
        "mail.example.org",
    ],
)
def test_mail_that_cannot_be_sent_is_refused(url):
    with pytest.raises(Exception):  # noqa: B017
        services.mail(url)


# Storages


def test_a_storage_is_a_class_with_options():
    config = services.storage("shop.storages.Bucket?name=a%26b&querystring_auth=&file_permissions_mode=0o640")

    assert config["BACKEND"] == "shop.storages.Bucket"
    assert config["OPTIONS"] == {"name": "a&b", "file_permissions_mode": 0o640}
    assert services.storage("shop.storages.Bucket") == {"BACKEND": "shop.storages.Bucket", "OPTIONS": {}}


def test_the_folder_of_a_storage_begins_at_the_project():
    assert services.storage(f"{services.FILE_STORAGE}?location=files")["OPTIONS"]["location"] == str(BASE_DIR / "files")


@pytest.mark.parametrize(
    "url", ["", "Bucket", "shop.", "shop..Bucket", "shop.Bucket?x", "a.B?x_permissions_mode=9", "1.B"]
)
def test_what_is_no_class_with_options_is_refused(url):
    with pytest.raises(ValueError):
        services.storage(url)
