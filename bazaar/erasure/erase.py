"""Carry out one deletion request: the whole of it or nothing.

The unit of atomicity is the caller's transaction. Locks are taken in one order: the request, the person (a superuser
with the other superusers), the projects that go, then whatever the steps touch, and at last those whose karma changes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from bazaar.erasure.actions import DELETED_ADDRESS
from bazaar.erasure.evidence import Evidence, complete
from bazaar.erasure.execute import Changes, execute, require_transaction
from bazaar.erasure.inventory import Step, collect, steps
from bazaar.erasure.project_selectors import projects_that_go
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Scope
from bazaar.karma import recount
from bazaar.models import Collaborator, DeletionRequest, Project, Upvote, User, UserFormerEmail
from bazaar.models.deletions import DeletionError, UnknownUser, lock_user

CLOCKS_DIFFER_BY = timedelta(minutes=10)
"""How far back what is "since the sweep" begins: those who write have clocks, and transactions, of their own."""

KARMA_CHUNK = 10_000
"""Ids of users whose karma is recounted at a time."""


class SomebodyElse(DeletionError):
    message = "The id in the request belongs to another user now; nothing of theirs is touched."


def erase(request_id: int, now: datetime, *, swept_at: datetime | None = None, chunk: int = CHUNK) -> Evidence | None:
    """Carry out a deletion request that is due at `now`, and return the evidence, which is also stored.

    Returns `None`, and has changed nothing, where the request is not pending and due any more: it was cancelled, or
    carried out by somebody else. `swept_at` is when the caller began to sweep everybody's texts for this person's
    addresses (`sweep_mentions`): what is older is not searched again; `None` searches everything. Files are marked
    for removal here and removed after the commit (`bazaar.uploads.remove`).

    Raises `TransactionManagementError` outside a transaction, `LastSuperuser` and `SomebodyElse`; then, as after any
    other exception, roll back, and record the failure with `record_failure` in a transaction of its own.
    """
    require_transaction("An erasure")
    request = DeletionRequest.objects.select_for_update().filter(pk=request_id).due(now).first()
    if request is None:
        return None
    user = _lock_person(request)
    scope = _scope(request, user, now, swept_at, chunk)
    changes, recounted = carry_out(scope)
    evidence = Evidence(
        request_id=request.pk,
        user_id=request.user_pk,
        public_id=str(user.public_id) if user else request.evidence.get("public_id"),
        mode=scope.mode,
        changes=changes,
        karma_recounted=recounted,
    )
    complete(evidence, now)
    return evidence


def carry_out(scope: Scope) -> tuple[Changes, int]:
    """Execute the inventory for the subjects of `scope`, whose rows are locked; return what it did.

    The second number is how many users' karma changed by it.
    """
    if scope.mode is Mode.DELETE:
        _lock_projects(scope)
    concerned = _who_loses_karma(scope)
    changes = execute(_to_execute(scope), scope)
    return changes, _recount(concerned)


def record_failure(request_id: int, error_class: str, sqlstate: str | None, now: datetime) -> None:
    """Record that a pending request could not be carried out: the error's class and SQLSTATE, never its text."""
    DeletionRequest.objects.filter(pk=request_id).pending().update(
        attempts=F("attempts") + 1,
        last_attempt_at=now,
        last_error=" ".join(filter(None, [error_class, sqlstate]))[:200],
    )


def addresses_of(user_ids: Iterable[int]) -> frozenset[str]:
    """Return the addresses that users have, and those they once had, unless somebody else has them now.

    The address of an anonymised user names nobody and is left out.
    """
    ids = list(user_ids)
    present = User.objects.filter(pk__in=ids).values_list("email")
    others = User.objects.filter(email=OuterRef("email")).exclude(pk__in=ids)
    former = UserFormerEmail.objects.filter(~Exists(others), user__in=ids).values_list("email")
    found = {email for (email,) in present.union(former)}
    return frozenset(email for email in found if not email.endswith(DELETED_ADDRESS[1]))


def _lock_person(request: DeletionRequest) -> User | None:
    try:
        user = lock_user(request.user_pk)
    except UnknownUser:  # gone in another way; what is found by the id goes nevertheless
        return None
    promised = request.evidence.get("public_id")
    if str(user.public_id) != promised if promised else request.user_id is None:
        raise SomebodyElse
    return user


def _scope(request: DeletionRequest, user: User | None, now: datetime, swept_at: datetime | None, chunk: int) -> Scope:
    is_staff = user is not None and (user.is_staff or user.is_superuser)
    return Scope(
        ids=(request.user_pk,),
        # Whoever became staff after the request is anonymised all the same (see `StaffAreAnonymised`).
        mode=Mode.ANONYMISE if request.anonymize_contributions or is_staff else Mode.DELETE,
        now=now,
        addresses=addresses_of([request.user_pk]),
        since=swept_at and swept_at - CLOCKS_DIFFER_BY,
        chunk=chunk,
    )


def _to_execute(scope: Scope) -> Iterator[Step]:
    """Leave out searches that a sweep has made already and that cannot be restricted to what is new."""
    for step in steps(collect()):
        if scope.since is None or not step.selector.is_search or step.selector.created:
            yield step


def _lock_projects(scope: Scope) -> None:
    """Keep others from joining a project while it goes."""
    rows = Project.objects.filter(pk__in=projects_that_go(scope)).select_for_update()
    for _ in pages(rows, (), scope.chunk):
        pass


def _who_loses_karma(scope: Scope) -> list[int]:
    """Return who works on a project that goes or loses an upvote; asked before, because afterwards nobody knows."""
    if scope.mode is Mode.ANONYMISE:
        return []
    upvoted = Upvote.objects.filter(user__in=scope.ids).values("project")
    rows = Collaborator.objects.filter(Q(project__in=upvoted) | Q(project__in=projects_that_go(scope)))
    return sorted(set(rows.exclude(user__in=scope.ids).values_list("user", flat=True).distinct()))


def _recount(user_ids: list[int]) -> int:
    parts = (user_ids[start : start + KARMA_CHUNK] for start in range(0, len(user_ids), KARMA_CHUNK))
    return sum(len(recount(User.objects.filter(pk__in=part))) for part in parts)
