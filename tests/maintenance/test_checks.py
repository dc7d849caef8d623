"""Each mistake in the settings is found by a check with a code, and no job runs while it is there."""

import pytest
from django.core import checks
from django.core.checks import Error

from maintenance.core.errors import NotReady
from maintenance.engine.preflight import TAG
from maintenance.engine.runner import run_now
from maintenance.models import JobRun


def errors():
    return [message for message in checks.run_checks(tags=[TAG]) if isinstance(message, Error)]


def test_the_settings_as_they_come_are_sound():
    assert errors() == []


MISTAKES = [
    ("maintenance.E001", "PUSH_TOKEN_RETENTION_DAYS", 0),
    ("maintenance.E001", "PUSH_TOKEN_RETENTION_DAYS", -1),
    ("maintenance.E001", "AUDIT_LOG_DELETE_YEARS", "three"),
    ("maintenance.E001", "AUDIT_LOG_DELETE_YEARS", 3_000),
    ("maintenance.E002", "MAINTENANCE_BATCH_SECONDS", 0),
    ("maintenance.E002", "MAINTENANCE_BATCH_PAUSE", -1),
    ("maintenance.E002", "MAINTENANCE_BATCH_PAUSE", 60),
    ("maintenance.E002", "MAINTENANCE_DUTY_CYCLE", 40),
    ("maintenance.E002", "MAINTENANCE_DUTY_CYCLE", "much"),
    ("maintenance.E002", "MAINTENANCE_TIME_BUDGET", 0),
    ("maintenance.E002", "MAINTENANCE_LEASE_SECONDS", 1),
    ("maintenance.E003", "MAINTENANCE_TIME_BUDGET", 5_000),
    ("maintenance.E003", "Q_CLUSTER", {"timeout": 5_000, "retry": 5_000, "workers": 3}),
    ("maintenance.E003", "Q_CLUSTER", {"timeout": 5_000, "retry": 6_000, "workers": 1}),
    ("maintenance.E004", "CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}),
    ("maintenance.E006", "ALERT_URLS", ["json://a.example.org", "sclak://Tr0ub4dor/b"]),
    ("maintenance.E006", "ALERT_URLS", "a.example.org"),
    ("bazaar.E002", "DELETION_GRACE_DAYS", 0),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "name", "value"), MISTAKES, ids=[f"{name}={value}" for _, name, value in MISTAKES])
def test_a_mistake_is_found_and_no_job_runs(settings, scratch_job, code, name, value):
    scratch_job()
    setattr(settings, name, value)

    [error] = errors()
    assert error.id == code
    assert error.hint
    with pytest.raises(NotReady) as refused:
        run_now("scratch")
    assert error.msg.rstrip(".") in str(refused.value)
    assert "Tr0ub4dor" not in str(refused.value)
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_an_uploads_folder_that_is_none_is_found(settings, tmp_path):
    not_a_folder = tmp_path / "uploads"
    not_a_folder.write_text("")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(not_a_folder)},
        },
    }

    [error] = errors()

    assert error.id == "bazaar.E001"
    with pytest.raises(NotReady, match="UPLOADS_PATH"):
        run_now("cleanup-push-tokens")
