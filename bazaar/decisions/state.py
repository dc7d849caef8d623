"""Whether the main database and the ledger agree: what is refused, and what the doctor says.

Of the entries that this database has made (`origin`), only those behind `settled` are read: nearly always one decision
and its confirmation.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone

from bazaar.decisions.models import ONLY, LedgerMark
from bazaar.ledger.choices import CONFIRMATIONS, DECISIONS, Kind
from bazaar.ledger.default import make_default_ledger
from bazaar.ledger.keys import key_mark
from bazaar.ledger.models import Entry
from bazaar.ledger.router import ALIAS
from bazaar.ledger.writer import AnotherKey, LedgerUnavailable, available
from bazaar.models import User
from maintenance.core.database import is_read_only
from maintenance.core.errors import NotReady

PERSONS_ASKED = 1_000
CONFIRMED_WITHIN = timedelta(minutes=5)
"""An entry without a confirmation for longer was left by a process that was killed."""


class Behind(NotReady):
    """The main database is older than its ledger."""

    def __init__(self) -> None:
        super().__init__(
            "This database is older than its ledger, as after a restore, so nobody is erased and no request is "
            "accepted: run `manage.py ledger replay`."
        )


class LedgerAltered(NotReady):
    """Somebody has changed an entry that a replay would carry out."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The ledger is broken at entry {number}, so nothing is replayed: run `manage.py ledger check`, and "
            "restore the ledger from its backup."
        )


class HoldsUnknown(NotReady):
    """The main database is older than its ledger, which has holds that it does not know."""

    def __init__(self) -> None:
        super().__init__(
            "This database is older than its ledger, and does not know of all legal holds, so no job deletes or "
            "changes what may be held: run `manage.py ledger replay`."
        )


class LedgerIncomplete(NotReady):
    """The ledger lacks what the main database has seen."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The ledger does not have entry {number}, which this database has seen, so nobody is erased and no "
            "request is accepted: correct LEDGER_DATABASE_URL or restore the ledger; if it is lost, run "
            "`manage.py ledger restart`."
        )


@dataclass(frozen=True)
class State:
    """The mark of the main database, and the entries behind it that matter, by number."""

    mark: LedgerMark
    decisions: dict[int, Entry]
    confirmed: frozenset[int]
    rolled_back: frozenset[int]
    lacks_mark: bool

    @property
    def open(self) -> list[Entry]:
        """Decisions of which it is not known whether the main database has committed them."""
        return [e for n, e in self.decisions.items() if n not in self.confirmed and n not in self.rolled_back]

    @property
    def missing(self) -> list[Entry]:
        """Decisions that the main database does not have, unless it is known that they were rolled back."""
        return [e for n, e in self.decisions.items() if n > self.mark.number and n not in self.rolled_back]

    @property
    def unseen(self) -> list[Entry]:
        """The same, where it has committed one of them once: then it was restored from a backup."""
        return self.missing if any(number > self.mark.number for number in self.confirmed) else []

    @property
    def refusal(self) -> NotReady | None:
        """Why no decision can be made; `None` where it can."""
        if self.lacks_mark:
            return LedgerIncomplete(self.mark.number)
        return Behind() if self.unseen else None


def current_mark(*, lock: bool = False) -> LedgerMark:
    """Return the mark; with `lock`, nobody else makes a decision in this database until the transaction ends."""
    marks = LedgerMark.objects.select_for_update() if lock else LedgerMark.objects
    return marks.get_or_create(pk=ONLY)[0] if lock else marks.filter(pk=ONLY).first() or LedgerMark(pk=ONLY)


def read_state(mark: LedgerMark | None = None) -> State:
    """Return how the main database stands to the ledger. Raises `LedgerUnavailable` and `AnotherKey`.

    The mark is read last, unless given, so that an entry that is confirmed meanwhile does not look unseen.
    """
    known = mark or current_mark()
    origin = known.origin if known.number else _former_origin(known)
    with available():
        make_default_ledger()
        last = Entry.objects.order_by("-number").values_list("key_mark", flat=True).first()
        if last and last != key_mark():
            raise AnotherKey
        entries = list(Entry.objects.filter(origin=origin, number__gt=known.settled).order_by("number"))
        mark = mark or current_mark()
        mark.origin = origin
        lacks_mark = bool(mark.number) and not _has(mark)
    return State(
        mark,
        {e.number: e for e in entries if e.kind in DECISIONS},
        frozenset(e.reference for e in entries if e.kind in CONFIRMATIONS and e.reference is not None),
        frozenset(e.reference for e in entries if e.kind == Kind.ROLLED_BACK and e.reference is not None),
        lacks_mark,
    )


def _former_origin(mark: LedgerMark) -> UUID:
    """Return the origin of a database that has decided nothing.

    It is another one's where persons of that one are here: then this is a backup of before it had a ledger.
    """
    with available():
        make_default_ledger()
        others = Entry.objects.filter(person__isnull=False).order_by("-number").values_list("person", "origin")
        origins = {person: origin for person, origin in others[:PERSONS_ASKED] if person}
    found = User.objects.filter(public_id__in=origins).values_list("public_id", flat=True).first()
    return origins[found] if found else mark.origin


def require_known_holds() -> None:
    """Raise `HoldsUnknown` where a hold was set after the backup from which the main database was restored."""
    with suppress(LedgerUnavailable, AnotherKey):  # a job that decides nothing goes on without the ledger
        if any(entry.kind == Kind.HELD for entry in read_state().unseen):
            raise HoldsUnknown


def why_not() -> NotReady | None:
    """Return why no decision can be made, for pages and the doctor; a main database that does not answer is not it."""
    try:
        if refusal := read_state().refusal:
            return refusal
        with available():
            return LedgerUnavailable("it is read-only") if is_read_only(ALIAS) else None
    except NotReady as refusal:
        return refusal
    except DatabaseError:  # checks run before it is migrated, too
        return None


def unconfirmed() -> Iterator[int]:
    """Yield the numbers of decisions that were left without a confirmation."""
    for entry in read_state().open:
        if timezone.now() - entry.made_at > CONFIRMED_WITHIN:
            yield entry.number


def _has(mark: LedgerMark) -> bool:
    if Entry.objects.filter(number=mark.number).exists():
        return Entry.objects.filter(number=mark.number, digest=mark.digest).exists()
    return Entry.objects.filter(kind=Kind.EXPIRED, reference__gte=mark.number).exists()
