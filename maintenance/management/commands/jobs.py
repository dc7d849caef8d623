from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.job_command import add_run_arguments, run_and_exit
from maintenance.cli.options import add_cron_argument, add_json_option, at_least, expression_of, text_of_at_most
from maintenance.cli.refusals import Refusal
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.counting import counted
from maintenance.core.cron import describe, next_times
from maintenance.core.pause_ends import end_of
from maintenance.core.states import Status, Trigger
from maintenance.core.time_text import duration, minute, relative, weekday
from maintenance.engine.pauses import ALL_JOBS, sentence
from maintenance.engine.preflight import verify_database
from maintenance.models import JobRun, Pause
from maintenance.reporting.paused import PauseStatus
from maintenance.reporting.run_files import document_of
from maintenance.reporting.status import JobStatus, get_history, get_pause, get_pauses, get_status
from maintenance.scheduling import controls

TIMES_SHOWN = 3

JOBS = (
    Column("Job", is_whole=True),
    Column("Schedule"),
    Column("Meaning (UTC)", only_wide=True),
    Column("Next run", is_whole=True),
    Column("Next runs (UTC)", only_wide=True),
    Column("Last run", is_whole=True),
    Column("Result", longest=60),
)
RUNS = (
    Column("Run", is_number=True),
    Column("Started", is_whole=True),
    Column("Trigger", only_wide=True),
    Column("State"),
    Column("Done", is_number=True),
    Column("Due", is_number=True, only_wide=True),
    Column("Duration", is_number=True, only_wide=True),
    Column("Message"),
)


class Command(MaintenanceCommand):
    help = "List the jobs, run a job, enable, disable or change its schedule, show its history, pause one job or all."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", metavar="ACTION")
        listing = commands.add_parser("list", help="list the jobs: schedule, last run, next run (the default)")
        run = commands.add_parser("run", help="run a job now, in this process")
        enable = commands.add_parser("enable", help="enable the schedule of a job")
        disable = commands.add_parser("disable", help="disable the schedule of a job")
        pause = commands.add_parser("pause", help="pause a job, or all: running jobs stop at their next batch")
        resume = commands.add_parser("resume", help="resume a job, or all jobs")
        schedule = commands.add_parser("schedule", help="change the schedule of a job")
        history = commands.add_parser("history", help="list the last runs of a job, also of a removed one")

        add_json_option(parser, listing, run, enable, disable, pause, resume, schedule, history)
        names = ", ".join(j.name for j in registry.all_jobs())
        for named in (run, enable, disable, schedule, history):
            named.add_argument("name", metavar="JOB", help=f"one of: {names}")
        for named in (pause, resume):
            named.add_argument("name", metavar="JOB", nargs="?", default=ALL_JOBS, help="a job; without it, all jobs")
        add_run_arguments(run)
        add_cron_argument(schedule)
        pause.add_argument("--for", dest="length", default="", metavar="TIME", help="its length: 30m, 2h, 1h30m, 1d")
        pause.add_argument("--until", default="", metavar="TIME", help="its end, UTC: 06:00, or 2026-01-31 06:00")
        pause.add_argument("--by", default="", metavar="USER_ID", help="the user who pauses")
        longest = Pause._meta.get_field("reason").max_length or 0
        pause.add_argument("--reason", default="", type=text_of_at_most(longest), help="reason (no personal data)")
        history.add_argument("--limit", type=at_least(1, int), default=20, metavar="N", help="how many (default 20)")

    def handle(self, *, action: str | None, **options: Any) -> None:
        if action != "run":  # the run verifies it
            verify_database()
        actions: dict[str | None, Callable[..., None]] = {
            None: self.list,
            "list": self.list,
            "run": lambda *, name, **rest: run_and_exit(self, name, rest),
            "enable": self.enable,
            "disable": self.disable,
            "schedule": self.schedule,
            "pause": self.pause,
            "resume": self.resume,
            "history": self.history,
        }
        actions[action](**options)

    def list(self, *, json: bool, **_options: Any) -> None:
        status, pause, now = get_status(), get_pause(), database_now()
        if json:
            return self.print_json({**vars(status), "paused": PauseStatus.of(pause, now)})
        for active in get_pauses():
            self.say(_told(active))
            self.say()
        print_table(self.stdout, JOBS, [_job_row(job, now) for job in status.jobs])
        for job in status.jobs:
            if job.problem:
                self.say()
                self.say(f"{job.name}: {job.problem}")
        self.say()
        jobs = counted(status.total_jobs, ("job", "jobs"))
        self.say(f"{jobs}, {status.enabled_jobs} enabled, {status.running_jobs} running.")
        self.say("`manage.py jobs --help` lists the actions.")
        return None

    def enable(self, *, name: str, **_options: Any) -> None:
        controls.enable(name)
        self._tell(f"The schedule of {name} is enabled.", job=name, enabled=True)

    def disable(self, *, name: str, **_options: Any) -> None:
        controls.disable(name)
        self._tell(f"The schedule of {name} is disabled. The job can still be run manually.", job=name, enabled=False)

    def schedule(self, *, name: str, cron: Sequence[str], **_options: Any) -> None:
        registry.get(name)
        expression = controls.set_cron(name, expression_of(cron)).cron
        times = _listed(next_times(expression, database_now(), TIMES_SHOWN))
        sentence = f"The schedule of {name} is now '{expression}': {describe(expression)}. Next runs (UTC): {times}."
        self._tell(sentence, job=name, schedule=expression)

    def pause(self, *, name: str, reason: str, length: str, until: str, by: str, **_options: Any) -> None:
        now = database_now()
        pause = controls.pause(name, reason=reason, until=end_of(length, until, now), by=_user(by) if by else None)
        running = "A running job stops at its next batch." if name else "Running jobs stop at their next batch."
        status = vars(PauseStatus.of(pause, now))
        self._tell(f"{sentence(pause)} {running}", **status | {"job": name or None, "paused": True})

    def resume(self, *, name: str, **_options: Any) -> None:
        told = ["Resumed." if controls.resume(name) else "Nothing was paused."]
        told += [sentence(pause) for pause in get_pauses() if not name or pause.job in {name, ALL_JOBS}]
        self._tell(" ".join(told), job=name or None, paused=False)

    def history(self, *, name: str, limit: int, json: bool, **_options: Any) -> None:
        runs = [*get_history(name)[:limit]]
        is_removed = bool(runs) and name not in registry.names()
        if not runs:
            registry.get(name)
        if json:
            return self.print_json([document_of(run) for run in runs])
        print_table(self.stdout, RUNS, [_run_row(run) for run in runs])
        if is_removed:
            self.say()
            self.say(f"The job {name} is not registered any more.")
        return None

    def _tell(self, sentence: str, **values: Any) -> None:
        if self.is_json:
            self.print_json({**values, "message": sentence})
        else:
            self.say(sentence)


