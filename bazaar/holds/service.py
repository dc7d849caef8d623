"""Set and release holds. Each leaves an audit entry and an entry in the ledger, and all of it happens or nothing."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from bazaar.decisions import recording
from bazaar.deletion_errors import AlreadyErased, DeletionError, UnknownUser
from bazaar.holds.models import Hold
from bazaar.ledger.choices import HoldReason, Kind
from bazaar.models import AuditLog, DeletionRequest, User

Status = DeletionRequest.Status


class AlreadyReleased(DeletionError):
    message = "The legal hold has been released already."


class ReviewIsPast(DeletionError):
    message = "The date of the review lies in the past: name a day from today on."


@transaction.atomic
def set_hold(
    user: User,
    *,
    reason: str,
    review_on: date,
    by: User | None = None,
    request: DeletionRequest | None = None,
    now: datetime | None = None,
) -> Hold:
    """Hold all data of a user from now on, by the wish of `by`; `request` is the one that led to it.

    Raises `UnknownUser`, `AlreadyErased` and `ReviewIsPast`, and `NotReady` where the ledger cannot be written.
    """
    now = now or timezone.now()
    if review_on < now.date():
        raise ReviewIsPast
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None:
        raise UnknownUser
    if locked.anonymized_at:
        raise AlreadyErased
    hold = Hold.objects.create(
        user=locked,
        request=request,
        reason=HoldReason(reason),
        set_at=now,
        set_by=by,
        review_on=review_on,
    )
    apply_to_requests(locked.pk)
    _record("hold.set", Kind.HELD, hold, by)
    return hold


@transaction.atomic
def release(hold: Hold, *, by: User | None = None, now: datetime | None = None) -> None:
    """Release a hold. With the last one of a person, everything of theirs is due again. Raises `AlreadyReleased`."""
    if hold.user_id:
        User.objects.select_for_update().filter(pk=hold.user_id).first()
    released = {"status": Hold.Status.RELEASED, "released_at": now or timezone.now(), "released_by": by}
    if not Hold.objects.filter(pk=hold.pk).active().update(**released):
        raise AlreadyReleased
    hold.refresh_from_db()
    if hold.user_id:
        apply_to_requests(hold.user_id)
    _record("hold.released", Kind.RELEASED, hold, by)


def apply_to_requests(user_pk: int) -> None:
    """Bring the open request of a user into the state that follows from their holds: held, or pending again."""
    requests = DeletionRequest.objects.filter(user_pk=user_pk)
    if is_held(user_pk):
        requests.pending().update(status=Status.HELD)
    else:
        requests.filter(status=Status.HELD).update(status=Status.PENDING)


def is_held(user_pk: int) -> bool:
    """Return whether a user is under a hold."""
    return Hold.objects.active().filter(user=user_pk).exists()


def _record(action: str, kind: Kind, hold: Hold, by: User | None) -> None:
    AuditLog.objects.create(
        action=action,
        user=by,
        subject=hold.user,
        resource_type="hold",
        resource_id=str(hold.pk),
        metadata={"reason": hold.reason, "review_on": hold.review_on.isoformat()},
    )
    recording.record(kind, None, hold.user, hold=hold.public_id, reason=hold.reason, review_on=hold.review_on)
