"""Where a request comes from: its IP address, and the place for which attempts to log in are counted."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

PREFIX = 64
"""Bits of an IPv6 address that one customer shares; they choose the other ones as they like."""
WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")


def ip_address_of(request: HttpRequest) -> str | None:
    """Return the client's IP address; behind our own proxy, the one that the proxy reports.

    `None` where it cannot be read. The proxy's own address would stand for everybody.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY else ""
    # The client can forge everything before the last part, which our proxy has added.
    parts = [part for part in (part.strip() for part in forwarded.split(",")) if part]
    return read_address(parts[-1] if parts else request.META.get("REMOTE_ADDR", ""))


def read_address(text: str) -> str | None:
    """Return an address without port, brackets, quotes and zone; IPv4 also where IPv6 has it inside."""
    text = text.strip().strip('"')
    if found := WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def place_of(address: str | None) -> str:
    """Return what attempts are counted by: an IPv4 address, or the network of an IPv6 address; empty for none."""
    if address is None:
        return ""
    return str(IPv6Network((address, PREFIX), strict=False)) if ":" in address else address
