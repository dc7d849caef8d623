"""The system checks of the domain: each mistake has its code and a remedy, and no text quotes a value."""

import re

import pytest
from django.core.checks import Error, Warning  # noqa: A004 - the name of Django

from bazaar import checks, folders
from bazaar.services import derived_key
from tests.factories import UploadFactory

SECRET = "s3cr3t"
FILES = "django.core.files.storage.FileSystemStorage"


@pytest.fixture
def storage(settings):
    """Set the storage of uploads."""

    def use(backend=FILES, **options):
        settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}

    return use


def only(found, kind, code):
    [message] = found
    assert (type(message), message.id) == (kind, code)
    assert message.hint
    assert SECRET not in f"{message.msg} {message.hint}"
    return message


def test_a_folder_of_its_own_is_no_mistake(storage, tmp_path):
    storage(location=str(tmp_path / "uploads"))

    assert checks.check_uploads() == []


@pytest.mark.parametrize(
    ("backend", "options", "cause"),
    [
        ("shop.storages.Bucket", {}, "ModuleNotFoundError: shop"),
        ("bazaar.models.Nothing", {}, "ImportError"),
        (FILES, {"password": SECRET}, "TypeError"),
        ("builtins.dict", {}, "TypeError"),
    ],
)
def test_a_storage_that_cannot_be_made_is_an_error(storage, backend, options, cause):
    storage(backend, **options)

    assert f"({cause})" in only(checks.check_uploads(), Error, "bazaar.E003").msg


def test_a_folder_that_holds_something_else_is_an_error(storage, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "why_not_for_uploads", lambda _location: "holds a program")
    storage(location=str(tmp_path))

    message = only(checks.check_uploads(), Error, "bazaar.E004")

    assert "(UPLOADS_PATH) holds a program" in message.msg


def test_a_folder_that_cannot_be_used_is_an_error(storage, tmp_path):
    (tmp_path / "file").write_text("")
    storage(location=str(tmp_path / "file"))

    only(checks.check_uploads(), Error, "bazaar.E001")


@pytest.mark.parametrize(
    ("value", "name"), [("", "UPLOADS_PATH"), (" ", "UPLOADS_PATH"), (f"{FILES}?location=x", "STORAGE_URL")]
)
def test_the_variable_that_names_the_folder_is_told(storage, tmp_path, monkeypatch, value, name):
    monkeypatch.setenv("STORAGE_URL", value)
    (tmp_path / "file").write_text("")
    storage(location=str(tmp_path / "file"))

    assert f"({name})" in checks.check_uploads()[0].msg


def test_a_storage_elsewhere_is_not_looked_into(storage):
    storage("django.core.files.storage.InMemoryStorage")

    assert checks.check_uploads() == []
    assert checks.check_that_uploads_are_there() == []


@pytest.mark.django_db
def test_a_folder_that_is_gone_is_a_warning_where_there_are_uploads(storage, tmp_path, uploads):
    assert checks.check_that_uploads_are_there() == []
    UploadFactory()
    assert checks.check_that_uploads_are_there() == []

    storage(location=str(tmp_path / "gone"))

    only(checks.check_that_uploads_are_there(), Warning, "bazaar.W001")


@pytest.mark.django_db
def test_a_folder_that_was_never_used_may_be_absent(storage, tmp_path):
    storage(location=str(tmp_path / "gone"))

    assert checks.check_that_uploads_are_there() == []


@pytest.mark.parametrize(("days", "is_fine"), [(1, True), (30, True), (0, False), (-1, False)])
def test_a_deletion_can_be_taken_back_for_a_day_at_least(settings, days, is_fine):
    settings.DELETION_GRACE_DAYS = days

    if is_fine:
        assert checks.check_grace_period() == []
    else:
        assert str(days) in only(checks.check_grace_period(), Error, "bazaar.E002").msg


@pytest.mark.parametrize(
    ("backend", "location", "cause"),
    [
        ("shop.caches.Cache", "", "ModuleNotFoundError: shop"),
        ("django.core.cache.backends.filebased.FileBasedCache", "{folder}/file", "FileExistsError"),
    ],
)
def test_a_cache_that_cannot_be_used_is_an_error(settings, tmp_path, backend, location, cause):
    (tmp_path / "file").write_text("")
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": location.format(folder=tmp_path)}}

    assert f"({cause})" in only(checks.check_cache(), Error, "bazaar.E005").msg


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "filebased.FileBasedCache", "dummy.DummyCache"])
def test_a_cache_that_can_be_used_is_no_mistake(settings, tmp_path, backend):
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": str(tmp_path)}}

    assert checks.check_cache() == []


def test_mail_that_cannot_be_made_is_an_error(settings):
    assert checks.check_mail() == []
    settings.EMAIL_BACKEND = "shop.mail.Backend"

    assert "ModuleNotFoundError: shop" in only(checks.check_mail(), Error, "bazaar.E006").msg


def test_a_cause_is_a_class_and_never_a_text():
    wrapped = ValueError(SECRET)
    wrapped.__cause__ = KeyError(SECRET)

    assert checks._cause(ValueError(SECRET)) == "ValueError"
    assert checks._cause(wrapped) == "KeyError"
    assert re.fullmatch(r"ModuleNotFoundError: redis", checks._cause(ModuleNotFoundError("text", name="redis")))


def test_in_production_the_ledger_is_on_a_server_and_has_a_key_of_its_own(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    settings.LEDGER_IS_DEFAULT, settings.LEDGER_KEY = True, SECRET * 10
    only(checks.check_ledger(), Warning, "bazaar.W027")

    settings.LEDGER_IS_DEFAULT, settings.LEDGER_KEY = False, derived_key(settings.SECRET_KEY, "ledger")
    only(checks.check_ledger(), Warning, "bazaar.W028")

    settings.LEDGER_KEY = SECRET * 10
    assert checks.check_ledger() == []
