"""Send one message to one channel with `apprise`, within a limit of time, without telling its address to anybody.

The library is imported here, when a message is sent, and nowhere else.
"""

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from maintenance.core.channels import Channel

CONNECT_WITHIN = 10.0
ANSWER_WITHIN = 20.0
LIMIT = 40.0
"""Seconds of one attempt, whatever the channel does."""
STATUS = re.compile(r"\berror=(\d{3})\b")


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
        plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_WITHIN, ANSWER_WITHIN
        if plugin.notify(body=self._text, title=self._title):
            return ""
        found = [match[1] for record in records if (match := STATUS.search(record))]
        return f"HTTP {found[-1]}" if found else "it was refused, or not answered"


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@contextmanager
def _hidden_log() -> Iterator[list[str]]:
    """Keep log and warnings of the libraries from every output: they quote addresses. Yield the texts of the log."""
    handler = _Records()
    loggers = [
        logging.getLogger(name)
        for name in ("apprise", "urllib3", "requests", "requests_oauthlib", "charset_normalizer")
    ]
    former = [(each, each.propagate, each.handlers) for each in loggers]
    for each in loggers:
        each.propagate, each.handlers = False, [handler]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield handler.texts
    finally:
        for each, propagate, handlers in former:
            each.propagate, each.handlers = propagate, handlers
