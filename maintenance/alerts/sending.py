"""Send what is due: for `manage.py alerts`, which a cluster calls in a process of its own."""

import logging
import time
from collections.abc import Iterable, Iterator

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus
from maintenance.alerts import delivery, outbox, texts
from maintenance.core import channels
from maintenance.core.channels import Channel
from maintenance.core.clock import database_now

logger = logging.getLogger(__name__)

SEND_FOR = 60.0
"""Seconds after which a process sends no further message; another one goes on."""


def send_due(names: Iterable[str] = ()) -> list[AlertDelivery]:
    """Send the messages that are due, on all channels or on those of some names; return them with their outcome."""
    chosen = set(names)
    until = time.monotonic() + SEND_FOR
    delivery.prepare()
    found = [channel for channel in channels.configured() if not chosen or channel.name in chosen]
    return [row for channel in found for row in _send_due(channel, until)]


def _send_due(channel: Channel, until: float) -> Iterator[AlertDelivery]:
    """Send the messages of a channel until one fails: the later ones wait for it."""
    while time.monotonic() < until and (row := outbox.claim(channel.name, database_now())):
        yield _send(channel, row)
        if row.status != AlertStatus.SENT:
            return


def send_test() -> list[AlertDelivery]:
    """Send a message to each channel now, once, and return them with their outcome."""
    found = {channel.name: channel for channel in channels.configured()}
    delivery.prepare()
    title = texts.title_of(AlertKind.TEST, ())
    rows = outbox.put(AlertKind.TEST, title, texts.of_test(), found, database_now(), is_claimed=True)
    return [_send(found[row.channel], row) for row in rows]


def _send(channel: Channel, row: AlertDelivery) -> AlertDelivery:
    reason = delivery.deliver(channel, row.title, row.text)
    if reason:
        logger.warning("Alert %s was not confirmed by %s (%s).", row.pk, channel.name, reason)
    return outbox.record(row, reason, database_now())
