"""What the doctor says about holds."""

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.utils import timezone

from bazaar.holds.models import Hold

SHOWN = 5


def overdue_reviews() -> list[CheckMessage]:
    """Return which holds have a review date that has passed."""
    overdue = Hold.objects.active().filter(review_on__lt=timezone.now().date()).order_by("review_on")
    ids = list(overdue.values_list("pk", flat=True)[: SHOWN + 1])
    if not ids:
        return []
    shown = ", ".join(map(str, ids[:SHOWN])) + (", ..." if len(ids) > SHOWN else "")
    return [
        Warning(
            f"The review dates of legal holds have passed: {shown}.",
            hint="`manage.py holds list` shows them. Release what is not needed any more, or set a hold anew.",
            id="bazaar.W021",
        )
    ]
