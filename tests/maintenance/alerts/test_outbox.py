from datetime import timedelta

import pytest

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus, Trouble
from maintenance.alerts import outbox
from tests.engine_fixtures import NOW
from tests.maintenance.alerts.conftest import error

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def put(*channels, kind=AlertKind.TROUBLE, **values):
    return outbox.put(kind, "one: 1 error", "A sentence.", channels or ["one"], NOW, **values)


def test_a_message_is_a_row_for_each_channel():
    rows = put("one", "two", troubles=["b", "a"])
    assert [row.channel for row in rows] == ["one", "two"]
    assert len({row.message for row in rows}) == 1
    assert AlertDelivery.objects.first().troubles == ["a", "b"]
    assert f"Reference: {rows[0].message.hex[:8]}" in rows[0].text


def test_a_message_is_claimed_once():
    [row] = put()
    assert outbox.claim("two", NOW) is None
    assert outbox.claim("one", NOW).pk == row.pk
    assert outbox.claim("one", NOW) is None


def test_who_claims_at_the_same_time_gets_nothing(monkeypatch):
    [row] = put()
    is_due = outbox.is_due

    def overtaken(seen, now):
        AlertDelivery.objects.filter(pk=row.pk).update(status=AlertStatus.SENDING, attempts=1, attempted_at=now)
        return is_due(seen, now)

    monkeypatch.setattr(outbox, "is_due", overtaken)
    assert outbox.claim("one", NOW) is None


def test_later_messages_wait_for_the_first_one():
    first, second = put()[0], put()[0]
    claimed = outbox.claim("one", NOW)
    assert claimed.pk == first.pk
    outbox.record(claimed, "HTTP 500", NOW)
    assert outbox.claim("one", NOW) is None
    assert outbox.record(outbox.claim("one", NOW + outbox.FIRST_PAUSE), "", NOW).status == AlertStatus.SENT
    assert outbox.claim("one", NOW).pk == second.pk


def test_a_message_is_tried_again_with_growing_pauses_until_it_is_given_up():
    [row] = put()
    moment, pauses = NOW, []
    while row.status != AlertStatus.GIVEN_UP:
        row = outbox.record(outbox.claim("one", moment), "HTTP 500", moment)
        pauses.append(row.due_at - moment)
        assert outbox.claim("one", row.due_at - SECOND) is None
        moment = row.due_at
    assert pauses[:4] == [timedelta(minutes=number) for number in (1, 2, 4, 8)]
    assert max(pauses) == outbox.LONGEST_PAUSE
    assert row.due_at >= NOW + outbox.GIVE_UP_AFTER
    assert len(pauses) < 20
    assert row.reason == "HTTP 500"


def test_a_message_whose_process_ended_is_not_sent_again_but_told_again_soon():
    key = error().key
    Trouble.objects.create(key=key, code="queue-stuck", sentence="It is stuck.", since=NOW, told_at=NOW)
    [row] = put(troubles=[key])
    outbox.claim("one", NOW)

    outbox.expire(outbox.first_of_each_channel(), NOW + outbox.CLAIMED_FOR - SECOND)
    row.refresh_from_db()
    assert row.status == AlertStatus.SENDING

    later = NOW + outbox.CLAIMED_FOR
    outbox.expire(outbox.first_of_each_channel(), later)
    row.refresh_from_db()
    assert row.status == AlertStatus.UNSURE
    assert outbox.claim("one", later) is None
    assert later - Trouble.objects.get().told_at == outbox.REMIND_EVERY - outbox.REMIND_UNSURE


def test_an_outcome_that_comes_late_is_recorded():
    put()
    row = outbox.claim("one", NOW)
    outbox.expire([row], NOW + outbox.CLAIMED_FOR)
    assert outbox.record(row, "", NOW).status == AlertStatus.SENT


def test_messages_of_a_channel_that_is_gone_are_dropped():
    gone, stays = put("one", "two")
    outbox.drop_channels(outbox.first_of_each_channel(), ["two"])
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.status, stays.status) == (AlertStatus.OBSOLETE, AlertStatus.QUEUED)


def test_old_messages_are_deleted_with_the_next_one():
    old, waiting = put("one", "two")
    AlertDelivery.objects.update(created_at=NOW - outbox.KEPT - SECOND)
    AlertDelivery.objects.filter(pk=old.pk).update(status=AlertStatus.SENT)
    put("three")
    assert set(AlertDelivery.objects.values_list("channel", flat=True)) == {"two", "three"}
    assert AlertDelivery.objects.filter(pk=waiting.pk).exists()
