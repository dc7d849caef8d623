"""What the doctor says about holds."""

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.utils import timezone

from bazaar.holds.models import Hold
from bazaar.listing import first_few


def overdue_reviews() -> list[CheckMessage]:
    """Return which holds have a review date that has passed."""
    overdue = Hold.objects.active().filter(review_on__lt=timezone.now().date()).order_by("review_on")
    ids = first_few(overdue.values_list("pk", flat=True))
    if not ids:
        return []
    return [
        Warning(
            f"The review dates of legal holds have passed: {ids}.",
            hint="Release what is not needed any more, or set a hold anew (`manage.py holds list` shows them).",
            id="bazaar.W021",
        )
    ]
