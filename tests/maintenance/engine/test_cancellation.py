"""A stop is asked for by a signal handler at any moment, and ends every wait at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from maintenance.engine.cancellation import CancellationToken, stop_on_signals

LONG = 60
"""Seconds; a wait that lasts so long was not ended."""
ROUNDS = 800
IN_A_TIGHT_LOOP = f"""
import signal
from maintenance.engine.cancellation import stop_on_signals

signal.signal(signal.SIGTERM, lambda *_: None)  # between two rounds a signal is nothing
print("ready", flush=True)
for _ in range({ROUNDS}):
    with stop_on_signals() as token:
        while not token.is_requested:
            token.wait(0.0001)
        for _ in range(100):
            token.wait(0.0001)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""
BETWEEN_SIGNALS = 0.0003
"""Seconds; without it the handlers would interrupt each other without end."""


def test_no_signal_hangs_a_waiting_process():
    code = [sys.executable, "-c", IN_A_TIGHT_LOOP]
    with subprocess.Popen(code, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            deadline = time.monotonic() + LONG
            while process.poll() is None:
                assert time.monotonic() < deadline, "It hangs."
                process.send_signal(signal.SIGTERM)
                time.sleep(BETWEEN_SIGNALS)
        finally:
            process.kill()

    # Where a handler waits for a lock, each further signal interrupts it and waits, too, until there are too many.
    assert process.returncode == 0


def test_a_signal_ends_a_wait_at_once():
    with stop_on_signals() as token:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        token.wait(LONG)

    assert time.monotonic() - began < LONG / 2
    assert token.is_requested
    assert 0 < token.age < LONG / 2


def test_a_signal_that_does_not_wake_the_thread_ends_its_wait_all_the_same():
    """As one that arrives just before the thread sleeps: another thread gets it, and the handler waits for this one."""
    with stop_on_signals() as token:
        threading.Timer(0.05, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
        began = time.monotonic()
        token.wait(LONG)

    assert token.is_requested
    assert time.monotonic() - began < LONG / 2


def test_a_request_ends_every_wait_those_that_come_later_too():
    token = CancellationToken()
    with ThreadPoolExecutor() as threads:
        began = time.monotonic()
        waits = [threads.submit(token.wait, LONG) for _ in range(3)]
        token.request()
        for wait in waits:
            wait.result(LONG)
    token.wait(LONG)

    assert time.monotonic() - began < LONG / 2


def test_a_wait_without_a_request_lasts_as_long_as_it_should():
    token = CancellationToken()
    began = time.monotonic()

    token.wait(0.05)

    assert time.monotonic() - began >= 0.05
    assert not token.is_requested
    assert token.age == 0


def test_a_follower_hears_its_leader_and_stops_alone():
    leader = CancellationToken()
    with leader.follower() as one, leader.follower() as other:
        one.request()
        assert (one.is_requested, other.is_requested, leader.is_requested) == (True, False, False)

        threading.Thread(target=leader.request).start()
        other.wait(LONG)

        assert other.is_requested
        assert leader.is_requested
    with leader.follower() as late:
        assert late.is_requested
