"""A project that has nothing to do with the bazaar and installs the engine for a job of its own."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scratch_settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