def _told(pause: Pause) -> str:
    """Return who paused what, until when and why, and how it ends."""
    by = f" by user {pause.paused_by_id}" if pause.paused_by_id else ""
    reason = f" ({pause.reason})" if pause.reason else ""
    paused = sentence(pause).replace(" paused ", " PAUSED ").rstrip(".")
    command = f"manage.py jobs resume {pause.job}".rstrip()
    return f"{paused}{by}{reason}: `{command}` resumes {'it' if pause.job else 'them'}."


def _user(text: str) -> AbstractBaseUser:
    """Return the user with an id."""
    users = get_user_model()._default_manager
    try:
        return users.get(pk=text)
    except (users.model.DoesNotExist, ValueError, ValidationError, OverflowError) as error:
        raise Refusal.of_usage(f"There is no user with the id {text!r}.") from error


def _job_row(job: JobStatus, now: datetime) -> tuple[str, ...]:
    times: list[datetime] = []
    if job.problem:
        upcoming = "MISCONFIGURED"
    elif job.next_run:
        times = [job.next_run, *next_times(job.schedule, job.next_run, TIMES_SHOWN - 1)]
        upcoming = f"paused, {relative(times[0], now)}" if job.paused else relative(times[0], now)
    else:
        upcoming = "disabled"
    last = relative(job.last_run, now) if job.last_run else "never"
    results = [f"{Status.RUNNING.label}."] if job.is_running else []
    if job.last_result:
        results.append(f"{Status(job.last_result.status).label}: {job.last_result.message}")
    result = " ".join(results) or DASH
    return job.name, job.schedule, job.schedule_sentence, upcoming, _listed(times) or DASH, last, result


def _listed(times: list[datetime]) -> str:
    return ", ".join(weekday(time) for time in times)


def _run_row(run: JobRun) -> tuple[str, ...]:
    state = Status(run.status).label
    return (
        str(run.pk),
        minute(run.started_at or run.queued_at),
        str(Trigger(run.trigger).label),
        f"{state} (dry run)" if run.dry_run else str(state),
        f"{run.items_done:,}",
        DASH if run.items_due is None else f"{run.items_due:,}",
        DASH if run.duration is None else duration(run.duration),
        run.message,
    )
