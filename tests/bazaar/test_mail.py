"""Mails to a real server: one that takes them, refuses them, hangs, or breaks off."""

import socket

import pytest
from django.core import mail as outbox

from bazaar.mail import Delivery, deliver, is_configured
from tests.mail_server import BREAKS_OFF, HANGS, REFUSES, smtp_server

ADDRESS = "ann@example.org"


def send():
    return deliver("A subject", "A text.\n", ADDRESS)


def test_a_server_takes_a_mail(settings):
    with smtp_server(settings) as server:
        assert send() == (Delivery.SENT, "")

    [message] = server.messages
    assert message.rcpt_tos == [ADDRESS]
    assert b"A text." in message.content


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_server_that_refuses_has_not_taken_it(settings, stage):
    with smtp_server(settings, REFUSES, stage) as server:
        delivery, error = send()

    assert delivery is Delivery.REFUSED
    assert ADDRESS not in error
    assert server.messages == []


def test_a_server_that_is_not_there_has_not_taken_it(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    assert send() == (Delivery.REFUSED, "ConnectionRefusedError")


@pytest.mark.parametrize("way", [BREAKS_OFF, HANGS])
def test_nobody_knows_of_a_mail_whose_connection_is_lost(settings, way):
    with smtp_server(settings, way) as server:
        delivery, error = send()

    assert delivery is Delivery.UNKNOWN
    assert error
    assert len(server.messages) == 1, "it had arrived"


def test_mail_is_configured_unless_it_goes_nowhere(settings):
    assert is_configured()
    assert send() == (Delivery.SENT, "")
    assert [message.to for message in outbox.outbox] == [[ADDRESS]]

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert not is_configured()
