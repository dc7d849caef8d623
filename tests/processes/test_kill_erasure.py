"""`kill -9` in the search and in many erasures: each person goes whole or not at all, once, as in one quiet run."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from bazaar.demo import fill
from bazaar.erasure import verify
from bazaar.models import (
    AuditLog,
    Collaborator,
    DeletionRequest,
    IdeaInterest,
    Notification,
    Project,
    Role,
    Upload,
    User,
)
from bazaar.searches.models import ErasureSearchPart
from tests.bazaar.jobs.twins import Twins, differences

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite's one writer is killed by the same transactions; see the tests of the engine
    pytest.mark.django_db(transaction=True),
]

NAME = "finalize-deletions"
SEED = 20260601
BULKY = 2_000
"""Rows of a kind that some of them have, so that an erasure takes long enough to be hit in the middle."""


class Community:
    """An invented community, of which so many have asked to go; made again it is the same."""

    def __init__(self, scale, requests):
        self.scale, self.requests, self.now = scale, requests, timezone.now()

    def __call__(self):
        fill(seed=SEED, scale=self.scale, now=self.now)
        others = list(User.objects.order_by("pk").exclude(pk__in=self._leaving().values("user")))
        members = [user for user in others if not user.is_staff]
        DeletionRequest.objects.filter(status="pending", scheduled_for__gte=self.now).delete()
        wanted = self.requests - self._leaving().count()
        assert wanted < len(members), "somebody has to stay"
        for number, user in enumerate(members[:wanted]):
            self._ask(user, anonymize=bool(number % 2))
        leaving = list(User.objects.filter(pk__in=self._leaving().values("user")).order_by("pk"))
        self._entangle(leaving, members[wanted:])

    def _leaving(self):
        return DeletionRequest.objects.due(self.now)

    def _ask(self, user, *, anonymize):
        DeletionRequest.objects.create(
            user=user,
            user_pk=user.pk,
            anonymize_contributions=anonymize,
            requested_at=self.now - timedelta(days=31),
            scheduled_for=self.now - timedelta(days=1),
            evidence={"public_id": str(user.public_id)},
        )

    def _entangle(self, leaving, staying):
        """Let them have projects together, write to each other, and show each other's pictures."""
        old = self.now - timedelta(days=3)
        for (one, other), neighbour in zip(pairwise(leaving), self._again_and_again(staying), strict=False):
            project = Project.objects.create(
                title=f"{one.pk} and {other.pk}", description=f"Ask {one.email}.", created_at=old
            )
            for user, role in ((one, Role.CREATOR), (other, Role.CREATOR), (neighbour, Role.CONTRIBUTOR)):
                Collaborator.objects.create(project=project, user=user, role=role, created_at=old)
            picture = Upload.objects.filter(uploaded_by=one, condemned_at=None).first()
            if one.pk % 3 == 0 and picture:
                Project.objects.filter(pk=project.pk).update(image=picture)
            text = f"{one.email.upper()} wrote to you"
            Notification.objects.create(
                user=neighbour, actor=other, type="x", title=text, data={"by": [one.email]}, created_at=old
            )
            Notification.objects.create(user=neighbour, type="x", title=text, created_at=self.now)
            AuditLog.objects.create(
                user=neighbour, subject=one, action="x", metadata={"note": text, "email": one.email}, created_at=old
            )
        for user in leaving[:: max(1, len(leaving) // 10)]:
            Notification.objects.bulk_create(
                Notification(user=user, type="x", title="x", created_at=old) for _ in range(BULKY)
            )

    def _again_and_again(self, rows):
        while True:
            yield from rows


class Search:
    """The search before the erasures, interrupted between two of its parts."""

    def __init__(self, twins):
        self._twins, self._parts, self.interrupted = twins, [], None

    def interrupt(self):
        self._twins.kill_when(self._is_half_done, MAINTENANCE_BATCH_PAUSE="0.2")
        assert 0 < ErasureSearchPart.objects.count() < max(self._parts)
        assert not DeletionRequest.objects.filter(status="completed").exists()
        self.interrupted = self.last()

    def last(self):
        """Return the number of the latest search that there ever was."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_value FROM searches_erasuresearch_id_seq")
            return cursor.fetchone()[0]

    def _is_half_done(self):
        self._parts.append(ErasureSearchPart.objects.count())
        return 0 < self._parts[-1] < max(self._parts) - 2


def test_killed_erasures_end_where_undisturbed_ones_end(uploads, start, expire, chance, long_form):
    kills, community = (32, Community(1.3, 330)) if long_form else (3, Community(0.4, 60))
    twins = Twins(NAME, community, uploads, start, expire, chance)

    quiet, quiet_counts = twins.undisturbed()
    assert quiet_counts["users_anonymised"] > 20
    assert quiet_counts["users_deleted"] > 20
    assert quiet_counts["files_removed"]
    assert quiet_counts["rows_swept"]

    search = Search(twins)
    killed, killed_counts = twins.disturbed(kills, first=search.interrupt)

    assert search.last() == search.interrupted, "the next runs went on with it"
    assert twins.mid_kills, "no run was killed in the middle"
    assert differences(quiet, killed) == {}
    assert killed_counts == quiet_counts
    assert killed_counts["items"] == community.requests
    twins.assert_runs_are_exact()
    done = DeletionRequest.objects.filter(status="completed")
    assert done.count() == community.requests
    assert set(done.values_list("attempts", flat=True)) == {1}, "none was carried out twice"
    entries = AuditLog.objects.filter(action="account.erased").values_list("resource_id", flat=True)
    assert sorted(entries) == sorted(str(pk) for pk in done.values_list("pk", flat=True))
    assert verify() == []
    assert IdeaInterest.objects.exists(), "those who stay are there"
