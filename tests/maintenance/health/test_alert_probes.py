import pytest

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus
from maintenance.alerts import outbox
from maintenance.core import channels
from maintenance.core.states import Level
from maintenance.health import doctor
from maintenance.health.context import HealthContext
from tests.engine_fixtures import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def name(settings):
    settings.ALERT_URLS = ["json://one.example.org"]
    return channels.configured()[0].name


def found():
    return doctor.run_probes(["the alerts"], HealthContext())


def attempt(name, status, reason="HTTP 500"):
    outbox.put(AlertKind.TROUBLE, "one: 1 error", "A sentence.", [name], NOW)
    AlertDelivery.objects.filter(attempts=0).update(status=status, reason=reason, attempts=1)


@pytest.mark.parametrize("status", [AlertStatus.QUEUED, AlertStatus.UNSURE, AlertStatus.GIVEN_UP])
def test_a_channel_that_fails_is_a_warning(name, status):
    attempt(name, status)
    [result] = found()
    assert (result.code, result.level) == ("alert-not-sent", Level.WARNING)
    assert name in result.sentence
    assert "HTTP 500" in result.sentence


def test_a_channel_that_works_again_is_none(name):
    attempt(name, AlertStatus.GIVEN_UP)
    attempt(name, AlertStatus.SENT, "")
    assert found() == []


def test_a_message_that_nobody_has_tried_yet_is_no_failure(name):
    outbox.put(AlertKind.TROUBLE, "one: 1 error", "A sentence.", [name], NOW)
    assert found() == []


def test_a_channel_that_is_not_configured_any_more_is_none(name, settings):
    attempt(name, AlertStatus.GIVEN_UP)
    settings.ALERT_URLS = ["json://two.example.org"]
    assert found() == []


def test_without_a_channel_nothing_is_asked(settings, django_assert_num_queries):
    settings.ALERT_URLS = []
    context = HealthContext()
    with django_assert_num_queries(0):
        assert list(doctor.probes.ALL["the alerts"](context)) == []
