from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from maintenance import controls, registry
from maintenance.cli.base import MaintenanceCommand, at_least
from maintenance.cli.job_command import add_run_arguments, run_and_exit
from maintenance.cli.tables import minute, print_table
from maintenance.clock import database_now
from maintenance.cron import describe, next_times
from maintenance.models import JobRun
from maintenance.preflight import verify_database
from maintenance.results import JobResult
from maintenance.status import JobStatus, age_in_words, get_history, get_pause, get_status

TIMES_SHOWN = 3


class Command(MaintenanceCommand):
    help = "List the maintenance jobs, run one, enable or disable its schedule, pause everything, see what was done."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", metavar="ACTION")
        listing = commands.add_parser("list", help="the jobs: schedule, last run, next run (this is the default)")
        run = commands.add_parser("run", help="run a job now, in this process")
        enable = commands.add_parser("enable", help="let the schedule of a job run it")
        disable = commands.add_parser("disable", help="keep the schedule of a job from running it")
        pause = commands.add_parser("pause", help="stop all runs at their next batch, and start none")
        resume = commands.add_parser("resume", help="end the pause")
        schedule = commands.add_parser("schedule", help="run a job at other times than its own")
        history = commands.add_parser("history", help="the last runs of a job")

        parser.add_argument("--json", action="store_true", help="print one JSON document, and nothing else")
        for named in (run, enable, disable, schedule, history):
            named.add_argument("name", metavar="JOB", help="one of: " + ", ".join(j.name for j in registry.all_jobs()))
        add_run_arguments(run)
        for plain in (listing, enable, disable, schedule, pause, resume, history):
            plain.add_argument("--json", action="store_true", help="print one JSON document, and nothing else")
        schedule.add_argument(
            "cron", metavar="CRON", help="five fields, UTC, in quotes: '30 4 * * *' is 04:30 every day"
        )
        pause.add_argument("--reason", default="", help="why, for whoever looks; no personal data")
        history.add_argument("--limit", type=at_least(1, int), default=20, metavar="N", help="how many (default 20)")

    def handle(self, *, action: str | None, **options: Any) -> None:
        if action != "run":  # a run sees to it itself, and tells it in the form that was asked for
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
        status, pause = get_status(), get_pause()
        if json:
            paused = {"paused_at": pause.paused_at, "reason": pause.reason} if pause else None
            return self.print_json({**asdict(status), "paused": paused})
        if pause:
            reason = f" ({pause.reason})" if pause.reason else ""
            self.stdout.write(f"PAUSED since {minute(pause.paused_at)}{reason}: `manage.py jobs resume` ends it.\n")
        now = database_now()
        print_table(
            self.stdout,
            ["Job", "Schedule", "When (UTC)", "Next run", "Last run", "Result"],
            [self._row(job, now) for job in status.jobs],
        )
        for job in status.jobs:
            if job.problem:
                self.stdout.write(f"\n{job.name}: {job.problem}")
        self.stdout.write(
            f"\n{status.total_jobs} jobs, {status.enabled_jobs} enabled, {status.running_jobs} running. "
            "`manage.py jobs --help` tells what can be done."
        )
        return None

    def _row(self, job: JobStatus, now: Any) -> tuple[str, ...]:
        if job.problem:
            upcoming = "MISCONFIGURED"
        elif job.next_run:
            times = [job.next_run, *next_times(job.schedule, job.next_run, TIMES_SHOWN - 1)]
            upcoming = f"{age_in_words(times[0], now)}: " + ", ".join(f"{time:%a %d %b %H:%M}" for time in times)
        else:
            upcoming = "disabled"
        last = age_in_words(job.last_run, now) if job.last_run else "never"
        result = "running" if job.is_running else ""
        if job.last_result:
            result += f"{'; last ' if result else ''}{job.last_result.status}: {job.last_result.message}"
        return job.name, job.schedule, job.schedule_sentence, upcoming, last, result or "-"

    def enable(self, *, name: str, json: bool, **_options: Any) -> None:
        controls.enable(name)
        self._tell(json, f"The schedule of {name} is enabled.", job=name, enabled=True)

    def disable(self, *, name: str, json: bool, **_options: Any) -> None:
        controls.disable(name)
        self._tell(json, f"The schedule of {name} is disabled; by hand it can still be run.", job=name, enabled=False)

    def schedule(self, *, name: str, cron: str, json: bool, **_options: Any) -> None:
        expression = controls.set_cron(name, cron).cron
        times = ", ".join(f"{time:%a %d %b %H:%M}" for time in next_times(expression, database_now(), TIMES_SHOWN))
        sentence = f"{name} runs at '{expression}': {describe(expression)}. The next times (UTC): {times}."
        self._tell(json, sentence, job=name, schedule=expression)

    def pause(self, *, reason: str, json: bool, **_options: Any) -> None:
        pause = controls.pause(reason=reason)
        self._tell(
            json,
            f"Everything is paused since {minute(pause.paused_at)}: what runs stops at its next batch.",
            paused=True,
        )

    def resume(self, *, json: bool, **_options: Any) -> None:
        was_paused = controls.resume()
        self._tell(json, "The pause is over." if was_paused else "Nothing was paused.", paused=False)

    def history(self, *, name: str, limit: int, json: bool, **_options: Any) -> None:
        registry.get(name)
        runs = get_history(name)[:limit]
        if json:
            return self.print_json([self._as_json(run) for run in runs])
        print_table(
            self.stdout,
            ["Run#", "Started", "Trigger", "Status", "Done#", "Due#", "Seconds#", "Message"],
            [self._history_row(run) for run in runs],
        )
        return None

    @staticmethod
    def _as_json(run: JobRun) -> dict[str, Any]:
        return {
            **JobResult.of(run).as_json(),
            "trigger": run.trigger,
            "queued_at": run.queued_at,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "items_due": run.items_due,
            "items_done": run.items_done,
            "error": run.error,
        }

    @staticmethod
    def _history_row(run: JobRun) -> tuple[str, ...]:
        return (
            str(run.pk),
            minute(run.started_at or run.queued_at),
            run.trigger,
            f"{run.status} (dry run)" if run.dry_run else run.status,
            f"{run.items_done:,}",
            "-" if run.items_due is None else f"{run.items_due:,}",
            "-" if run.duration is None else f"{run.duration.total_seconds():.1f}",
            run.message,
        )

    def _tell(self, as_json: bool, sentence: str, **values: Any) -> None:
        if as_json:
            self.print_json({**values, "message": sentence})
        else:
            self.stdout.write(sentence)
