"""Make and cancel deletion requests.

Each leaves an audit entry and an entry in the ledger, and all of it happens or nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bazaar import mail
from bazaar.decisions import recording
from bazaar.deletion_errors import AlreadyErased, AlreadyRequested, NotPending, StaffAreAnonymised
from bazaar.holds.service import is_held
from bazaar.ledger.choices import CancelReason, Channel, Kind
from bazaar.models import AuditLog, DeletionRequest, User
from bazaar.models.user_lock import lock_user

Status = DeletionRequest.Status


@transaction.atomic
def make_request(
    user: User,
    *,
    anonymize: bool = True,
    now: datetime | None = None,
    by: User | None = None,
    channel: str = Channel.SITE,
) -> DeletionRequest:
    """Request the deletion of `user` after the grace period; `channel` is a `Channel`.

    The request and its audit entry name `by`, who entered it and has verified that it comes from the person. For
    staff, somebody else has to approve it (`bazaar.approvals`), unless they asked for it themselves.

    Raises a `DeletionError` for the last active superuser, for staff unless they are anonymised, for a user with an
    open request (its mode and date were promised), and for an anonymised user; `NotReady` without a ledger.
    """
    now = now or timezone.now()
    locked = lock_user(user.pk)
    _refuse(locked, anonymize=anonymize)
    request = DeletionRequest.objects.create(
        user=locked,
        user_pk=locked.pk,
        anonymize_contributions=anonymize,
        status=Status.HELD if is_held(locked.pk) else Status.PENDING,
        requested_at=now,
        scheduled_for=now + timedelta(days=settings.DELETION_GRACE_DAYS),
        channel=Channel(channel),
        verified_by=by,
        # Nobody alone ends the account of a colleague.
        needs_approval=locked.counts_as_staff(timezone.now()) and not _is_own_wish(locked, by, channel),
        notice_due_at=now if mail.is_configured() else None,
        # Distinguishes the person from a later user with the same id (SQLite reuses ids).
        evidence={"public_id": str(locked.public_id)},
    )
    _mark(locked.pk, now)
    user.deletion_requested_at = now
    details = {"mode": "anonymise" if anonymize else "delete", "channel": channel}
    _record("deletion.requested", request, by, details | {"scheduled_for": request.scheduled_for.isoformat()})
    recording.record(Kind.REQUESTED, request, locked)
    return request


@transaction.atomic
def cancel_request(
    request: DeletionRequest, *, by: User | None = None, reason: str, now: datetime | None = None
) -> None:
    """Cancel `request`. The audit entry names `by`; `reason` is a `CancelReason`.

    Raises `NotPending` if the request was carried out or cancelled by another process first, and `NotReady` where the
    ledger cannot be written.
    """
    cancelled = {
        "status": Status.CANCELLED,
        "cancelled_at": now or timezone.now(),
        "cancelled_by": by,
        "cancel_reason": CancelReason(reason),
    }
    if not DeletionRequest.objects.filter(pk=request.pk).open().update(**cancelled):
        raise NotPending
    _mark(request.user_pk, None)
    _record("deletion.cancelled", request, by, {"reason": str(cancelled["cancel_reason"])})
    request.refresh_from_db()
    recording.record(Kind.CANCELLED, request, request.user)


def _refuse(user: User, *, anonymize: bool) -> None:
    if user.anonymized_at:
        raise AlreadyErased
    if not anonymize and (user.is_staff or user.is_superuser):
        raise StaffAreAnonymised
    if DeletionRequest.objects.filter(user_pk=user.pk).open().exists():
        raise AlreadyRequested


def _is_own_wish(user: User, by: User | None, channel: str) -> bool:
    return by == user or (by is None and channel == Channel.SITE)


def _mark(user_pk: int, when: datetime | None) -> None:
    User.objects.filter(pk=user_pk).update(deletion_requested_at=when)


def _record(action: str, request: DeletionRequest, by: User | None, metadata: dict[str, Any]) -> None:
    AuditLog.objects.create(
        action=action,
        user=by,
        subject=request.user,
        resource_type="deletion_request",
        resource_id=str(request.pk),
        metadata=metadata,
    )
