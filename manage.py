#!/usr/bin/env python
"""Django's command line, with errors of configuration told in one sentence."""

import os
import sys


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


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
