"""The jobs that there are, and that nothing of one is forgotten."""

import functools
import importlib
import inspect
import pkgutil
import types
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

import maintenance.jobs
from maintenance.cli.job_command import JobCommand
from maintenance.core import cron, registry
from maintenance.core.errors import BrokenJob, InvalidCron, InvalidJob, UnknownJob
from maintenance.core.job import Job

JOBS = registry.all_jobs()
TESTS = Path(__file__).parent


def job_classes_in_the_package():
    for module in pkgutil.iter_modules(maintenance.jobs.__path__, "maintenance.jobs."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(member, Job) and member.__module__ == module.name:
                yield member


def test_every_job_of_the_package_is_in_the_list():
    paths = {cls.name: f"{cls.__module__}.{cls.__qualname__}" for cls in job_classes_in_the_package()}
    assert {name: f"maintenance.jobs.{path}" for name, path in maintenance.jobs.JOBS.items()} == paths


def test_a_job_that_cannot_be_loaded_is_told_and_stops_no_other(monkeypatch, settings, caplog):
    package = types.ModuleType("scratch_jobs")
    package.JOBS = {
        "gone": "nowhere.Gone",
        "cleanup-push-tokens": "cleanup_push_tokens.CleanupPushTokens",
        "misnamed": "cleanup_invitations.CleanupInvitations",
    }
    package.record_in_audit_trail = maintenance.jobs.record_in_audit_trail
    package.__name__ = "maintenance.jobs"
    monkeypatch.setattr(registry, "_jobs", {})
    monkeypatch.setattr(registry, "_broken", {})
    monkeypatch.setattr(registry, "import_module", lambda _name: package)
    monkeypatch.setattr(registry, "load", functools.cache(registry.load.__wrapped__))

    assert [job.name for job in registry.all_jobs()] == ["cleanup-push-tokens"]
    assert registry.broken()["gone"] == "ModuleNotFoundError"
    assert "cleanup-invitations" in registry.broken()["misnamed"]
    with pytest.raises(BrokenJob, match="ModuleNotFoundError"):
        registry.get("gone")
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_has_a_command_of_its_name(job):
    assert get_commands()[job.command] == "maintenance"
    command = load_command_class("maintenance", job.command)
    assert isinstance(command, JobCommand)
    assert command.job_name == job.name
    assert job.description in command.help


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_is_tested(job):
    tests = (TESTS / "jobs").glob("test_*.py")
    assert any(f'"{job.name}"' in path.read_text() for path in tests)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_says_what_it_does_in_one_line(job):
    assert job.description.endswith(".")
    assert job.name == job.name.lower()
    assert "_" not in job.name
    assert cron.normalise(job.schedule) == job.schedule
    assert all(registry.get(name) for name in job.excludes)


def test_a_name_is_taken_only_once(scratch_job):
    scratch_job()
    with pytest.raises(InvalidJob, match="scratch"):
        scratch_job()


def test_a_job_with_a_bad_time_is_refused(scratch_job):
    with pytest.raises(InvalidCron):
        scratch_job(schedule="0 0 31 2 *")
    with pytest.raises(UnknownJob):
        registry.get("scratch")
