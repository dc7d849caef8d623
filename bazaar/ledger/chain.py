"""The chain: what the digest of an entry covers, and where the chain is broken."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bazaar.ledger.choices import Kind
from bazaar.ledger.keys import key_mark, keyed_digest
from bazaar.ledger.models import HEX, Entry
from bazaar.ledger.router import ALIAS

GENESIS = "0" * HEX
"""What the first entry has for the digest of the entry before."""
PAGE = 1_000
FIELDS = tuple(field.name for field in Entry._meta.concrete_fields if field.name != "digest")

Counts = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Break:
    """A place at which the chain is broken."""

    number: int
    sentence: str


def document_of(entry: Entry, digests: Sequence[str], counts: Counts) -> dict[str, Any]:
    """Return all that an entry says, apart from its own digest, as JSON."""
    values = {name: _plain(getattr(entry, name)) for name in FIELDS}
    return {
        **values,
        "digests": sorted(digests),
        "counts": {category: list(numbers) for category, numbers in sorted(counts.items())},
    }


def digest_of(document: dict[str, Any]) -> str:
    """Return the digest of an entry by its document."""
    return keyed_digest("entry", json.dumps(document, sort_keys=True, separators=(",", ":")))


def documents() -> Iterator[dict[str, Any]]:
    """Yield the entries in order, each with its digest, as `ledger export` writes them."""
    for entry, document in _entries():
        yield {**document, "digest": entry.digest}


def breaks(seen: dict[int, str] | None = None, *, first: int = 1) -> Iterator[Break]:
    """Walk the chain from entry `first` on, and yield where it is broken.

    `seen` maps numbers of entries to their digests, as another database has seen them: an end that was cut off is
    found by it, because nothing comes behind.
    """
    expired = _expired()
    before: Entry | None = None
    begins_at = 0
    present: dict[int, str] = {}
    for entry, document in _entries(first):
        if before or first == 1:
            yield from _break_before(entry, before, expired)
        if entry.key_mark != key_mark():
            yield Break(entry.number, "was written with another LEDGER_KEY, so that it cannot be checked")
        elif digest_of(document) != entry.digest:
            yield Break(entry.number, "was altered: its digest does not fit its content")
        before, begins_at = entry, begins_at or entry.number
        if entry.number in (seen or {}):
            present[entry.number] = entry.digest
    for number, digest in (seen or {}).items():
        if number not in present and number >= begins_at:
            yield Break(number, "is missing: the main database has seen it")
        elif present.get(number, digest) != digest:
            yield Break(number, "is not the one that the main database has seen")


def _break_before(entry: Entry, before: Entry | None, expired: dict[int, str]) -> Iterator[Break]:
    """Yield what is wrong between an entry and the one before."""
    if before is None:
        if entry.previous != expired.get(entry.number - 1, GENESIS if entry.number == 1 else ""):
            yield Break(entry.number, "is the first one, and the entries before it are missing")
    elif entry.number != before.number + 1:
        yield Break(entry.number, f"does not follow entry {before.number}: entries between them are missing")
    elif entry.previous != before.digest:
        yield Break(entry.number, f"does not have the digest of entry {before.number}")


def _expired() -> dict[int, str]:
    """Return the last of the entries that expired together, each with its digest."""
    rows = Entry.objects.filter(kind=Kind.EXPIRED).values_list("reference", "reference_digest")
    return {number: digest for number, digest in rows if number is not None}


def _entries(first: int = 1) -> Iterator[tuple[Entry, dict[str, Any]]]:
    number = first - 1
    while page := list(
        Entry.objects.using(ALIAS)
        .filter(number__gt=number)
        .order_by("number")
        .prefetch_related("digests", "counts")[:PAGE]
    ):
        for entry in page:
            digests = [row.digest for row in entry.digests.all()]
            counts = {row.category: (row.deleted, row.changed) for row in entry.counts.all()}
            yield entry, document_of(entry, digests, counts)
        number = page[-1].number


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | str | None) else str(value)
