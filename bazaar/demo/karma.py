"""Karma: right for most, and off by some points for those to whom something happened."""

from django.db.models import F

from bazaar.demo.builder import Builder
from bazaar.karma import recount
from bazaar.models import User

CHUNK = 500
POINTS = 7


def drift_karma(builder: Builder) -> None:
    """Store everybody's karma, then give some members points that they did not earn and take some from others."""
    members = [user.pk for user in builder.users]
    for start in range(0, len(members), CHUNK):
        recount(User.objects.filter(pk__in=members[start : start + CHUNK]))
    rich = list(User.objects.filter(karma__gte=POINTS).order_by("pk").values_list("pk", flat=True))
    robbed = builder.sample(rich, builder.size(10, least=2))
    gifted = builder.sample(sorted({*members} - {*robbed}), builder.size(14, least=2))
    User.objects.filter(pk__in=robbed).update(karma=F("karma") - POINTS)
    User.objects.filter(pk__in=gifted).update(karma=F("karma") + POINTS)
