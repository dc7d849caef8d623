"""Commands on a real terminal of 80 columns."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from django.conf import settings

from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.scheduling import controls

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

COLUMNS = 80
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What colours text, moves the cursor and clears lines."""


@pytest.fixture
def on_terminal(environment):
    """Run a command with all three streams on a terminal; return its exit status and what the terminal was sent."""

    def run(*arguments):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment | {"TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        sent = b""
        while part := _read(ours):
            sent += part
        os.close(ours)
        return process.wait(120), sent.decode().replace("\r\n", "\n")

    return run


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # nobody has the other end any more
        return b""


@pytest.mark.parametrize("options", [[], ["--no-progress"]], ids=["bar", "no bar"])
def test_a_result_is_said_once(options, backlog, on_terminal):
    backlog(10)

    status, sent = on_terminal("cleanup_push_tokens", *options)

    assert status == 0, sent
    assert sent.count("Deleted 10 push tokens.") == 1
    assert "cleanup-push-tokens: Deleted 10" in sent


def test_a_refusal_is_said_once(on_terminal):
    controls.pause(reason="upgrade")

    status, sent = on_terminal("cleanup_push_tokens")

    assert status == 75, sent
    assert sent.count("paused") == 1


def test_tables_fit_and_nothing_in_a_value_acts_on_the_terminal(backlog, on_terminal):
    backlog(10)
    for job in registry.all_jobs():
        assert run_now(job.name).success
    controls.pause(reason="evil\x1b[2J\x9b31m\n\u202etxt.exe")

    for arguments in (["jobs"], ["jobs", "history", "cleanup-push-tokens"], ["retention"], ["deletions", "list"]):
        status, sent = on_terminal(*arguments)

        assert status == 0, sent
        assert max(map(len, sent.splitlines())) <= COLUMNS, sent
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2026]", CONTROL.sub("", sent)), sent
        assert "\x1b[2J" not in sent
        names = [job.name for job in registry.all_jobs()]
        assert arguments != ["jobs"] or all(re.search(rf"^{name} ", sent, flags=re.MULTILINE) for name in names), sent
