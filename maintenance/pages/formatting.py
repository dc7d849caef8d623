"""Figures and moments of runs as the pages show them. Times and durations: see `maintenance.core.time_text`."""

import re
from datetime import datetime

from django.utils.translation import gettext as _

from maintenance.core.sqlstates import explained
from maintenance.models import JobRun

DASH = "–"
"""Shown where there is no value."""
COMMAND = re.compile(r" \(`manage\.py [^`]*`[^)]*\)")
CONFIRMING = re.compile(r"run `manage\.py \w+ --confirm-count \d+`")
"""As in the message of the volume guard. With options of a job it stays: the pages run a job without options."""


def figure(number: int | None) -> str:
    """Return a number with separators of thousands."""
    return DASH if number is None else f"{number:,}"


def listed_at(run: JobRun) -> datetime:
    """Return the time under which a run is listed: its start, or its request where it has not started."""
    return run.started_at or run.queued_at


def for_page(text: str) -> str:
    """Return a sentence of the program for a page: SQLSTATEs in words, and no command in parentheses.

    Such a command is the command line's way of what the page has a button or a link for.
    """
    return explained(CONFIRMING.sub(_("confirm it"), COMMAND.sub("", text)))
