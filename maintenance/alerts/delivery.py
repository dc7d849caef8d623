"""Send one message to one channel with `apprise`, within a limit of time, without telling its address to anybody.

The library is imported here, when a message is sent, and nowhere else.
"""

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from maintenance.core.channels import Channel

ANSWER_WITHIN = 19.0
"""Seconds for a connection, and for each answer. The library has one limit for both where the channel is mail."""
LIMIT = 40.0
"""Seconds of one attempt, whatever the channel does."""
EXCEPTION = "Socket Exception: "
"""What the library logs of an error, at the level of debugging, begins with this."""
FAULTS = (
    (re.compile(r"\berror=(\d{3})\b"), "HTTP {}"),
    (re.compile(r"\((\d{3}), b['\"]"), "SMTP {}"),
    (re.compile("Connection refused"), "connection refused"),
    (re.compile("Name or service not known|Temporary failure in name resolution|NameResolutionError"), "unknown host"),
    (re.compile("timed out"), "no answer in time"),
    (re.compile("unexpectedly closed|RemoteDisconnected|Connection reset"), "connection broken off"),
    (re.compile("STARTTLS extension not supported"), "the server has no STARTTLS"),
    (re.compile("AUTH extension not supported"), "the server takes no user and password"),
    (re.compile("CERTIFICATE_VERIFY_FAILED"), "the certificate is not valid"),
)
"""What a log of the library says of a fault, and the words for it: nothing else of the log goes further."""


def deliver(channel: Channel, title: str, text: str) -> str:
    """Send a message; return why the channel did not confirm it, and an empty text where it did. Raises nothing."""
    attempt = _Attempt(channel, title, text)
    attempt.start()
    attempt.join(LIMIT)
    return f"no answer within {LIMIT:.0f} s" if attempt.is_alive() else attempt.reason


def prepare() -> None:
    """Import the library with all its channels, so that an attempt is short. Each attempt tells where it fails."""
    with suppress(Exception), _hidden_log():
        from apprise import Apprise

        Apprise.instantiate("json://localhost")


class _Attempt(threading.Thread):
    """One attempt. A thread that exceeds the limit ends with its process."""

    def __init__(self, channel: Channel, title: str, text: str) -> None:
        super().__init__(name=f"alert to {channel.name}", daemon=True)
        self._channel, self._title, self._text = channel, title, text
        self.reason = "it was interrupted"

    def run(self) -> None:
        try:
            with _hidden_log() as records:
                self.reason = self._notify(records)
        except Exception as error:  # its text can quote the address
            self.reason = type(error).__name__

    def _notify(self, records: list[str]) -> str:
        from apprise import Apprise, AppriseAsset

        plugin: Any = Apprise.instantiate(self._channel.url, asset=AppriseAsset(async_mode=False, app_id="Maintenance"))
        if plugin is None:
            return "the address is not understood"
        plugin.socket_connect_timeout = plugin.socket_read_timeout = ANSWER_WITHIN
        if plugin.notify(body=self._text, title=self._title):
            return ""
        return _fault_in(records)


def _fault_in(records: Sequence[str]) -> str:
    """Return the fault that a log tells of, the last one where it has several."""
    for record in reversed(records):
        for pattern, words in FAULTS:
            if match := pattern.search(record):
                return words.format(*match.groups())
    return "it was refused, or not answered"


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING or text.startswith(EXCEPTION):  # others quote the message itself
            self.texts.append(text)


@contextmanager
def _hidden_log() -> Iterator[list[str]]:
    """Keep log and warnings of the libraries from every output: they quote addresses. Yield what it says of faults."""
    handler = _Records()
    loggers = [
        logging.getLogger(name)
        for name in ("apprise", "urllib3", "requests", "requests_oauthlib", "charset_normalizer")
    ]
    former = [(each, each.propagate, each.handlers, each.level) for each in loggers]
    for each in loggers:
        each.propagate, each.handlers = False, [handler]
        each.setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield handler.texts
    finally:
        for each, propagate, handlers, level in former:
            each.propagate, each.handlers = propagate, handlers
            each.setLevel(level)
