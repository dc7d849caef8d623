"""Replay decisions into a main database that is older than its ledger, as after a restore.

All of it is one transaction, and what has been replayed already is left alone. A person is known by their public id and
by the digest of an address: where the two contradict each other, nothing is done, and the entry is named. Who was
erased is due at once; the next run of finalize-deletions erases them again.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bazaar import closing_mails, mail, request_notices
from bazaar.decisions.models import LedgerMark
from bazaar.decisions.recording import confirm_after_commit
from bazaar.decisions.state import LedgerAltered, LedgerIncomplete, State, current_mark, read_state
from bazaar.erasure.identity import addresses_by_user
from bazaar.erasure.scope import Mode
from bazaar.holds.models import Hold
from bazaar.holds.service import apply_to_requests
from bazaar.ledger.chain import breaks
from bazaar.ledger.choices import Kind
from bazaar.ledger.keys import digest_of_address
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import Draft, append, available
from bazaar.models import AuditLog, DeletionRequest, User

Status = DeletionRequest.Status


@dataclass
class Replay:
    """What was done, by kind, and the entries whose person contradicts the database."""

    done: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    absent: int = 0
    """Entries about persons who are not in this database."""
    conflicts: list[int] = field(default_factory=list)
    entries: int = 0
    expired: int | None = None
    """Up to this entry, the ledger does not have any more what the main database has not seen."""


def replay(*, dry_run: bool = False) -> Replay:
    """Replay what the main database has not seen; return what was done, or would be. Raises `NotReady`.

    That includes decisions of which nobody has written down whether they were committed: after a restore nobody can
    tell, and each of them was somebody's wish.
    """
    result = Replay()
    with transaction.atomic():
        mark = current_mark(lock=True)
        state = read_state(mark)
        if state.lacks_mark:
            raise LedgerIncomplete(mark.number)
        with available():
            _refuse_altered(mark)
            result.expired = _expired_after(mark) if state.missing else None
            for entry in state.missing:
                result.entries += 1
                _Player(entry, result).play()
        if result.entries and not dry_run:
            request_notices.postpone_after_restore(timezone.now())
            closing_mails.drop_after_restore()
            _record(state, result)
        if dry_run:
            transaction.set_rollback(True)
    return result


def _refuse_altered(mark: LedgerMark) -> None:
    """Raise `LedgerAltered` where the chain is broken behind what the main database has seen."""
    for broken in breaks(first=mark.number or 1):
        raise LedgerAltered(broken.number)


def _expired_after(mark: LedgerMark) -> int | None:
    last = Entry.objects.filter(kind=Kind.EXPIRED).aggregate(last=Max("reference"))["last"]
    return last if last and last > mark.number else None


def _known(public_id: UUID | None) -> list[UUID]:
    return [public_id] if public_id else []


def _record(state: State, result: Replay) -> None:
    AuditLog.objects.create(
        action="ledger.replayed",
        resource_type="ledger",
        metadata={"entries": result.entries, "counts": dict(result.done)},
    )
    entry = append(Draft(Kind.REPLAYED, state.mark.origin, reference=state.missing[-1].number))
    assert entry is not None  # noqa: S101 # nothing forbids it # nosec B101
    LedgerMark.objects.filter(pk=state.mark.pk).update(
        origin=state.mark.origin, number=entry.number, digest=entry.digest
    )
    transaction.on_commit(partial(confirm_after_commit, entry))


class _Player:
    """Carries out one entry."""

    def __init__(self, entry: Entry, result: Replay) -> None:
        self.entry, self.result = entry, result
        self.user = User.objects.select_for_update().filter(public_id__in=_known(entry.person)).first()
        self.is_somebody_else = self._contradicts()
        self.request = None if self.is_somebody_else else self._find_request()
        self.hold = Hold.objects.filter(public_id=entry.hold).first() if entry.hold else None

    def play(self) -> None:
        if self.entry.kind not in _ACTS:
            return
        if self.is_somebody_else:
            self.result.conflicts.append(self.entry.number)
        elif self.user is None and self.request is None and self.hold is None:
            self.result.absent += 1
        elif _ACTS[Kind(self.entry.kind)](self):
            self.result.done[self.entry.kind] += 1
        else:
            self.result.unchanged += 1

    def _find_request(self) -> DeletionRequest | None:
        """Return the request of the entry. One from before requests had a public id is known by person and date."""
        entry, requests = self.entry, DeletionRequest.objects.all()
        if entry.request is None:
            return None
        if not requests.filter(public_id=entry.request).exists() and self.user and entry.scheduled_for:
            same = requests.open().filter(user=self.user, scheduled_for=entry.scheduled_for)
            same.update(public_id=entry.request)
        return requests.filter(public_id=entry.request).first()

    def _contradicts(self) -> bool:
        """Whether the account with the public id never had an address of the person."""
        if self.user is None or self.user.anonymized_at:
            return False
        known = {row.digest for row in self.entry.digests.all()}
        return bool(known) and known.isdisjoint(digest_of_address(a) for _, a in addresses_by_user([self.user.pk]))

    def ask(self) -> bool:
        """Make the request anew."""
        entry = self.entry
        if self.request or entry.request is None or self.user is None or self.user.anonymized_at:
            return False
        if DeletionRequest.objects.open().filter(user_pk=self.user.pk).exists():  # a promise that nobody took back
            return False
        self.request = DeletionRequest.objects.create(
            public_id=entry.request,
            user=self.user,
            user_pk=self.user.pk,
            anonymize_contributions=entry.mode != Mode.DELETE,
            requested_at=entry.made_at,
            scheduled_for=entry.scheduled_for or entry.made_at,
            # The ledger does not say who asked: a second person approves it again.
            needs_approval=self.user.counts_as_staff(timezone.now()),
            notice_due_at=entry.made_at if mail.is_configured() else None,
            evidence={"public_id": str(self.user.public_id)},
        )
        self._mark_user(entry.made_at)
        apply_to_requests(self.user.pk)
        return True

    def cancel(self) -> bool:
        requests = DeletionRequest.objects.filter(public_id__in=_known(self.entry.request)).open()
        values = {"status": Status.CANCELLED, "cancelled_at": self.entry.made_at, "cancel_reason": self.entry.reason}
        if not requests.update(**values):
            return False
        self._mark_user(None)
        return True

    def hold_person(self) -> bool:
        if self.hold or self.user is None or self.entry.review_on is None or self.entry.hold is None:
            return False
        Hold.objects.create(
            public_id=self.entry.hold,
            user=self.user,
            reason=self.entry.reason,
            set_at=self.entry.made_at,
            review_on=self.entry.review_on,
        )
        apply_to_requests(self.user.pk)
        return True

    def release(self) -> bool:
        if self.hold is None or not self.hold.is_active:
            return False
        Hold.objects.filter(pk=self.hold.pk).update(status=Hold.Status.RELEASED, released_at=self.entry.made_at)
        if self.hold.user_id:
            apply_to_requests(self.hold.user_id)
        return True

    def erase(self) -> bool:
        """Make the erasure due at once."""
        is_new = self.ask()
        open_request = DeletionRequest.objects.filter(public_id__in=_known(self.entry.request)).open().first()
        if open_request is None:
            return is_new
        promised = min(self.entry.scheduled_for or self.entry.made_at, self.entry.made_at)
        is_free = open_request.status == Status.PENDING and not open_request.is_awaiting_approval
        if open_request.scheduled_for <= promised and is_free:
            return is_new
        DeletionRequest.objects.filter(pk=open_request.pk).update(
            status=Status.PENDING, scheduled_for=promised, needs_approval=False
        )
        return True

    def _mark_user(self, when: Any) -> None:
        if self.user:
            User.objects.filter(pk=self.user.pk, anonymized_at=None).update(deletion_requested_at=when)


_ACTS = {
    Kind.REQUESTED: _Player.ask,
    Kind.CANCELLED: _Player.cancel,
    Kind.HELD: _Player.hold_person,
    Kind.RELEASED: _Player.release,
    Kind.ERASING: _Player.erase,
}


def restart() -> Entry | None:
    """Begin anew with a ledger that lacks what the main database has seen; `None` where it lacks nothing."""
    with transaction.atomic():
        mark = current_mark(lock=True)
        if not read_state(mark).lacks_mark:
            return None
        entry = append(Draft(Kind.RESTARTED, mark.origin))
        assert entry is not None  # noqa: S101 # nothing forbids it # nosec B101
        LedgerMark.objects.filter(pk=mark.pk).update(number=entry.number, digest=entry.digest, settled=entry.number - 1)
        AuditLog.objects.create(action="ledger.restarted", resource_type="ledger", metadata={"lost_entry": mark.number})
        transaction.on_commit(partial(confirm_after_commit, entry))
    return entry
