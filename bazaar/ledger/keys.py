"""What `LEDGER_KEY` makes: digests of addresses, and of entries. The key itself is in no database."""

import hashlib
import hmac

from django.conf import settings

from bazaar.ledger.models import MARK


def keyed_digest(purpose: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text, in hexadecimal digits; each purpose has digests of its own."""
    key = settings.LEDGER_KEY.encode()
    return hmac.new(key, f"{purpose}\0{text}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def digest_of_address(address: str) -> str:
    """Return the digest of an address in the form of `bazaar.redaction.addresses.normalise`."""
    return keyed_digest("address", address)


def key_mark() -> str:
    """Return what tells this key from another one."""
    return keyed_digest("key", "")[:MARK]
