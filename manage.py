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
    """Run a management command; exit with status 78 when the settings cannot be read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bazaar.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from bazaar.bootstrap import EX_CONFIG, write_env_for_quickstart

    try:
        if sys.argv[1:2] == ["quickstart"]:
            write_env_for_quickstart()
        settings.DEBUG  # noqa: B018 - reads the settings module, so that its errors are met here
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EX_CONFIG)
    execute_from_command_line(sys.argv)


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
