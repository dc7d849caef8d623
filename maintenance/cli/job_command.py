"""Running a job from the command line."""

import os
import sys
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.documents import error_of
from maintenance.cli.options import add_json_option, at_least
from maintenance.cli.progress import shown, without_log_duplicates
from maintenance.core import logs, registry
from maintenance.core.job import Job
from maintenance.engine.cancellation import CancellationToken, stop_on_signals
from maintenance.engine.results import EXIT_STATUS, JobResult
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting.links import link_to_run


def add_run_arguments(parser: CommandParser, job: Job | None = None) -> None:
    """Add the options of every job, and those of `job`; the command itself adds `--json`."""
    for option in job.options if job else ():
        parser.add_argument(f"--{option.name}", action="store_true", help=option.help)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    parser.add_argument("--no-progress", action="store_true", help="show no progress")
    parser.add_argument(
        "--confirm-count",
        type=at_least(1, int),
        metavar="N",
        help="continue although far more than usual is due, up to N: the number in the message of the stopped run",
    )


def run_and_exit(command: MaintenanceCommand, name: str, options: dict[str, Any]) -> None:
    """Run a job, print its result, and exit with its status."""
    with stop_on_signals(ends_process=command.ends_process) as stop:
        result = run_shown(command, name, options, stop)
        status = EXIT_STATUS[JobRun.Status(result.status)]
        if options["json"]:
            error = error_of(result.status, result.message, status) if status else {}
            command.print_json({**result.as_json(), **error})
        else:
            (command.say if result.success else command.complain)(f"{name}: {result.message}")
            if not result.success and (link := link_to_run(result.run_id)):
                command.complain(link)
    if status or logs.has_failed():
        sys.exit(status or os.EX_IOERR)


def run_shown(command: MaintenanceCommand, name: str, options: dict[str, Any], stop: CancellationToken) -> JobResult:
    """Run a job with its progress shown."""
    is_wanted = not (options["json"] or options["no_progress"])
    with without_log_duplicates(), shown(name, command, is_wanted=is_wanted) as progress:
        return run_now(
            name,
            dry_run=options["dry_run"],
            confirm_count=options["confirm_count"],
            stop=stop,
            progress=progress,
            options=[option.name for option in registry.get(name).options if options.get(option.name)],
        )


class JobCommand(MaintenanceCommand):
    """Base of the command of a job, which sets `job_name` only."""

    job_name: ClassVar[str]

    @property
    def help(self) -> str:  # type: ignore[override]
        job = registry.get(self.job_name)
        settings = ", ".join(retention.setting for retention in job.retentions)
        limit = f" The limit is set by {settings}." if settings else ""
        return (
            f"{job.description}{limit} Exit status: 0 succeeded, 1 failed or partially failed, 75 skipped, "
            "78 configuration error, 124 out of time, 130 cancelled or interrupted."
        )

    def add_arguments(self, parser: CommandParser) -> None:
        add_run_arguments(parser, registry.get(self.job_name))
        add_json_option(parser)

    def handle(self, **options: Any) -> None:
        run_and_exit(self, self.job_name, options)
