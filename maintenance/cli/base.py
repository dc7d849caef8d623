"""Base of the commands: one sentence for whatever goes wrong, and the exit statuses of the README."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from os import EX_CONFIG
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from maintenance.errors import (
    BrokenJob,
    InvalidCron,
    InvalidRetention,
    MaintenanceError,
    NotReady,
    UnknownJob,
    summary_of,
)

N = TypeVar("N", int, float)

USAGE = 2
FAILED = 1


class MaintenanceCommand(BaseCommand):
    """A command that tells errors in one sentence, without a trace, and ends with the status that fits."""

    # The runner evaluates the checks that matter, and tells them in one sentence.
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # A job that cannot be loaded is met when its options are asked for, which is before `execute`.
        self._tell_errors(super().run_from_argv, argv, as_json="--json" in argv)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        self._tell_errors(super().print_help, prog_name, subcommand)

    def _tell_errors(self, function: Callable[..., None], *args: Any, as_json: bool = False) -> None:
        try:
            function(*args)
        except MaintenanceError as error:
            self.fail(str(error), exit_status_of(error), {"json": as_json})

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except MaintenanceError as error:
            self.fail(str(error), exit_status_of(error), options)
        except CommandError:
            raise
        except Error as error:
            self.fail(f"The database refused: {summary_of(error)}. Is it up, and migrated?", FAILED, options)
        return None

    def fail(self, sentence: str, status: int, options: dict[str, Any]) -> None:
        """Say what is wrong, to people or to a machine, and exit with `status`."""
        if options.get("json"):
            self.print_json({"status": "failed", "success": False, "message": sentence})
        else:
            self.stderr.write(sentence)
        sys.exit(status)

    def print_json(self, value: Any) -> None:
        """Print one JSON document."""
        self.stdout.write(json.dumps(value, indent=2, default=_jsonable))


def exit_status_of(error: MaintenanceError) -> int:
    """Return the exit status of a command that ends with `error`: usage, configuration, or failed."""
    if isinstance(error, UnknownJob | InvalidCron):
        return USAGE
    return EX_CONFIG if isinstance(error, BrokenJob | NotReady | InvalidRetention) else FAILED


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__qualname__} has no JSON form.")


def at_least(smallest: N, parse: Callable[[str], N]) -> Callable[[str], N]:
    """Return an argparse type: a number that is not below `smallest`."""

    def number(text: str) -> N:
        value = parse(text)
        if value < smallest:
            raise ValueError
        return value

    number.__name__ = f"number (at least {smallest})"
    return number
