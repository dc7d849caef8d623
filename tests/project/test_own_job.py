"""`docs/jobs.md` followed to the letter leaves everything green, and a cluster runs the new job."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.project.documents import ROOT, files

PATIENCE = 120
JOB = "cleanup-read-notifications"
ABOUT_JOBS = ("documents", "document_tables", "promises", "mirror", "layers")
OLD_NOTIFICATION = (
    "from bazaar.models import Notification, User\n"
    "Notification.objects.create(user=User.objects.create(email='ann@example.org'), type='upvote', title='A vote', "
    "read=True, created_at='2001-01-01T00:00Z')"
)

pytestmark = pytest.mark.process


class Clone:
    """A copy of the project with a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.database = folder / "clone", folder / "db.sqlite3"
        for name in files():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.folder / name)
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=self.folder, check=True)
        self.plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = self.plain | {
            "ENV_FILE": "",
            "SECRET_KEY": "only-for-tests-" + "0" * 50,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "LEDGER_DATABASE_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
            "UPLOADS_PATH": str(folder / "uploads"),
            "CACHE_URL": f"filecache://{folder / 'cache'}",
        }

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment or self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def query(self, sql: str, *values: object) -> list[tuple]:
        """Ask the database from outside; nothing where it is busy."""
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(self.database, timeout=20)) as connection,
            connection,
        ):
            return connection.execute(sql, values).fetchall()
        return []

    def until(self, sql: str, *values: object) -> tuple:
        end = time.monotonic() + PATIENCE
        while not (rows := self.query(sql, *values)):
            assert time.monotonic() < end, f"nothing came of: {sql}"
            time.sleep(0.1)
        return rows[0]


def follow(text: str, folder: Path) -> list[str]:
    """Do what the numbered steps say; return the paths that they name."""
    steps = re.split(r"^\*\*\d\. ", text, flags=re.MULTILINE)[1:]
    return [_follow(step, folder) for step in steps]


def _follow(step: str, folder: Path) -> str:
    instruction = step.split("```", maxsplit=1)[0]
    block = re.search(r"```\w+\n(.+?)```", step, flags=re.DOTALL)[1]
    name = re.search(r"`([\w./]+)`", instruction)[1]
    path = folder / name
    if below := re.search(r"below the line\s+`(.+?)`", instruction):
        text = path.read_text()
        assert text.count(f"\n{below[1]}\n") == 1
        path.write_text(text.replace(f"\n{below[1]}\n", f"\n{below[1]}\n{block}"))
    elif "at the end of the table of jobs" in instruction:
        lines = path.read_text().splitlines(keepends=True)
        last = max(number for number, line in enumerate(lines) if re.match(r"\| `[a-z-]+` \| `[\d*/, -]+` \|", line))
        path.write_text("".join([*lines[: last + 1], block, *lines[last + 1 :]]))
    else:
        assert not path.exists()
        path.write_text(block)
    return name


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_the_steps_leave_everything_green_and_the_cluster_runs_the_job(clone):
    clone.manage("migrate", "--verbosity=0")
    clone.manage("shell", "--verbosity=0", "--command", OLD_NOTIFICATION)

    done = follow((clone.folder / "docs" / "jobs.md").read_text(), clone.folder)

    assert len(done) == 5
    assert_green(clone)
    assert not clone.query("SELECT * FROM django_q_schedule WHERE name = ?", JOB)
    assert clone.query("SELECT * FROM bazaar_notification")
    assert_cluster_runs_the_job(clone)
    [job] = [job for job in json.loads(clone.manage("jobs", "--json"))["jobs"] if job["name"] == JOB]
    assert (job["problem"], job["last_result"]["details"]["counts"]) == ("", {"deleted": 1})
    assert not clone.query("SELECT * FROM bazaar_notification")


def assert_green(clone):
    """Run the tests that look at all jobs, their documents and their files, and the new one."""
    command = ["-m", "pytest", "--numprocesses=0", "--quiet", "--ds=tests.settings.sqlite", "-m", "not process"]
    new = "tests/bazaar/jobs/test_cleanup_read_notifications.py"
    about_jobs = [f"tests/project/test_{name}.py" for name in ABOUT_JOBS]
    about_jobs += [f"tests/maintenance/{name}.py" for name in ("core/test_registry", "pages/test_definition")]
    clone.run(*command, *about_jobs, new, environment=clone.plain)


def assert_cluster_runs_the_job(clone):
    """Start the cluster, let the job be due, and wait for its run; nothing else is done about the schedule."""
    cluster = subprocess.Popen([sys.executable, "manage.py", "cluster"], cwd=clone.folder, env=clone.environment)
    try:
        clone.until("SELECT next_run FROM django_q_schedule WHERE name = ? AND next_run IS NOT NULL", JOB)
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        clone.until("UPDATE django_q_schedule SET next_run = ? WHERE name = ? RETURNING id", now, JOB)
        ended = 'SELECT status, "trigger" FROM maintenance_jobrun WHERE job = ? AND finished_at IS NOT NULL'
        assert clone.until(ended, JOB) == ("succeeded", "schedule")
    finally:
        cluster.send_signal(signal.SIGTERM)
        assert cluster.wait(PATIENCE) == 0
