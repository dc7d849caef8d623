#!/usr/bin/env python
"""Django's command line, with errors of configuration told in one sentence."""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

INTERRUPTED = 128 + signal.SIGINT
NO_READER = 128 + signal.SIGPIPE
"""What a shell reports of a tool that is killed by the signal."""
OUTPUT_FAILED = os.EX_IOERR
"""The command did its work, and its output could not be written: a full disk, or a closed output."""


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
        with without_psutil():
            django.setup()
        refuse_settings()
    except ImproperlyConfigured as error:
        refuse_to_start(sys.argv, *str(error).splitlines())
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        refuse_without_database()
        raise


@contextmanager
def without_psutil() -> Iterator[None]:
    """Let django-q2 do without a library that it imports in every process, and needs in a cluster only.

    It takes a tenth of a second to load.
    """
    if "psutil" in sys.modules or sys.argv[1:2] in (["cluster"], ["qcluster"]):
        yield
        return
    sys.modules["psutil"] = None  # type: ignore[assignment] # an import of it fails
    try:
        yield
    finally:
        del sys.modules["psutil"]


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
            try:
                sys.stderr.flush()
            except OSError:
                drop_output(sys.stderr)
            sys.stdout.flush()  # here, where its failure can be told, and not when the interpreter ends
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        drop_output(sys.stdout)
        sys.exit(NO_READER)
    except OSError as error:
        from maintenance.cli.output_errors import is_output_error

        if not is_output_error(error):
            raise
        with suppress(OSError):
            sys.stderr.write(f"The output could not be written ({errno.errorcode[error.errno or 0]}).\n")
            sys.stderr.flush()
        drop_output(sys.stdout, sys.stderr)
        sys.exit(OUTPUT_FAILED)


def drop_output(*outputs: TextIO) -> None:
    """Let what is left to be written go nowhere."""
    for output in outputs:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def open_outputs() -> None:
    """Put something that cannot be written in the place of a closed output: a connection must not get its number."""
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # gets the lowest free number
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


if __name__ == "__main__":
    open_outputs()
    end_quietly(main)
