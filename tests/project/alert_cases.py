"""When each alert fires, and when it must not: series in the notation of `promtool test rules`, a sample a minute.

Long stories are thinned out to a sample in five minutes, so that they are evaluated in time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

JOB = "cleanup-push-tokens"
HOUR, DAY = 60, 24 * 60
LONG = f"x{12 * DAY}"


@dataclass(frozen=True)
class Case:
    """The series of a story, and the minute at which the alert fires, or does not."""

    alert: str
    story: str
    series: Mapping[str, str]
    minute: int
    fires: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.alert} {self.story}"

    @property
    def step(self) -> int:
        """Minutes between two samples, and between two evaluations."""
        return 1 if self.minute < 2 * HOUR else 5

    def samples(self) -> dict[str, str]:
        """Return the series with a sample in each step, until the end of the story."""
        return {name: self._thinned(values) for name, values in self.series.items()}

    def _thinned(self, values: str) -> str:
        most = self.minute // self.step + 1

        def thin(found: re.Match[str]) -> str:
            return f"{int(found[1] or 0) * self.step:+d}x{min(most, int(found[2]) // self.step)}".replace("+0x", "x")

        return re.sub(r"(\+\d+)?x(\d+)", thin, values)


def of_job(name: str, **labels: str) -> str:
    more = "".join(f',{label}="{value}"' for label, value in labels.items())
    return f'{name}{{job="{JOB}"{more}}}'


def problem(code: str, level: str = "warning") -> str:
    return f'maintenance_problems{{code="{code}",level="{level}"}}'


def runs(status: str) -> str:
    return of_job("maintenance_runs_total", status=status)


def queue(age: str, *, busy: str = "0x60", workers: str = "2x60") -> dict[str, str]:
    return {
        "maintenance_well": "1x60",
        "maintenance_canary_age_seconds": age,
        "maintenance_workers": workers,
        "maintenance_workers_busy": busy,
    }


def success(last: str, *, enabled: str = "1", paused: str = "0" + LONG) -> dict[str, str]:
    return {
        of_job("maintenance_last_success_timestamp_seconds"): last,
        of_job("maintenance_enabled"): enabled + LONG,
        of_job("maintenance_paused"): paused,
    }


def backlog(items: str, paused: str = "0") -> dict[str, str]:
    return {of_job("maintenance_backlog_items"): items, of_job("maintenance_paused"): paused + LONG}


def fires(alert: str, story: str, series: Mapping[str, str], minute: int, **labels: str) -> Case:
    return Case(f"Maintenance{alert}", story, series, minute, labels=labels)


def is_silent(alert: str, story: str, series: Mapping[str, str], minute: int) -> Case:
    return Case(f"Maintenance{alert}", story, series, minute, fires=False)


CASES = [
    fires("Unknown", "nobody answers", {"maintenance_jobs": "_x20"}, 6),
    fires("Unknown", "the web process has gone", {"maintenance_well": "1x5 _x30"}, 16),
    is_silent("Unknown", "the web process restarts", {"maintenance_well": "1x5 _x8 1x30"}, 13),
    is_silent("Unknown", "there is an error", {"maintenance_well": "0x60"}, 30),
    fires("QueueSilent", "a worker is free and no task comes back", queue("200+60x60"), 4),
    fires("QueueSilent", "no cluster is up", queue("30+60x60", workers="0x60"), 10),
    fires("QueueSilent", "no cluster ever was", {"maintenance_well": "0x60"}, 4),
    is_silent("QueueSilent", "all workers are busy", queue("200+60x60", busy="2x60"), 30),
    is_silent("QueueSilent", "all is well", queue("10x60"), 30),
    is_silent("QueueSilent", "the cluster restarts", queue("30+60x4 20x50", workers="2x1 0x3 2x50"), 6),
    is_silent("QueueSilent", "nobody answers, which is another alert", {"maintenance_jobs": "_x20"}, 10),
    fires("NotWell", "the doctor finds an error", {"maintenance_well": "1x5 0x60"}, 22),
    is_silent("NotWell", "a job is paused", {"maintenance_well": "1x60", problem("paused-until"): "1x60"}, 60),
    is_silent("NotWell", "the cluster restarts", {"maintenance_well": "1x5 0x10 1x60"}, 16),
    fires("RetentionOverdue", "a job is overdue", {problem("retention-overdue", "wrong"): "1x90"}, 61),
    is_silent("RetentionOverdue", "all jobs are paused", {problem("paused"): "1" + LONG}, 5 * DAY),
    is_silent("RetentionOverdue", "the next run mends it", {problem("retention-overdue", "wrong"): "1x30 _x90"}, 61),
    fires(
        "JobFailing",
        "two nights fail",
        {runs("failed"): f"0x{DAY} 1x{DAY} 2x{DAY}", runs("succeeded"): "5" + LONG},
        2 * DAY + 20,
        job=JOB,
    ),
    fires("JobFailing", "its first two runs crash", {runs("crashed"): f"0x60 1x{DAY} 2x{DAY}"}, DAY + 90, job=JOB),
    is_silent("JobFailing", "one night fails", {runs("failed"): f"0x{DAY} 1{LONG}"}, DAY + 60),
    is_silent(
        "JobFailing",
        "a night fails between two that succeed",
        {runs("failed"): f"0x60 1x{DAY} 2{LONG}", runs("succeeded"): f"3x{HOUR} 3x{HOUR} 4{LONG}"},
        DAY + 90,
    ),
    is_silent("JobFailing", "it has never run", {runs("failed"): "0" + LONG, runs("succeeded"): "0" + LONG}, 3 * DAY),
    is_silent("JobFailing", "the cluster restarts again and again", {runs("interrupted"): f"0+1x{DAY}"}, 600),
    is_silent(
        "JobFailing", "it is paused and refused", {runs("skipped"): f"0+1x{DAY}", runs("missed"): "0x60 1x900"}, 600
    ),
    is_silent("JobFailing", "only dry runs fail, which are not counted", {runs("failed"): "7" + LONG}, 3 * DAY),
    fires("NoSuccess", "the last success is long ago", success("0" + LONG), 8 * DAY + 90, job=JOB),
    is_silent("NoSuccess", "it is paused", success("0" + LONG, paused="1" + LONG), 9 * DAY),
    is_silent("NoSuccess", "it is disabled", success("0" + LONG, enabled="0"), 9 * DAY),
    is_silent("NoSuccess", "a weekly run is shortly before its time", success("0" + LONG), 8 * DAY - 5),
    is_silent(
        "NoSuccess",
        "a long pause is over and the job is made good",
        success(f"0x{10 * DAY + 10} {10 * DAY * 60}x{DAY}", paused=f"1x{10 * DAY} 0x{DAY}"),
        10 * DAY + 70,
    ),
    is_silent("NoSuccess", "it has never run", {of_job("maintenance_enabled"): "1" + LONG}, 9 * DAY),
    fires("Backlog", "it never finishes", backlog("5" + LONG), 3 * DAY + 90, job=JOB),
    is_silent("Backlog", "each next run finishes", backlog(f"5x{20 * HOUR} 0x{4 * HOUR} " * 5), 4 * DAY),
    is_silent("Backlog", "nobody has looked for longer than an hour", backlog("5" + LONG), 90),
    is_silent("Backlog", "it is paused", backlog("5" + LONG, paused="1"), 5 * DAY),
    is_silent("Backlog", "it has never run", {of_job("maintenance_paused"): "0" + LONG}, 5 * DAY),
    fires("PausedWithoutEnd", "somebody has forgotten it", {problem("paused"): "1" + LONG}, DAY + 5),
    is_silent("PausedWithoutEnd", "the pause has an end", {problem("paused-until"): "1" + LONG}, 5 * DAY),
    is_silent("PausedWithoutEnd", "somebody resumes", {problem("paused"): f"1x300 _x{2 * DAY}"}, DAY + 5),
]
