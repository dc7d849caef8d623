"""Append entries to the chain. Several machines may do it at the same time; one waits for the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import Error, connections, transaction
from django.utils import timezone

from bazaar.ledger.chain import GENESIS, Counts, digest_of, document_of
from bazaar.ledger.keys import digest_of_address, key_mark
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.router import ALIAS
from maintenance.core.errors import NotReady, summary_of

LONGEST_WAIT = 20
"""Seconds that a writer waits for another one."""


class LedgerUnavailable(NotReady):
    """The ledger cannot be read or written."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The ledger cannot be used ({cause}), so nobody is erased and no request is accepted: start its database, "
            "correct LEDGER_DATABASE_URL, or run `manage.py migrate`."
        )


class AnotherKey(NotReady):
    """The last entry was written with another key."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger was written with another LEDGER_KEY, so nobody is erased and no request is accepted: set "
            "LEDGER_KEY to the key that it was written with (by default it is made from SECRET_KEY)."
        )


@dataclass(frozen=True)
class Draft:
    """What an entry is to say. `addresses` are in the form of `normalise`; the ledger keeps their digests."""

    kind: str
    origin: UUID
    person: UUID | None = None
    request: UUID | None = None
    hold: UUID | None = None
    mode: str = ""
    reason: str = ""
    scheduled_for: datetime | None = None
    review_on: date | None = None
    reference: int | None = None
    reference_digest: str = ""
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    counts: Counts = field(default_factory=dict)


@contextmanager
def available() -> Iterator[None]:
    """Turn an error of the ledger's database into `LedgerUnavailable`, whose text quotes nothing.

    A connection that was lost is closed, so that the next attempt has another one.
    """
    try:
        yield
    except Error as error:
        connections[ALIAS].close_if_unusable_or_obsolete()
        raise LedgerUnavailable(summary_of(error)) from error


def append(draft: Draft, *, unless: Callable[[], bool] | None = None) -> Entry | None:
    """Append an entry and return it; it is on the disk then. Where `unless` is true, nothing is appended.

    `unless` is asked while nobody else can write. Raises `LedgerUnavailable` and `AnotherKey`.
    """
    with available(), transaction.atomic(using=ALIAS):
        _lock()
        if unless and unless():
            return None
        last = Entry.objects.order_by("-number").values_list("number", "digest", "key_mark").first()
        number, previous, mark = last or (0, GENESIS, key_mark())
        if mark != key_mark():
            raise AnotherKey
        return _insert(draft, number + 1, previous)


def _lock() -> None:
    connection = connections[ALIAS]
    if connection.vendor == "postgresql":  # SQLite's transactions exclude each other anyway
        with connection.cursor() as cursor:
            # The main database holds locks meanwhile. On SQLite a writer waits as long, by the setting of its address.
            cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}s'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger'))")


def _insert(draft: Draft, number: int, previous: str) -> Entry:
    entry = Entry(
        number=number,
        origin=draft.origin,
        made_at=timezone.now(),
        kind=str(draft.kind),
        person=draft.person,
        request=draft.request,
        hold=draft.hold,
        mode=str(draft.mode),
        reason=str(draft.reason),
        scheduled_for=draft.scheduled_for,
        review_on=draft.review_on,
        reference=draft.reference,
        reference_digest=draft.reference_digest,
        key_mark=key_mark(),
        previous=previous,
    )
    digests = sorted({digest_of_address(address) for address in draft.addresses})
    entry.digest = digest_of(document_of(entry, digests, draft.counts))
    entry.save(force_insert=True)
    EntryDigest.objects.bulk_create(EntryDigest(entry=entry, digest=digest) for digest in digests)
    EntryCount.objects.bulk_create(
        EntryCount(entry=entry, category=category, deleted=deleted, changed=changed)
        for category, (deleted, changed) in draft.counts.items()
    )
    return entry
