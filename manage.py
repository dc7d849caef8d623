#!/usr/bin/env python
"""Django's command line, with errors of configuration told in one sentence."""

import os
import signal
import sys
from collections.abc import Callable

INTERRUPTED = 128 + signal.SIGINT
NO_READER = 128 + signal.SIGPIPE
"""What a shell reports of a tool that is killed by the signal."""


def main() -> None:
    """Run a management command; exit with status 78 when the settings cannot be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bazaar.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from bazaar.bootstrap import write_env_for_quickstart
    from maintenance.cli.refusals import refuse_to_start

    try:
        if sys.argv[1:2] == ["quickstart"]:
            write_env_for_quickstart()
        django.setup()
        refuse_settings()
    except ImproperlyConfigured as error:
        refuse_to_start(sys.argv, *str(error).splitlines())
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        refuse_without_database()
        raise


def refuse_settings() -> None:
    """Exit where a setting cannot be used, or does not fit another one."""
    from maintenance.cli.refusals import refuse_to_start
    from maintenance.engine.preflight import faults_of_settings

    if faults := faults_of_settings():
        refuse_to_start(sys.argv, *faults)


def refuse_without_database() -> None:
    """Exit where the database cannot be reached."""
    from maintenance.cli.refusals import refuse_to_start
    from maintenance.core.errors import NotReady
    from maintenance.engine.preflight import verify_connection

    try:
        verify_connection()
    except NotReady as error:
        refuse_to_start(sys.argv, str(error))


def end_quietly(function: Callable[[], None]) -> None:
    """Call a function; end without a word, as other tools do, on Ctrl-C, or when nobody reads the output any more."""
    try:
        try:
            function()
        finally:
            sys.stdout.flush()  # here, where its failure can be told, and not when the interpreter ends
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be written goes nowhere
        sys.exit(NO_READER)


if __name__ == "__main__":
    end_quietly(main)
