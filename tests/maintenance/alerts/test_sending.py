"""Messages on their way, to real servers on this machine."""

import pytest

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus
from maintenance.alerts import delivery, outbox, sending
from maintenance.core import channels
from maintenance.core.clock import database_now
from tests.http_sink import HANGS, REFUSES, http_sink
from tests.mail_server import smtp_server

pytestmark = pytest.mark.django_db


def put(*titles):
    names = [channel.name for channel in channels.configured()]
    for title in titles or ["one: 1 error"]:
        outbox.put(AlertKind.TROUBLE, title, "A sentence.", names, database_now())


def statuses():
    return list(AlertDelivery.objects.order_by("pk").values_list("status", flat=True))


def test_what_is_due_is_sent_once_in_its_order(sink):
    put("one: 1 error", "one: 2 errors")
    assert len(sending.send_due()) == 2
    assert sending.send_due() == []
    assert sink.titles == ["1 error", "2 errors"]
    assert statuses() == [AlertStatus.SENT] * 2
    assert AlertDelivery.objects.filter(sent_at__isnull=True).count() == 0


def test_a_mail_is_sent(settings):
    with smtp_server(settings) as handler:
        settings.ALERT_URLS = [f"mailto://127.0.0.1:{settings.EMAIL_PORT}?from=bazaar@example.org&to=ops@example.org"]
        put()
        sending.send_due()
    [mail] = handler.messages
    assert mail.rcpt_tos == ["ops@example.org"]
    assert b"one: 1 error" in mail.content
    assert statuses() == [AlertStatus.SENT]


def test_a_channel_that_fails_keeps_no_other_from_its_messages(settings, sink):
    with http_sink(way=REFUSES) as failing:
        settings.ALERT_URLS = [failing.url("/failing"), sink.url("/hook")]
        put("one: 1 error", "one: 2 errors")
        sending.send_due()
        sending.send_due()
    assert len(failing.requests) == 1
    assert sink.titles == ["1 error", "2 errors"]
    assert sorted(statuses()) == [AlertStatus.QUEUED] * 2 + [AlertStatus.SENT] * 2


def test_a_channel_that_works_again_gets_everything_once(sink):
    sink.way = REFUSES
    put("one: 1 error", "one: 2 errors")
    [row] = sending.send_due()
    assert row.reason == "HTTP 500"
    sink.way, sink.requests = "takes", []
    AlertDelivery.objects.update(due_at=database_now())
    assert len(sending.send_due()) == 2
    assert sink.titles == ["1 error", "2 errors"]


def test_no_transaction_is_open_while_a_channel_is_spoken_to(sink, monkeypatch):
    seen = []
    monkeypatch.setattr(
        delivery, "deliver", lambda *_args: seen.append(list(AlertDelivery.objects.values("status"))) or ""
    )
    put()
    sending.send_due()
    assert seen == [[{"status": AlertStatus.SENDING}]]


def test_only_the_channels_that_are_named_are_sent_to(settings, sink):
    settings.ALERT_URLS = [sink.url("/one"), sink.url("/two")]
    put()
    [row] = sending.send_due([channels.configured()[1].name])
    assert sink.paths == ["/two"]
    assert row.status == AlertStatus.SENT


def test_a_test_message_goes_to_each_channel_at_once_and_is_not_tried_again(settings, sink, monkeypatch):
    monkeypatch.setattr(delivery, "LIMIT", 0.5)
    with http_sink(way=HANGS) as hanging:
        settings.ALERT_URLS = [hanging.url("/hanging"), sink.url("/hook")]
        put()
        rows = sending.send_test()
    assert [row.status for row in rows] == [AlertStatus.GIVEN_UP, AlertStatus.SENT]
    assert sink.titles == ["test message"]
    assert outbox.first_of_each_channel()[0].kind == AlertKind.TROUBLE


def test_nothing_of_an_address_is_stored_or_logged(settings, caplog):
    secret = "Tr0ub4dor"
    with http_sink(way=REFUSES) as sink:
        settings.ALERT_URLS = [sink.url(f"/{secret}").replace("://", f"://ann:{secret}@")]
        put()
        sending.send_due()
        sending.send_test()
    assert secret in sink.paths[0]
    rows = str(list(AlertDelivery.objects.values()))
    assert "HTTP 500" in rows
    assert "was not confirmed" in caplog.text
    assert secret not in rows + caplog.text
