"""The jobs that there are, and that nothing of one is forgotten."""

import functools
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from maintenance.cli.job_command import JobCommand
from maintenance.core import cron, registry
from maintenance.core.errors import BrokenJob, InvalidCron, InvalidJob, UnknownJob

JOBS = registry.all_jobs()
TESTS = Path(__file__).parents[2]


BROKEN = {
    "gone": "import nowhere",
    "raises": "raise RuntimeError",
    "no_schedule": """
from maintenance.api import Job
class NoSchedule(Job):
    name, description, schedule = "no-schedule", "Do nothing.", "0 0 31 2 *"
    def stages(self, now):
        return []
""",
}
SOUND = """
from maintenance.api import Job
class Sound(Job):
    name, description, schedule = "sound", "Do nothing.", "15 4 * * *"
    def stages(self, now):
        return []
"""


@pytest.fixture
def scratch_app(tmp_path, monkeypatch, settings):
    """Install an app whose `jobs` package has some modules, and load all jobs afresh."""

    def install(**modules):
        folder = tmp_path / "scratch_app" / "jobs"
        folder.mkdir(parents=True)
        for path in (folder.parent / "__init__.py", folder / "__init__.py"):
            path.write_text("")
        for name, code in modules.items():
            (folder / f"{name}.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(registry, "_jobs", {})
        monkeypatch.setattr(registry, "_broken", {})
        monkeypatch.setattr(registry, "load", functools.cache(registry.load.__wrapped__))
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "scratch_app"]

    yield install
    for name in [name for name in sys.modules if name.split(".")[0] == "scratch_app"]:
        del sys.modules[name]


def test_a_job_is_found_by_its_file(scratch_app):
    scratch_app(sound=SOUND, _helper="raise RuntimeError")

    names = [job.name for job in registry.all_jobs()]

    assert names.index("cleanup-orphaned-files") < names.index("sound") < names.index("finalize-deletions")
    assert not registry.broken()


def test_a_job_that_cannot_be_loaded_is_told_and_stops_no_other(scratch_app, caplog):
    before = [job.name for job in JOBS]
    scratch_app(**BROKEN)

    assert [job.name for job in registry.all_jobs()] == before
    assert registry.broken().keys() == {"gone", "raises", "no-schedule"}
    assert registry.broken()["gone"] == "ModuleNotFoundError"
    with pytest.raises(BrokenJob, match="ModuleNotFoundError"):
        registry.get("gone")
    assert [record.levelname for record in caplog.records] == ["ERROR"] * len(BROKEN)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_has_a_command_of_its_name(job):
    app = get_commands()[job.command]
    assert app == type(job).__module__.partition(".")[0]
    command = load_command_class(app, job.command)
    assert isinstance(command, JobCommand)
    assert command.job_name == job.name
    assert job.description in command.help


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_is_tested(job):
    tests = (TESTS / type(job).__module__.partition(".")[0] / "jobs").glob("test_*.py")
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
