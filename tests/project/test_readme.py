"""The README says what is true, and its example works as it stands."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from bazaar.demo import fill
from bazaar.models import DeletionRequest, User
from maintenance.core import registry
from maintenance.engine.results import EXIT_STATUS
from maintenance.engine.runner import run_now
from manage import NO_READER

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
SEQUENCES = [{"table": model._meta.db_table, "column": "id"} for model in (User, DeletionRequest)]


def test_the_table_of_jobs_is_complete_and_right():
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \| (.+?) \| (.+?) \|$", README, flags=re.MULTILINE)

    def limit(job):
        return ", ".join(f"`{retention.setting}`: {retention}" for retention in job.retentions) or "-"

    assert rows == [(job.name, job.schedule, limit(job), job.description) for job in registry.all_jobs()]


def test_every_exit_status_is_explained():
    explained = {int(status) for status in re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)}
    assert explained == {*EXIT_STATUS.values(), 2, 78, NO_READER}


@pytest.mark.django_db
def test_the_commands_about_deletions_work_after_a_quickstart(capsys):
    for sql in connection.ops.sequence_reset_by_name_sql(no_style(), SEQUENCES):
        connection.cursor().execute(sql)
    fill(seed=1, scale=1, now=timezone.now())
    run_now("finalize-deletions")
    section = README.split("## Deleting an account")[1]
    commands = re.search(r"```sh\n(.+?)```", section, flags=re.DOTALL).group(1).splitlines()
    assert len(commands) > 5
    for line in commands:
        call_command(*shlex.split(line, comments=True)[1:])
    assert DeletionRequest.objects.filter(user_pk=42, status="pending").exists()
    assert "completed" in capsys.readouterr().out


def test_every_place_that_it_names_exists():
    section = README.split("## Where things are")[1]
    names = re.findall(r"^\| (.+?) \|", section, flags=re.MULTILINE)[2:]
    assert names
    for name in re.findall(r"`([^`]+)`", " ".join(names)):
        assert (ROOT / name).exists() or (ROOT / "maintenance" / name).exists(), name


def test_the_example_job_works_as_it_stands(tmp_path):
    for name in ("bazaar", "maintenance", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml", ".env.example", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    section = README.split("## A job of your own")[1].split("\n## ")[0]
    paths = re.findall(r"`((?:maintenance|tests)/\S+/\w*cleanup_consents\.py)`", section)
    blocks = re.findall(r"```python\n(.+?)```", section, flags=re.DOTALL)
    line = blocks.pop(2)
    assert len(paths) == len(blocks) == 3
    for path, block in zip(paths, blocks, strict=True):
        (tmp_path / path).write_text(block)
    jobs = tmp_path / "maintenance" / "jobs" / "__init__.py"
    jobs.write_text(jobs.read_text().replace("JOBS = {\n", f"JOBS = {{\n{line}"))
    files = ["tests/maintenance/jobs/test_cleanup_consents.py", "tests/maintenance/test_registry.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--numprocesses=0", "--ds=tests.settings.sqlite", *files],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith(("BAZAAR_", "PYTEST_"))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
