"""The last mail: sent once, tried again where the server refuses, and its address kept no longer than that."""

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from bazaar import closing_mails
from bazaar.models import ClosingMail, DeletionRequest
from maintenance.core import registry
from maintenance.engine.runner import run_now
from tests.factories import DeletionRequestFactory, UserFactory
from tests.mail_server import BREAKS_OFF, REFUSES, smtp_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]

ADDRESS = "ann@example.org"
LATER = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(params=[True, False], ids=["anonymised", "deleted"])
def request_of_ann(request):
    user = UserFactory(email=ADDRESS)
    return DeletionRequestFactory(
        user=user,
        user_pk=user.pk,
        anonymize_contributions=request.param,
        scheduled_for=timezone.now() - DAY,
        evidence={"public_id": str(user.public_id)},
    )


def erase():
    assert run_now("finalize-deletions").success


def send(now):
    result = run_now("send-deletion-notices", now=now)
    assert result.success
    return result


def state(request):
    request.refresh_from_db()
    return request.closing_notice


def test_the_mail_is_sent_after_the_erasure_and_leaves_no_address(request_of_ann):
    erase()

    [message] = mail.outbox
    assert message.to == [ADDRESS]
    assert state(request_of_ann) == "sent"
    assert request_of_ann.closing_notice_at
    assert not ClosingMail.objects.exists()
    send(timezone.now() + LATER)
    assert len(mail.outbox) == 1


def test_a_mail_that_is_refused_is_tried_again_and_sent_once(request_of_ann, settings, caplog):
    with smtp_server(settings, REFUSES) as server, caplog.at_level(logging.WARNING):
        erase()
        assert state(request_of_ann) == "queued"
        send(timezone.now())
        assert ClosingMail.objects.get().attempts == 1, "the pause is not over"
        send(timezone.now() + LATER)
        assert ClosingMail.objects.get().attempts == 2
    assert server.messages == []
    assert f"deletion request {request_of_ann.pk} could not be sent" in caplog.text
    assert ADDRESS not in caplog.text

    with smtp_server(settings) as server:
        for _ in range(2):
            send(timezone.now() + 2 * LATER)

    assert [message.rcpt_tos for message in server.messages] == [[ADDRESS]]
    assert state(request_of_ann) == "sent"
    assert not ClosingMail.objects.exists()


def test_a_mail_that_may_have_arrived_is_not_sent_again(request_of_ann, settings):
    with smtp_server(settings, BREAKS_OFF) as server:
        erase()
        send(timezone.now() + LATER)

    assert len(server.messages) == 1
    assert state(request_of_ann) == "unsure"
    assert not ClosingMail.objects.exists()


def test_a_mail_whose_process_ends_on_the_way_is_not_sent_again(request_of_ann, monkeypatch):
    monkeypatch.setattr(closing_mails, "send", lambda _claimed: None)
    erase()
    monkeypatch.undo()

    send(timezone.now() + LATER)

    assert mail.outbox == []
    assert state(request_of_ann) == "unsure"


def test_a_mail_that_was_not_sent_in_time_leaves_no_address(request_of_ann, settings):
    with smtp_server(settings, REFUSES):
        erase()
        kept = ClosingMail.objects.get()
        exactly = kept.made_at + 2 * DAY
        send(exactly)
        assert ClosingMail.objects.get().made_at == kept.made_at, "the limit counts from the erasure"
        send(exactly + timedelta(microseconds=1))

    assert not ClosingMail.objects.exists()
    assert state(request_of_ann) == "not_sent"


def test_the_address_goes_in_time_also_when_mail_is_not_configured_any_more(request_of_ann, settings):
    with smtp_server(settings, REFUSES):
        erase()
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    send(timezone.now() + LATER)
    assert ClosingMail.objects.exists()
    send(timezone.now() + 3 * DAY)

    assert not ClosingMail.objects.exists()
    assert state(request_of_ann) == "not_sent"


def test_the_address_is_kept_encrypted_and_only_with_the_key_is_it_read(request_of_ann, settings):
    with smtp_server(settings, REFUSES):
        erase()
    sealed = ClosingMail.objects.get().sealed_address
    assert "ann" not in sealed
    settings.SECRET_KEY = "another-key-" + "0" * 50

    send(timezone.now() + LATER)

    assert mail.outbox == []
    assert state(request_of_ann) == "not_sent"
    assert not ClosingMail.objects.exists()


def test_without_mail_nothing_is_queued(request_of_ann, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    erase()

    assert state(request_of_ann) == "not_configured"
    assert not ClosingMail.objects.exists()


def test_of_two_processes_one_sends_a_mail(request_of_ann, settings):
    with smtp_server(settings, REFUSES):
        erase()
    now = timezone.now() + LATER

    with transaction.atomic():
        first = closing_mails.claim(closing_mails.due(now), now)
        second = closing_mails.claim(closing_mails.due(now), now)

    assert (first.address, second) == (ADDRESS, None)


def test_nothing_is_found_of_the_person_while_the_mail_waits(request_of_ann, settings):
    from bazaar.erasure import verify

    with smtp_server(settings, REFUSES):
        erase()

    assert ClosingMail.objects.exists()
    assert verify() == []
    assert DeletionRequest.objects.get().status == "completed"


def test_the_doctor_names_last_mails_that_keep_failing(request_of_ann, settings):
    with smtp_server(settings, REFUSES):
        erase()
        assert closing_mails.failing() == [], "one more attempt may get through"
        send(timezone.now() + LATER)

    [finding] = closing_mails.failing()
    assert finding.msg.endswith(f": {request_of_ann.pk}.")
    assert ADDRESS not in finding.msg + finding.hint
    assert finding in registry.get("send-deletion-notices").findings()
    send(timezone.now() + 2 * DAY + LATER)
    assert closing_mails.failing() == []
