"""Schedule rows that django-q2's scheduler, or the run, would stumble over."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q.models import Schedule

OWN: dict[str, dict[str, Any]] = {
    "a blank time": {"cron": ""},
    "no time": {"cron": None},
    "a date that never comes": {"cron": "0 0 31 2 *"},
    "six fields": {"cron": "0 0 2 * * *"},
    "seven fields": {"cron": "0 0 2 * * * 2030"},
    "chance": {"cron": "R R * * *"},
    "no cron at all": {"cron": "soon"},
    "arguments that cannot be read": {"args": "('a',"},
    "another job's name": {"args": "('another',)"},
    "keyword arguments that are no dict": {"kwargs": "[1]"},
    "more keyword arguments": {"kwargs": "slot='x'"},
    "a hook": {"hook": "os.system"},
    "another kind of schedule": {"schedule_type": Schedule.DAILY},
    "no slot": {"intended_date_kwarg": None},
}
"""What may be wrong with a row of a job."""

FOREIGN: dict[str, dict[str, Any]] = {
    "a blank time": {"schedule_type": Schedule.CRON, "cron": ""},
    "no time": {"schedule_type": Schedule.CRON, "cron": None},
    "a date that never comes": {"schedule_type": Schedule.CRON, "cron": "0 0 31 2 *"},
    "no cron at all": {"schedule_type": Schedule.CRON, "cron": "soon"},
    "an unknown kind": {"schedule_type": "?"},
    "arguments that cannot be read": {"args": "('a',"},
    "arguments that are a name": {"args": "person"},
    "keyword arguments that are no dict": {"kwargs": "[1]"},
    "keyword arguments that are no call": {"kwargs": "1) + (2"},
    "keyword arguments without names": {"kwargs": "{1: 2}"},
    "keyword arguments unpacked": {"kwargs": "**{'a': 1}"},
    "keyword arguments that cannot be hashed": {"kwargs": "{[]: 1}"},
    "a function among the keyword arguments": {"kwargs": "{'func': 'x'}"},
    "options that are none": {"kwargs": "{'q_options': 5}"},
    "a broker": {"kwargs": "{'q_options': {'cluster': 'another', 'broker': 1}}"},
    "to be called by the scheduler itself": {"kwargs": "{'q_options': {'sync': True}}", "args": "(1,)"},
}
"""What makes the scheduler raise, whosever row it is."""


def break_row(row: Schedule, **fields: Any) -> None:
    """Change a row behind everybody's back, as SQL would."""
    Schedule.objects.filter(pk=row.pk).update(**fields)


def make_foreign(**fields: Any) -> Schedule:
    """Make a row that is due and none of ours."""
    row = Schedule.objects.create(name="theirs", func="builtins.len", args="('x',)", schedule_type=Schedule.HOURLY)
    break_row(row, next_run=timezone.now() - timedelta(minutes=1), **fields)
    row.refresh_from_db()
    return row
