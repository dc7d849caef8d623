import logging
import socket
import sys

import pytest

from maintenance.alerts import delivery
from maintenance.core.channels import Channel
from tests import mail_server
from tests.http_sink import BREAKS_OFF, HANGS, REFUSES, http_sink

SECRET = "Tr0ub4dor"


def send(url):
    return delivery.deliver(Channel("json-1", url), "one: 1 error", "A sentence.")


def mail_to(port, account=""):
    return f"mailto://{account}127.0.0.1:{port}?from=bazaar@example.org&to=ops@example.org"


def test_a_message_arrives_whole():
    with http_sink() as sink:
        assert send(sink.url("/hook")) == ""
    assert [(message["title"], message["message"]) for message in sink.messages] == [("one: 1 error", "A sentence.")]


def test_a_channel_that_refuses_says_with_what_status():
    with http_sink(way=REFUSES) as sink:
        assert send(sink.url()) == "HTTP 500"


@pytest.mark.parametrize("url", ["nope://host", "json://", "slack://", "://", f"nope://ann:{SECRET}@host"])
def test_an_address_that_is_not_understood_is_told(url):
    assert send(url) == "the address is not understood"


def test_a_channel_that_hangs_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(delivery, "LIMIT", 0.5)
    with http_sink(way=HANGS) as sink:
        assert send(sink.url()).startswith("no answer within")
    assert len(sink.requests) == 1


def test_a_channel_that_does_not_answer_is_given_up_by_the_library(monkeypatch):
    monkeypatch.setattr(delivery, "ANSWER_WITHIN", 0.3)
    with http_sink(way=HANGS) as sink:
        assert send(sink.url()) == "no answer in time"


def test_a_slow_channel_is_waited_for():
    with http_sink(delay=0.5) as sink:
        assert send(sink.url()) == ""


@pytest.mark.parametrize(
    ("way", "stage", "reason"),
    [
        (mail_server.TAKES, "DATA", ""),
        (mail_server.REFUSES, "DATA", "SMTP 451"),
        (mail_server.REFUSES, "RCPT", "SMTP 450"),
        (mail_server.BREAKS_OFF, "DATA", "connection broken off"),
        (mail_server.HANGS, "DATA", "no answer in time"),
    ],
)
def test_a_mail_arrives_or_says_why_not(settings, monkeypatch, way, stage, reason):
    if way == mail_server.HANGS:
        monkeypatch.setattr(delivery, "ANSWER_WITHIN", 0.3)
    with mail_server.smtp_server(settings, way, stage) as server:
        assert send(mail_to(settings.EMAIL_PORT)) == reason
    assert len(server.messages) == (way != mail_server.REFUSES)
    for mail in server.messages:
        assert b"Subject: one: 1 error" in mail.content
        assert mail.rcpt_tos == ["ops@example.org"]


def test_a_mail_server_that_cannot_do_what_is_asked_of_it_is_told(settings):
    with mail_server.smtp_server(settings):
        assert send(mail_to(settings.EMAIL_PORT, f"ann:{SECRET}@")) == "the server takes no user and password"
        assert send(mail_to(settings.EMAIL_PORT).replace("mailto", "mailtos")) == "the server has no STARTTLS"


@pytest.mark.parametrize("url", ["json://127.0.0.1:1/hook", mail_to(1)])
def test_a_server_that_is_not_there_is_told(url):
    assert send(url) == "connection refused"


def test_a_host_without_an_address_is_told(monkeypatch):
    def fail(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert send("json://nowhere.invalid/hook") == "unknown host"
    assert send(mail_to(25).replace("127.0.0.1", "nowhere.invalid")) == "unknown host"


def test_a_channel_that_breaks_off_is_told():
    with http_sink(way=BREAKS_OFF) as sink:
        assert send(sink.url()) == "connection broken off"


def test_what_the_message_says_is_no_reason():
    with http_sink(way=REFUSES) as sink:
        url = sink.url()
        reason = delivery.deliver(Channel("json-1", url), "one: 1 error", "(451, b'no'): error=404, timed out.")
    assert reason == "HTTP 500"


@pytest.mark.parametrize("way", ["takes", REFUSES, BREAKS_OFF])
def test_the_address_is_in_no_log(caplog, capfd, way):
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with http_sink(way=way) as sink:
        send(sink.url(f"/{SECRET}").replace("://", f"://ann:{SECRET}@"))
    send(f"nope://ann:{SECRET}@host")
    send(f"json://ann:{SECRET}@127.0.0.1:1/{SECRET}")
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    assert len(sink.requests) == 1
    out, err = capfd.readouterr()
    assert SECRET not in caplog.text + out + err


def test_an_exception_of_the_library_tells_its_class_alone(monkeypatch):
    from apprise import Apprise

    def fail(*_args, **_options):
        raise ValueError(SECRET)

    monkeypatch.setattr(Apprise, "instantiate", fail)
    assert send("json://host") == "ValueError"


def test_without_the_library_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    delivery.prepare()
    assert send("json://host") == "ModuleNotFoundError"
