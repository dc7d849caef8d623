"""The second person: requests for staff are carried out only when somebody else has approved them."""

from datetime import datetime

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.db import transaction
from django.utils import timezone

from bazaar.deletion_errors import NothingToApprove, NotPending, RightsBeyondYours, SamePerson
from bazaar.listing import first_few
from bazaar.models import AuditLog, DeletionRequest, User
from bazaar.rights import has_rights_beyond


@transaction.atomic
def approve(request: DeletionRequest, *, by: User, now: datetime | None = None) -> None:
    """Approve a request by the wish of `by`; it is carried out on its date, or by the next run.

    Raises `NotPending`, `NothingToApprove`, `SamePerson` and `RightsBeyondYours`.
    """
    locked = DeletionRequest.objects.select_for_update().filter(pk=request.pk).open().first()
    if locked is None:
        raise NotPending
    if not locked.is_awaiting_approval:
        raise NothingToApprove
    if by.pk in {locked.verified_by_id, locked.user_pk}:
        raise SamePerson
    if locked.user and has_rights_beyond(locked.user, by):
        raise RightsBeyondYours
    DeletionRequest.objects.filter(pk=locked.pk).update(approved_by=by, approved_at=now or timezone.now())
    AuditLog.objects.create(
        action="deletion.approved",
        user=by,
        subject=locked.user,
        resource_type="deletion_request",
        resource_id=str(locked.pk),
    )
    request.refresh_from_db()


def missing() -> list[CheckMessage]:
    """Return which requests cannot be carried out on their date, because nobody has approved them."""
    waiting = DeletionRequest.objects.awaiting_approval().filter(scheduled_for__lt=timezone.now()).order_by("pk")
    ids = first_few(waiting.values_list("pk", flat=True))
    if not ids:
        return []
    return [
        Warning(
            f"Deletion requests for staff are past their date, and nobody has approved them: {ids}.",
            hint="A second person approves or cancels them in the admin's list of deletion requests.",
            id="bazaar.W023",
        )
    ]
