"""Base of the commands: output for people, output for machines, and exit statuses."""

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from maintenance.cli.documents import error_of, is_json_wanted
from maintenance.cli.options import parsers_of
from maintenance.cli.output_errors import is_output_error
from maintenance.cli.refusals import (
    DATABASE_ERROR,
    EX_CONFIG,
    FAILED,
    NOT_CONFIGURED,
    UNEXPECTED_ERROR,
    Refusal,
    code_of,
    exit_status_of,
)
from maintenance.cli.tables import fitted
from maintenance.core.errors import MaintenanceError, summary_of
from maintenance.core.escaping import printable
from maintenance.core.json_encoder import encode
from maintenance.core.logs import unfailing_handlers

logger = logging.getLogger(__name__)


class MaintenanceCommand(BaseCommand):
    """A command that refuses in one sentence or one JSON document, without a stack trace, with an exit status.

    It prints with `say`, `complain`, `print_json` and `print_table` only: they escape control characters.
    """

    # The runner evaluates the system checks that matter.
    requires_system_checks: list[str] = []
    is_json = False
    ends_process = False
    """Whether the process ends with the command."""

    def run_from_argv(self, argv: list[str]) -> None:
        self.is_json, self.ends_process = is_json_wanted(argv), True
        with_trace = "--traceback" in argv
        try:
            # A job that cannot be loaded raises when its options are added, which is before `execute`.
            with unfailing_handlers():
                self._refusing(super().run_from_argv, argv)
        except Exception as error:
            # Where the output failed, `manage.py` ends the process.
            if with_trace or (isinstance(error, OSError) and is_output_error(error)):
                raise
            logger.exception("The command %s failed.", argv[1])
            self.refuse(f"The command failed with an unexpected error: {summary_of(error)}.", UNEXPECTED_ERROR, FAILED)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if parser.called_from_command_line:
            for _, each in parsers_of(parser):
                each.error = partial(self._refuse_usage, each.format_usage)  # type: ignore[method-assign]
        return parser

    def _refuse_usage(self, usage: Callable[[], str], message: str) -> NoReturn:
        if not self.is_json:
            self.stderr.write(usage(), style_func=str)
        raise Refusal.of_usage(message)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        self._refusing(super().print_help, prog_name, subcommand)

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.is_json = bool(options.get("json"))
        return self._refusing(super().execute, *args, **options)

    def _refusing(self, function: Callable[..., str | None], *args: Any, **options: Any) -> str | None:
        """Call a function; turn an error for the operator into a sentence or a document."""
        try:
            return function(*args, **options)
        except MaintenanceError as error:
            self.refuse(str(error), code_of(error), exit_status_of(error))
        except ImproperlyConfigured as error:
            self.refuse(str(error), NOT_CONFIGURED, EX_CONFIG)
        except CommandError as error:
            if not self.is_json:
                raise
            self.refuse(str(error), code_of(error), error.returncode)
        except Error as error:
            self.refuse(f"The database refused: {summary_of(error)}. Is it up, and migrated?", DATABASE_ERROR, FAILED)

    def refuse(self, sentence: str, code: str, status: int) -> NoReturn:
        """Print why the command refuses, as a sentence or as a document, and exit with `status`."""
        if self.is_json:
            self.print_json(error_of(code, sentence, status))
        else:
            self.complain(sentence)
        sys.exit(status)

    def print_json(self, value: Any) -> None:
        """Print the one JSON document."""
        self.stdout.write(encode(value))

    def say(self, line: str = "", *, hanging: int = 0) -> None:
        """Print one line, folded to the width of the terminal."""
        self.stdout.write(fitted(self.stdout, printable(line), hanging=hanging))

    def print_unfolded(self, text: str) -> None:
        """Print the lines of a document that a program reads, such as a page or lines of JSON."""
        for line in text.splitlines():
            self.stdout.write(printable(line))

    def complain(self, line: str) -> None:
        """Print one line to standard error."""
        self.stderr.write(fitted(self.stderr, printable(line)))
