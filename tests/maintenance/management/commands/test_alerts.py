"""`manage.py alerts`: what was told, on which channel, and whether a message arrives."""

import json

import pytest

from maintenance.alert_models import AlertKind
from maintenance.alerts import outbox
from maintenance.core import channels
from maintenance.core.clock import database_now
from tests.http_sink import REFUSES, http_sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(settings):
    with http_sink() as sink:
        settings.ALERT_URLS = [sink.url("/hook")]
        yield sink


def test_without_a_channel_it_says_so(run, settings):
    settings.ALERT_URLS = []
    assert "set ALERT_URLS" in run("alerts")[0]
    assert "set ALERT_URLS" in run("alerts", "test", status=78)[1]
    assert "No message is due" in run("alerts", "send")[0]


def test_a_test_message_arrives_and_is_listed(run, sink):
    assert "Sent." in run("alerts", "test")[0]
    assert sink.titles == ["test message"]
    listed = run("alerts", "list")[0]
    assert "test message" in listed
    assert channels.configured()[0].name in listed
    assert str(sink.port) not in listed


def test_a_channel_that_refuses_ends_with_1_and_says_why(run, sink):
    sink.way = REFUSES
    out, err = run("alerts", "test", status=1)
    assert "Given up (HTTP 500)" in out
    assert "1 of 1 message was not confirmed" in err
    document = json.loads(run("alerts", "test", "--json", status=1)[0])
    assert document["error"]["code"] == "alert-not-sent"
    assert [alert["reason"] for alert in document["alerts"]] == ["HTTP 500"]


def test_what_is_due_is_sent_on_the_channel_that_is_named(run, sink):
    name = channels.configured()[0].name
    outbox.put(AlertKind.TROUBLE, "one: 1 error", "A sentence.", [name], database_now())
    assert "There is no channel" in run("alerts", "send", "--channel", "json-0", status=2)[1]
    assert sink.requests == []
    assert "Sent." in run("alerts", "send", "--channel", name)[0]
    assert sink.titles == ["1 error"]


def test_a_list_has_as_many_as_are_asked_for(run, sink):
    for _ in range(3):
        run("alerts", "test")
    assert len(json.loads(run("alerts", "list", "--json", "--limit", "2")[0])["alerts"]) == 2
