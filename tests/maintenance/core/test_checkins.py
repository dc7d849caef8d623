"""Check-ins at a real server on this machine, which records their order."""

import logging
import os
import subprocess
import sys
import time

import pytest

from maintenance.core import checkins
from maintenance.core.states import Status
from maintenance.engine.runner import run_now
from tests.http_sink import BREAKS_OFF, HANGS, REFUSES, http_sink

SECRET = "Tr0ub4dor"


@pytest.fixture(autouse=True)
def _own_thread(monkeypatch):
    monkeypatch.setattr(checkins, "_sender", None)
    monkeypatch.setattr(checkins, "_beat_at", None)


@pytest.fixture
def monitor(settings):
    with http_sink() as sink:
        settings.CHECKIN_URL = sink.url(f"/{SECRET}/{{job}}/{{event}}", "http")
        settings.CHECKIN_HEARTBEAT_URL = sink.url("/beat", "http")
        yield sink


def events(sink):
    return [path.rpartition("/")[2] for path in sink.paths]


def test_events_arrive_in_their_order(monitor):
    for _ in range(5):
        checkins.started("scratch")
        checkins.ended("scratch", Status.SUCCEEDED)
    checkins.drain()
    assert events(monitor) == ["start", "success"] * 5
    assert monitor.paths[0] == f"/{SECRET}/scratch/start"


@pytest.mark.parametrize("status", [status for status in Status if status not in {"queued", "running"}])
def test_each_end_of_a_run_has_its_event(monitor, status):
    expected = {"succeeded": "success", "failed": "fail", "partial": "fail", "crashed": "fail"}
    checkins.ended("scratch", status)
    checkins.drain()
    assert events(monitor) == [expected.get(status, "log")]


def test_a_heartbeat_is_sent_once_a_minute(monitor, monkeypatch):
    for _ in range(3):
        checkins.beat()
    checkins.drain()
    assert monitor.paths == ["/beat"]
    monkeypatch.setattr(checkins, "BEAT_EVERY", 0.0)
    checkins.beat()
    checkins.drain()
    assert monitor.paths == ["/beat"] * 2


def test_without_an_address_nothing_is_called_or_started(settings):
    settings.CHECKIN_URL = settings.CHECKIN_HEARTBEAT_URL = ""
    checkins.started("scratch")
    checkins.ended("scratch", Status.FAILED)
    checkins.beat()
    checkins.drain()
    assert checkins._sender is None


def test_an_address_that_cannot_be_used_ends_no_run(settings, caplog):
    settings.CHECKIN_URL = f"http://host/{SECRET}"
    checkins.started("scratch")
    assert "cannot be made (ValueError)" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(("way", "fault"), [(REFUSES, "HTTP 500"), (BREAKS_OFF, "RemoteDisconnected")])
def test_a_monitor_that_fails_is_told_once_without_its_address(monitor, way, fault, caplog):
    caplog.set_level(logging.DEBUG)
    monitor.way = way
    for _ in range(3):
        checkins.started("scratch")
    checkins.drain()
    assert caplog.text.count(fault) == 1
    assert SECRET not in caplog.text
    assert len(monitor.requests) == 3


def test_a_monitor_that_is_not_there_is_told(settings, caplog):
    settings.CHECKIN_URL = "http://127.0.0.1:1/{job}/{event}"
    checkins.started("scratch")
    checkins.drain()
    assert "ConnectionRefusedError" in caplog.text


def test_a_monitor_that_hangs_keeps_no_event_waiting_for_longer_than_the_limit(monitor, monkeypatch):
    monkeypatch.setattr(checkins, "LIMIT", 0.2)
    monitor.way = HANGS
    checkins.started("scratch")
    assert monitor.has_request.wait(10)
    monitor.way = "takes"
    checkins.ended("scratch", Status.SUCCEEDED)
    with checkins._sender.events.all_tasks_done:
        assert checkins._sender.events.all_tasks_done.wait_for(lambda: not checkins._sender.events.unfinished_tasks, 10)
    assert events(monitor) == ["start", "success"]


@pytest.mark.django_db(transaction=True)
def test_a_run_ends_while_the_monitor_hangs(monitor, monkeypatch, scratch_job, items):
    monkeypatch.setattr(checkins, "LIMIT", 60.0)
    monitor.way = HANGS
    items(3)
    scratch_job()
    result = run_now("scratch")
    assert (result.success, result.details["counts"]["deleted"]) == (True, 3)
    assert monitor.has_request.wait(10)
    assert checkins._sender.events.unfinished_tasks == 2  # the first has no answer yet, so the run did not wait for it
    assert events(monitor) == ["start"]


def test_after_a_fork_events_still_arrive(monitor):
    checkins.started("before")
    checkins.drain()
    child = os.fork()
    if not child:
        checkins.started("after")
        checkins.drain()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert [path.split("/")[2] for path in monitor.paths] == ["before", "after"]


ENDING = """
import sys
sys.path.insert(0, {root!r})
from django.conf import settings
settings.configure(CHECKIN_URL={url!r})
from maintenance.core import checkins
checkins.started("scratch")
checkins.ended("scratch", "succeeded")
"""
WORKER = """
import multiprocessing
checkins.drain()
def work():
    checkins.ended("scratch", "failed")
multiprocessing.get_context("fork").Process(target=work).start()
"""


def run_to_end(settings, code):
    program = code.format(root=str(settings.BASE_DIR), url=settings.CHECKIN_URL)
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


@pytest.mark.process
def test_a_process_that_ends_loses_no_event(monitor, settings):
    monitor.delay = 0.2
    run_to_end(settings, ENDING)
    assert events(monitor) == ["start", "success"]


@pytest.mark.process
def test_a_worker_that_ends_loses_no_event(monitor, settings):
    run_to_end(settings, ENDING + WORKER)
    assert events(monitor) == ["start", "success", "fail"]


@pytest.mark.process
def test_a_process_ends_although_the_monitor_hangs(monitor, settings):
    monitor.way = HANGS
    run_to_end(settings, ENDING)
    assert not monitor.released.is_set()
    assert events(monitor)[0] == "start"
