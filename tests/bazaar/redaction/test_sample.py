"""The sample of metadata: keys and numbers, and never a value."""

import pytest

from bazaar.models import AuditLog
from bazaar.redaction import policy
from bazaar.redaction.sample import sample
from tests.factories import AuditLogFactory

pytestmark = pytest.mark.django_db


def log(action, **metadata):
    return AuditLogFactory(action=action, metadata=metadata)


def test_without_logs_there_is_nothing():
    assert sample(10) == {}


def test_values_are_counted_by_action_and_path():
    log("a.done", status="x", inside={"ids": [1, 2]}, left={})
    log("a.done", status="y")
    log("b.done", status="x")

    assert {place: seen.count for place, seen in sample(10).items()} == {
        ("a.done", "inside.ids[]"): 2,
        ("a.done", "left"): 1,
        ("a.done", "status"): 2,
        ("b.done", "status"): 1,
    }


def test_each_policy_tells_what_it_would_change():
    log("unheard.of", email="ann@example.org", status="x")
    found = sample(10)

    assert found["unheard.of", "email"].touched == {policy.SANITISE: 1, policy.ALLOW_LIST: 1}
    assert found["unheard.of", "status"].touched[policy.SANITISE] == 0
    assert found["unheard.of", "status"].touched[policy.ALLOW_LIST] == 1


def test_the_newest_logs_are_looked_at():
    for number in range(5):
        log(f"event.number_{number}", status="x")

    assert {action for action, _ in sample(2)} == {"event.number_3", "event.number_4"}


def test_a_key_that_may_be_a_datum_is_a_star():
    log("a.done", votes={"Ann Smith": 1, "ann@example.org": 2})

    assert {place: seen.count for place, seen in sample(10).items()} == {("a.done", "votes.*"): 2}


def test_nothing_is_written():
    log("a.done", email="ann@example.org")
    before = list(AuditLog.objects.values())

    sample(10)

    assert list(AuditLog.objects.values()) == before
