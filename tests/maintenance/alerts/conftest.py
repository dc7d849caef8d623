"""Alerts to channels of this machine, and a health report that a test brings."""

from datetime import timedelta

import pytest

from maintenance.alert_models import AlertDelivery, AlertStatus, Trouble
from maintenance.alerts import comparison
from maintenance.core import channels
from maintenance.health.check_result import CheckResult
from tests.engine_fixtures import NOW
from tests.http_sink import http_sink


@pytest.fixture
def sink(settings):
    with http_sink() as sink:
        settings.ALERT_URLS = [sink.url("/hook")]
        yield sink


def error(code="queue-stuck", job="", subject="", sentence=""):
    return CheckResult.error(code, sentence or f"{code} {job}.", "Do something.", job, subject=subject)


class Story:
    """A series of health reports, each at a minute, and what was written about them, and sent at once."""

    is_sent = True

    def __init__(self):
        self._seen = set()

    def report(self, minutes, *results, names=None):
        """Compare a report; return what was written: kind and title, without the name of the site."""
        if names is None:
            names = [channel.name for channel in channels.configured()]
        comparison.compare(results, names, NOW + timedelta(minutes=minutes))
        new = list(AlertDelivery.objects.exclude(pk__in=self._seen).order_by("pk"))
        written = [(row.kind, row.title.partition(": ")[2], row.channel) for row in new]
        self._seen |= {row.pk for row in new}
        if self.is_sent:
            AlertDelivery.objects.filter(status=AlertStatus.QUEUED).update(status=AlertStatus.SENT)
        return [row[:2] for row in written] if len(names) == 1 else written

    def forget(self):
        """Begin anew: what was written before is gone."""
        self._seen = set()

    @staticmethod
    def known():
        return [trouble.code for trouble in Trouble.objects.order_by("pk")]


@pytest.fixture
def story(settings):
    settings.ALERT_URLS = ["json://one.example.org"]
    return Story()
