"""Record a decision: the entry first, then the commit of the main database, then the confirmation.

The row of the mark is locked from the entry to the commit. So the decisions of one database are in the order of its
commits, and an entry that nobody has confirmed is either in the database, or was rolled back: the next
decision can tell, and writes it down (`settle`).
"""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction

from bazaar.decisions.models import LedgerMark
from bazaar.decisions.state import State, current_mark, read_state
from bazaar.erasure.identity import addresses_by_user
from bazaar.erasure.scope import Mode
from bazaar.ledger.choices import CONFIRMATIONS, Kind
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import Draft, append
from bazaar.models import DeletionRequest, User
from maintenance.core.errors import NotReady

logger = logging.getLogger(__name__)


def record(kind: Kind, request: DeletionRequest | None, user: User | None, **values: Any) -> Entry:
    """Write the entry of a decision, as one of the last things of the transaction that carries it out.

    It is confirmed once the transaction is committed. Raises `NotReady` where the ledger cannot be written, or where
    the main database is behind: then nothing may be decided. `values` are those of `Draft`.
    """
    mark = current_mark(lock=True)
    state = read_state(mark)
    if state.refusal:
        raise state.refusal
    settle(state)
    common = _of_person(user) | (_of_request(request) if request else {})
    entry = append(Draft(kind=kind, origin=mark.origin, **common | values))
    assert entry is not None  # noqa: S101 # nothing forbids it # nosec B101
    LedgerMark.objects.filter(pk=mark.pk).update(
        number=entry.number, digest=entry.digest, settled=max([mark.settled, *state.decisions])
    )
    transaction.on_commit(partial(confirm_after_commit, entry))
    return entry


def _of_person(user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"person": user.public_id, "addresses": frozenset(address for _, address in addresses_by_user([user.pk]))}


def _of_request(request: DeletionRequest) -> dict[str, Any]:
    return {
        "request": request.public_id,
        "mode": Mode.ANONYMISE if request.anonymize_contributions else Mode.DELETE,
        "reason": request.cancel_reason,
        "scheduled_for": request.scheduled_for,
    }


def settle(state: State) -> None:
    """Write down of each open decision whether the main database has it. The mark is locked."""
    for entry in state.open:
        _close(entry, is_committed=entry.number <= state.mark.number)


def settle_now() -> None:
    """Do the same on its own, inside the caller's transaction."""
    state = read_state(current_mark(lock=True))
    if not state.refusal:
        settle(state)


def confirm_after_commit(entry: Entry) -> None:
    """Confirm an entry; the main database has committed what it says."""
    try:
        _close(entry, is_committed=True)
    except NotReady as error:  # it is committed all the same; the next decision makes up for it
        logger.warning("Ledger entry %s could not be confirmed: %s", entry.number, error)


def _close(entry: Entry, *, is_committed: bool) -> None:
    """Confirm a decision, or write down that it was rolled back; only once."""
    kinds: Iterable[Kind] = (*CONFIRMATIONS, Kind.ROLLED_BACK)
    append(
        Draft(
            kind=_confirmation_of(entry) if is_committed else Kind.ROLLED_BACK,
            origin=entry.origin,
            person=entry.person,
            request=entry.request,
            hold=entry.hold,
            mode=entry.mode,
            reference=entry.number,
        ),
        unless=Entry.objects.filter(reference=entry.number, kind__in=kinds).exists,
    )


def _confirmation_of(entry: Entry) -> Kind:
    if entry.kind != Kind.ERASING or entry.request is None:
        return Kind.CONFIRMED
    unproven = DeletionRequest.objects.filter(public_id=entry.request, status=DeletionRequest.Status.UNPROVEN)
    return Kind.UNPROVEN if unproven.exists() else Kind.ERASED
