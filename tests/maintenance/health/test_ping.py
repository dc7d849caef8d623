"""The ping never waits longer than its limit, and leaves at most one thread that waits."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError

from maintenance.health import ping

HANGS_AFTER = 60
"""Seconds after which a test that hangs fails."""


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(ping, "_latest", None)


@pytest.fixture
def answer(monkeypatch):
    """Let the database answer only when the test says so; the number of questions is `asked`."""
    answer, asked = threading.Event(), []

    def select():
        asked.append(1)
        assert answer.wait(HANGS_AFTER)

    monkeypatch.setattr(ping, "select_one", select)
    answer.asked = asked
    yield answer
    answer.set()
    if ping._latest:
        ping._latest.join(HANGS_AFTER)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_answers_is_asked_by_one_statement():
    ping.ping()
    assert not ping._latest.is_alive()


def test_a_database_that_is_silent_is_told_after_the_limit(answer, monkeypatch):
    monkeypatch.setattr(ping, "ANSWER_WITHIN", timedelta(0))

    with pytest.raises(ping.NoAnswer):
        ping.ping()


def test_one_thread_waits_however_often_somebody_asks(answer, monkeypatch):
    monkeypatch.setattr(ping, "ANSWER_WITHIN", timedelta(0))
    for _ in range(5):
        with pytest.raises(ping.NoAnswer):
            ping.ping()

    assert len(answer.asked) == 1
    assert [thread.name for thread in threading.enumerate()].count("ping of the database") == 1


def test_after_an_answer_the_next_question_is_a_new_one(answer):
    answer.set()
    ping.ping()
    ping.ping()

    assert len(answer.asked) == 2


def test_the_error_of_the_database_is_raised_to_who_asks(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(ping, "select_one", refuse)

    with pytest.raises(OperationalError):
        ping.ping()
