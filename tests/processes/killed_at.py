"""`manage.py` in a process that ends itself with -9 at one step of a decision: `killed_at.py STEP COMMAND...`."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

STEPS = {
    "before the entry": ("bazaar.decisions.recording", "append", False),
    "after the entry": ("bazaar.decisions.recording", "append", True),
    "before the commit": ("bazaar.decisions.recording", "record", True),
    "before the confirmation": ("bazaar.decisions.recording", "confirm_after_commit", False),
    "after the confirmation": ("bazaar.decisions.recording", "confirm_after_commit", True),
}
"""Module and function, and whether the process ends after its call."""


def end_at(step):
    """Let the process end before or after the first call of a function."""
    name, attribute, is_after = STEPS[step]
    module = import_module(name)
    function = getattr(module, attribute)

    def end(*arguments, **options):
        if is_after:
            function(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, attribute, end)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))

    import django
    from django.core.management import execute_from_command_line

    django.setup()
    end_at(sys.argv[1])
    execute_from_command_line(["manage.py", *sys.argv[2:]])
