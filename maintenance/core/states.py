"""The states of runs and jobs, triggers, and the results of a health check: the only table of them.

Values are stored, and stand in JSON and metrics, so they keep their names. Labels are for people.
"""

from dataclasses import dataclass
from typing import Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Mark:
    """The mark of a state. `tone` is good, warn, bad, busy or quiet; `icon` is an SVG path in a square of 16."""

    tone: str
    icon: str


NO_MARK = Mark("quiet", "")
GOOD = Mark("good", "M3 8.5l3.5 3.5L13 4.5")
PAUSE = Mark("warn", "M5 3v10M11 3v10")
CROSS = Mark("bad", "M4 4l8 8m0-8l-8 8")


class Status(TextChoices):
    """The state of a run: value, mark, exit status where a command can end so, and label.

    124 is what `timeout` uses, 75 is EX_TEMPFAIL, 130 is Ctrl-C.
    """

    mark: Mark
    exit_status: int | None

    def __new__(cls, value: str, mark: Mark = NO_MARK, exit_status: int | None = None) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.mark, member.exit_status = mark, exit_status
        return member

    QUEUED = "queued", Mark("quiet", "M3 8h.1M8 8h.1M13 8h.1"), _("Queued")
    RUNNING = "running", Mark("busy", "M5 3l8 5-8 5z"), _("Running")
    SUCCEEDED = "succeeded", GOOD, 0, _("Succeeded")
    OUT_OF_TIME = "out_of_time", Mark("warn", "M4 2.5h8l-8 11h8z"), 124, _("Out of time")
    PARTIAL = "partial", Mark("warn", "M8 2v12M8 2a6 6 0 0 1 0 12M8 2a6 6 0 0 0 0 12"), 1, _("Partially failed")
    FAILED = "failed", CROSS, 1, _("Failed")
    CANCELLED = "cancelled", Mark("quiet", "M8 2a6 6 0 1 0 .1 0zM4 12l8-8"), 130, _("Cancelled")
    INTERRUPTED = "interrupted", PAUSE, 130, _("Interrupted")
    CRASHED = "crashed", Mark("bad", "M8 2l6.5 12h-13zM8 6.5v3.5M8 12h.1"), 1, _("Crashed")
    SKIPPED = "skipped", Mark("quiet", "M3 4l4 4-4 4M9 4l4 4-4 4"), 75, _("Skipped")
    MISSED = "missed", Mark("warn", "M8 2a6 6 0 1 0 .1 0z"), _("Missed")


UNFINISHED = (Status.QUEUED, Status.RUNNING)
FINISHED = tuple(status for status in Status if status not in UNFINISHED)
FAILURES = (Status.FAILED, Status.PARTIAL, Status.CRASHED)
"""States whose cause an operator has to find."""
STOPPED = (Status.CANCELLED, Status.INTERRUPTED)
"""States that were requested; the next run does the remaining work."""
WORTH_REPEATING = (*FAILURES, Status.INTERRUPTED, Status.OUT_OF_TIME)
"""States after which an operator may run the job again."""


class Trigger(TextChoices):
    """The trigger of a run."""

    SCHEDULE = "schedule", _("Schedule")
    ADMIN = "admin", _("Admin")
    COMMAND = "command", _("Command line")
    RECOVERY = "recovery", _("Recovery")


class MarkedChoices(TextChoices):
    """Choices of value, mark and label."""

    mark: Mark

    def __new__(cls, value: str, mark: Mark = NO_MARK) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.mark = mark
        return member


class Level(MarkedChoices):
    """The result of a health check, from good to bad. Only an error needs an operator."""

    WELL = "well", GOOD, _("OK")
    WARNING = "warning", PAUSE, _("Warning")
    WRONG = "wrong", CROSS, _("Error")


class JobState(MarkedChoices):
    """The state of a job in the list of jobs, in the order of the list."""

    ERROR = "error", CROSS, _("Error")
    WARNING = "warning", PAUSE, _("Warning")
    RUNNING = "running", Status.RUNNING.mark, _("Running")
    QUEUED = "queued", Status.QUEUED.mark, _("Queued")
    DISABLED = "disabled", Status.CANCELLED.mark, _("Disabled")
    HEALTHY = "healthy", GOOD, _("Healthy")
