"""The configured channels of alerts. An address carries credentials: outside of this process, a channel is a name."""

from dataclasses import dataclass, field

from django.utils.crypto import salted_hmac

from maintenance.conf import settings
from maintenance.core.addresses import scheme_of, split

DIGITS = 8


@dataclass(frozen=True)
class Channel:
    """A name that shows nothing of the address but its scheme, and the address."""

    name: str
    url: str = field(repr=False)


def configured() -> list[Channel]:
    """Return the channels of `ALERT_URLS`, in their order, each once."""
    return list({channel.name: channel for channel in map(_channel, split(settings.ALERT_URLS))}.values())


def _channel(url: str) -> Channel:
    digest = salted_hmac("alert channel", url, algorithm="sha256").hexdigest()[:DIGITS]
    return Channel(f"{scheme_of(url) or 'unknown'}-{digest}", url)
