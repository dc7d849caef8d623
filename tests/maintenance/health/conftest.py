"""A system that is well, and how it is examined."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django_q.models import OrmQ

from maintenance.health import canary, doctor
from maintenance.scheduling import schedules


@pytest.fixture
def healthy(db):
    """A cluster is up, and its canary returned."""
    schedules.synchronise()
    canary.keep()
    OrmQ.objects.all().delete()
    canary.come_back(1)


@pytest.fixture
def examine(client, monkeypatch):
    """Run command and request, which must agree; return the codes of warnings and errors, and the HTTP status."""

    def examine():
        monkeypatch.setattr(doctor, "_cache", doctor._Cache())
        out, status = StringIO(), 0
        try:
            call_command("doctor", "--json", stdout=out)
        except SystemExit as ended:
            status = ended.code
        report = json.loads(out.getvalue())
        response = client.get("/health/jobs")
        assert [verdict["code"] for verdict in response.json()["verdicts"]] == [v["code"] for v in report["verdicts"]]
        assert response.status_code == {0: 200, 1: 503}[status]
        for verdict in report["verdicts"]:
            assert verdict["sentence"].endswith("."), verdict
            assert verdict["remedy"] or verdict["level"] == "well", verdict
        return [verdict["code"] for verdict in report["verdicts"] if verdict["level"] != "well"], response.status_code

    return examine
