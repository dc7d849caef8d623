"""A signal that comes when a run has ended, and its process has not: the exit status is that of the run."""

import signal

import pytest

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

SETTINGS = """
import atexit, time
from pathlib import Path
from bazaar.settings import *

def linger():
    folder = Path(__file__).parent
    (folder / "lingers").touch()
    while not (folder / "may-end").exists():
        time.sleep(0.01)

atexit.register(linger)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_after_the_end_of_a_run_keeps_its_status(number, backlog, start, until, tmp_path):
    (tmp_path / "settings_of_the_test.py").write_text(SETTINGS)
    due = backlog(20)
    command = start(due.job.command, PYTHONPATH=tmp_path, DJANGO_SETTINGS_MODULE="settings_of_the_test")
    until((tmp_path / "lingers").exists)

    command.signal(number)
    (tmp_path / "may-end").touch()

    assert command.wait().status == 0
    assert JobRun.objects.get().status == JobRun.Status.SUCCEEDED
    due.assert_finished()
