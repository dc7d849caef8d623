"""Fixtures of the tests of pages."""

import pytest
from django.utils import timezone

from maintenance.health import snapshot
from maintenance.models import Canary, ClusterHeartbeat
from maintenance.scheduling import schedules
from tests.maintenance.pages.people import PERMISSIONS, client_of, person


@pytest.fixture
def cluster(db):
    """A cluster that is up, whose canary returned, and that has stored the results of the slow health checks."""
    ClusterHeartbeat.objects.create(host="host", workers=3, seen_at=timezone.now())
    Canary.objects.create(number=1, echo=1, sent_at=timezone.now(), echoed_at=timezone.now())
    schedules.synchronise()
    snapshot.keep()


@pytest.fixture
def viewer(db):
    """A client of somebody who may look at runs."""
    return client_of(person("view_jobrun"))


@pytest.fixture
def operator(db):
    """A client of somebody with all permissions of the pages."""
    return client_of(person(*PERMISSIONS))
