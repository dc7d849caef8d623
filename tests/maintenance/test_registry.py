"""The jobs that there are, and that nothing of one is forgotten."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

import maintenance.jobs
from maintenance import cron, registry
from maintenance.cli.job_command import JobCommand
from maintenance.errors import InvalidCron, InvalidJob, UnknownJob
from maintenance.job import Job

JOBS = registry.all_jobs()
TESTS = Path(__file__).parent


def job_classes_in_the_package():
    for module in pkgutil.iter_modules(maintenance.jobs.__path__, "maintenance.jobs."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(member, Job) and member.__module__ == module.name:
                yield member


def test_every_job_of_the_package_is_in_the_list():
    assert set(maintenance.jobs.JOBS) == set(job_classes_in_the_package())


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
