"""Mails about open requests: once at the request, once before its date, tried again, never twice."""

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from bazaar import request_notices
from bazaar.deletion_requests import cancel_request, make_request
from bazaar.holds.service import release, set_hold
from bazaar.mail import Delivery
from bazaar.models import DeletionRequest, User
from bazaar.request_notices import PAUSE, REMINDER, due, failing
from maintenance.engine.runner import run_now
from tests.factories import DeletionRequestFactory, UserFactory
from tests.mail_server import BREAKS_OFF, REFUSES, smtp_server

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "send-deletion-notices"
NOW = timezone.now()
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def ask(user=None, **options):
    return make_request(user or UserFactory(email="ann@example.org"), now=NOW, **options)


def run(now=NOW):
    result = run_now(NAME, now=now)
    assert result.success
    return result


def test_a_person_is_told_once_and_reminded_once():
    request = ask()
    reminder = request.scheduled_for - REMINDER

    run()
    [told] = mail.outbox
    assert told.to == ["ann@example.org"]
    for now in (NOW + DAY, reminder - MOMENT):
        run(now)
        assert len(mail.outbox) == 1
    run(reminder)
    _, reminded = mail.outbox
    assert reminded.subject == "Your account will be deleted soon"
    assert reminded.subject != told.subject
    for now in (reminder + DAY, request.scheduled_for, request.scheduled_for + DAY):
        run(now)

    assert len(mail.outbox) == 2
    request.refresh_from_db()
    assert (request.notified_at, request.reminded_at, request.notice_due_at) == (NOW, reminder, None)


@pytest.mark.parametrize(("anonymize", "words"), [(True, "shown as made by [Deleted User]"), (False, "Everything")])
def test_the_mail_says_what_will_happen_when_how_to_cancel_and_a_reference(anonymize, words):
    user = UserFactory(email="ann@example.org", name="Ann Canary")
    request = ask(user, anonymize=anonymize)

    run()

    text = mail.outbox[0].body
    assert words in text
    assert str(request.public_id) in text
    assert "reply to this e-mail before that date" in text
    assert f"{request.scheduled_for:%Y}" in text
    assert "Ann Canary" not in text


def test_the_request_is_queued_in_its_transaction():
    user = UserFactory()
    with transaction.atomic():
        ask(user)
        transaction.set_rollback(True)
    run()

    assert mail.outbox == []


def test_without_mail_nothing_changes(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    request = ask()
    assert request.notice_due_at is None

    assert run().details["counts"].get("attempted", 0) == 0

    request.refresh_from_db()
    assert request.notified_at is None


def test_nobody_is_told_by_a_dry_run():
    ask()

    run_now(NAME, dry_run=True, now=NOW)
    assert mail.outbox == []
    run()
    assert len(mail.outbox) == 1


def test_one_that_was_cancelled_is_over():
    request = ask()
    cancel_request(request, reason="changed_mind")

    run()

    assert mail.outbox == []


def test_under_a_hold_nobody_is_told_of_a_date_that_does_not_count():
    user = UserFactory()
    request = ask(user)
    hold = set_hold(user, reason="legal_claim", review_on=NOW.date() + timedelta(days=9))
    run()
    assert mail.outbox == []

    release(hold)
    run()

    assert len(mail.outbox) == 1
    request.refresh_from_db()
    assert request.notified_at == NOW


def test_a_colleague_is_told_at_once_and_not_reminded_before_the_approval():
    boss, colleague = UserFactory(is_staff=True, is_superuser=True), UserFactory(is_staff=True)
    request = ask(colleague, by=boss)
    run()
    assert len(mail.outbox) == 1

    run(request.scheduled_for - DAY)
    assert len(mail.outbox) == 1
    DeletionRequest.objects.update(approved_at=NOW)
    run(request.scheduled_for - DAY)

    assert len(mail.outbox) == 2


def test_a_short_grace_period_has_no_reminder(settings):
    settings.DELETION_GRACE_DAYS = REMINDER.days
    request = ask()
    run()

    request.refresh_from_db()
    assert request.notice_due_at is None


def test_the_mail_goes_to_the_address_of_the_moment():
    user = UserFactory(email="ann@example.org")
    ask(user)
    User.objects.filter(pk=user.pk).update(email="ann@example.com")

    run()

    assert mail.outbox[0].to == ["ann@example.com"]


# Servers that fail


def test_a_mail_that_the_server_refuses_is_tried_again_and_sent_once(settings, caplog):
    request = ask()
    with smtp_server(settings, REFUSES) as server, caplog.at_level(logging.WARNING):
        run()
        run()
    assert server.messages == []
    assert f"deletion request {request.pk} could not be sent" in caplog.text
    assert "ann@example.org" not in caplog.text
    request.refresh_from_db()
    assert (request.notified_at, request.notice_attempts) == (None, 1), "the second run came before the pause was over"
    assert request.notice_due_at >= NOW + PAUSE

    later = request.notice_due_at
    with smtp_server(settings) as server:
        run(later)
        run(later + DAY)

    assert [message.rcpt_tos for message in server.messages] == [["ann@example.org"]]
    request.refresh_from_db()
    assert (request.notified_at, request.notice_attempts) == (later, 0)


def test_a_mail_that_may_have_arrived_is_not_sent_again(settings, caplog):
    request = ask()
    with smtp_server(settings, BREAKS_OFF) as server, caplog.at_level(logging.WARNING):
        run()
        run(NOW + DAY)

    assert len(server.messages) == 1
    assert "may have arrived" in caplog.text
    assert "ann@example.org" not in caplog.text
    request.refresh_from_db()
    assert request.notified_at == NOW


def test_one_whose_process_ends_between_the_claim_and_the_mail_is_not_sent_again(monkeypatch):
    request = ask()
    monkeypatch.setattr(request_notices, "send", lambda _claimed: None)
    run()
    monkeypatch.undo()

    run()
    run(NOW + DAY)

    assert mail.outbox == []
    request.refresh_from_db()
    assert request.notified_at == NOW
    run(request.scheduled_for - REMINDER)
    assert len(mail.outbox) == 1, "the reminder goes out"


def test_one_failing_mail_stops_nobody_else(monkeypatch):
    addresses = ["ann@example.org", "ben@example.org", "cay@example.org"]
    for address in addresses:
        ask(UserFactory(email=address))
    sent = []

    def deliver(_subject, _text, address):
        if address == addresses[1]:
            return Delivery.REFUSED, "SMTPDataError"
        sent.append(address)
        return Delivery.SENT, ""

    monkeypatch.setattr(request_notices, "deliver", deliver)
    run()

    assert sorted(sent) == [addresses[0], addresses[2]]
    assert due(timezone.now() + DAY).count() == 1


def test_the_pauses_between_attempts_grow_to_a_day(monkeypatch):
    monkeypatch.setattr(request_notices, "deliver", lambda *_: (Delivery.REFUSED, "SMTPDataError"))
    request = ask()
    now, pauses = NOW, []
    for _ in range(9):
        run(now)
        request.refresh_from_db()
        pauses.append(round((request.notice_due_at - timezone.now()) / timedelta(minutes=1)))
        now = request.notice_due_at

    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_the_doctor_names_requests_about_which_no_mail_can_be_sent(settings):
    fine = DeletionRequestFactory(notice_due_at=NOW, notice_attempts=1)
    assert failing() == [], f"{fine} may still get through"
    request = DeletionRequestFactory(notice_due_at=NOW, notice_attempts=2)

    [finding] = failing()
    assert finding.id == "bazaar.W024"
    assert finding.msg.endswith(f": {request.pk}.")

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert failing() == []
