"""Whether a connection keeps its session. With a real PgBouncer: `tests/processes/test_pooling.py`."""

import pytest
from django.db import OperationalError

from maintenance.core import pooling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(pooling, "_kept", set())
    monkeypatch.setattr(pooling, "is_postgresql", lambda: True)
    values = {}
    monkeypatch.setattr(pooling, "set_on_connection", values.__setitem__)
    return values


def test_a_session_of_its_own_is_kept_and_found_out_once(monkeypatch, nothing_known):
    seen = []
    monkeypatch.setattr(pooling, "_seen_by_another", lambda: seen.append(1) or "")
    monkeypatch.setattr(pooling, "_value", lambda: nothing_known[pooling.PROBE])

    assert pooling.is_session_kept()
    assert pooling.is_session_kept()
    assert len(seen) == 1


def test_a_parameter_that_another_connection_sees_is_not_the_sessions(monkeypatch, nothing_known):
    monkeypatch.setattr(pooling, "_seen_by_another", lambda: nothing_known[pooling.PROBE])
    monkeypatch.setattr(pooling, "_value", lambda: nothing_known[pooling.PROBE])

    assert not pooling.is_session_kept()


def test_a_parameter_that_is_gone_was_not_the_sessions(monkeypatch):
    monkeypatch.setattr(pooling, "_seen_by_another", lambda: "")
    monkeypatch.setattr(pooling, "_value", lambda: "")

    assert not pooling.is_session_kept()


def test_a_pool_without_transactions_keeps_nothing(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(pooling, "_seen_by_another", refuse)

    assert not pooling.is_session_kept()
