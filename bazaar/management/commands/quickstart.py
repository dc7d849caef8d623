import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils import timezone

from bazaar.demo import fill
from bazaar.models import User
from bazaar.uploads import StorageUnreachable
from bazaar.uploads.bucket import bucket_of
from bazaar.uploads.storage import require_storage
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.job_command import run_shown
from maintenance.cli.options import at_least
from maintenance.cli.tables import Column, print_table
from maintenance.core import registry
from maintenance.core.counting import counted
from maintenance.core.errors import MaintenanceError, NotReady
from maintenance.core.time_text import duration
from maintenance.engine.cancellation import stop_on_signals
from maintenance.engine.results import JobResult
from maintenance.models import JobRun

ADMIN = "admin@example.org"
RESULTS = (Column("Job", is_whole=True), Column("State"), Column("Duration", is_number=True), Column("Result"))
NO_QUESTIONS = {"dry_run": False, "json": False, "no_progress": False, "confirm_count": None}


class DatabaseInUseError(MaintenanceError):
    """The database has users already, and the quickstart invents people only where there are none."""


MEMBERS = ("member", "members")


class Command(MaintenanceCommand):
    help = (
        "Try everything out: make a database, fill it with an invented community, run every job, and say how to open "
        "the admin. It needs DEBUG, and refuses to touch a database that has users."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another number invents other people (default 1)")
        parser.add_argument(
            "--scale", type=at_least(0.01, float), default=1.0, metavar="X", help="size of the community (default 1)"
        )
        parser.add_argument("--no-progress", action="store_true", help="do not show how far each job is")

    def handle(self, *, seed: int, scale: float, no_progress: bool, **_options: Any) -> None:
        if not settings.DEBUG:
            raise NotReady("The quickstart invents people, so it runs only with DEBUG on: not in production.")
        call_command("migrate", verbosity=0, interactive=False)
        if User.objects.exists():
            raise DatabaseInUseError(
                "This database has users already, and nothing was changed. "
                "Start the admin with `manage.py runserver`, or run a job: `manage.py jobs` lists them."
            )
        _require_bucket()
        rows = fill(seed=seed, scale=scale, now=timezone.now(), report=self.say)
        self.say(f"The community has {counted(rows['user'], MEMBERS)}; rows in all: {sum(rows.values()):,}.")
        self.say()
        _invent_history()
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(ADMIN, password, name="Administrator")
        settings.MAINTENANCE_BATCH_PAUSE = 0  # nobody visits this site yet
        options = {**NO_QUESTIONS, "no_progress": no_progress}
        with stop_on_signals() as stop:
            results = [run_shown(self, job.name, options, stop) for job in registry.all_jobs()]
        self._tell(results, password)

    def _tell(self, results: list[JobResult], password: str) -> None:
        self.say()
        print_table(
            self.stdout,
            RESULTS,
            [
                (result.job, str(JobRun.Status(result.status).label), duration(result.duration), result.message)
                for result in results
            ],
        )
        for line in (
            "",
            "Now start the admin:  python manage.py runserver",
            f"and open  http://127.0.0.1:8000/admin/  as  {ADMIN}  with the password  {password}",
            "(it is shown only this once).",
            "More to try:  python manage.py jobs    python manage.py retention",
            "Let the jobs run at their times:  python manage.py cluster",
        ):
            self.say(line)


def _require_bucket() -> None:
    """Refuse before the community is invented, not at its first picture."""
    storage = storages["default"]
    try:
        if bucket_of(storage):
            require_storage(storage)
    except StorageUnreachable as error:
        raise NotReady(str(error)) from error


def _invent_history() -> None:
    """Write some runs of long ago, for the job that forgets them."""
    job, begin = registry.all_jobs()[-1].name, timezone.now() - timedelta(days=500)
    JobRun.objects.bulk_create(
        JobRun(
            job=job,
            trigger=JobRun.Trigger.SCHEDULE,
            status=JobRun.Status.SUCCEEDED,
            queued_at=begin + timedelta(weeks=week),
            started_at=begin + timedelta(weeks=week),
            finished_at=begin + timedelta(weeks=week, seconds=3),
            message="An invented run of long ago.",
        )
        for week in range(5)
    )
