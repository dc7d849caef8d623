"""Carry out one deletion request: the whole of it or nothing.

The unit of atomicity is the caller's transaction. Locks are taken in one order: the request, the person (a superuser
with the other superusers), the projects that go, then whatever the steps touch, and at last those whose karma changes.
"""

from datetime import datetime

from django.db.models import F

from bazaar.decisions.erasures import record_erasure
from bazaar.deletion_errors import DeletionError, UnknownUser
from bazaar.erasure import leftovers, own_rows, searches
from bazaar.erasure.evidence import Evidence, complete
from bazaar.erasure.execute import Changes, execute, require_transaction
from bazaar.erasure.identity import identity_of
from bazaar.erasure.inventory import all_steps
from bazaar.erasure.project_selectors import projects_that_go
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Scope, Searched
from bazaar.erasure.traces import bound_on_the_server, truncate_log_after_commit
from bazaar.karma import recount
from bazaar.models import Collaborator, DeletionRequest, Project, Upvote, User
from bazaar.models.user_lock import lock_user
from maintenance.core.array_lookup import in_array, in_query

KARMA_CHUNK = 10_000
"""Ids of users whose karma is recounted at a time."""


class SomebodyElse(DeletionError):
    message = "The id in the request belongs to another user now; nothing of theirs is touched."


def erase(request_id: int, now: datetime, *, searched: Searched | None = None, chunk: int = CHUNK) -> Evidence | None:
    """Carry out a deletion request that is due at `now`, and return the evidence, which is also stored.

    Returns `None`, and has changed nothing, where the request is not pending and due any more: it was cancelled, or
    carried out by somebody else. `searched` is what a search of everybody's texts has found for this person
    (`bazaar.erasure.searches`); only that, and what is newer, is looked at; `None` searches everything. Files are
    marked for removal here and removed after the commit (`bazaar.uploads.remove`).

    A request whose user has vanished ends as `UNPROVEN`: what is found by the id goes, and nobody can know the rest.

    Raises `TransactionManagementError` outside a transaction, `LastSuperuser`, `SomebodyElse` and `SomethingIsLeft`;
    then, as after any other exception, roll back, and record the failure with `record_failure` in a transaction of its
    own.
    """
    require_transaction("An erasure")
    with bound_on_the_server():
        return _erase(request_id, now, searched, chunk)


def _erase(request_id: int, now: datetime, searched: Searched | None, chunk: int) -> Evidence | None:
    request = DeletionRequest.objects.select_for_update().filter(pk=request_id).due(now).first()
    if request is None:
        return None
    user = _lock_person(request)
    scope = _scope(request, user, now, searched, chunk)
    own = own_rows.note(all_steps(), scope)
    changes, recounted = carry_out(scope)
    evidence = Evidence(
        request_id=request.pk,
        user_id=request.user_pk,
        public_id=str(user.public_id) if user else request.evidence.get("public_id"),
        mode=scope.mode,
        changes=changes,
        karma_recounted=recounted,
        searched=leftovers.search(all_steps(), scope, own),
        is_proven=user is not None,
    )
    complete(evidence, now)
    searches.forget(request)
    record_erasure(request, evidence.public_id, scope, changes)
    truncate_log_after_commit()
    return evidence


def carry_out(scope: Scope) -> tuple[Changes, int]:
    """Execute the inventory for the subjects of `scope`, whose rows are locked; return what it did.

    The second number is how many users' karma changed by it.
    """
    if scope.mode is Mode.DELETE:
        _lock_projects(scope)
    concerned = _who_loses_karma(scope)
    changes = execute(all_steps(), scope)
    return changes, _recount(concerned)


def record_failure(request_id: int, error_class: str, sqlstate: str | None, now: datetime) -> None:
    """Record that a pending request could not be carried out: the error's class and SQLSTATE, never its text."""
    DeletionRequest.objects.filter(pk=request_id).pending().update(
        attempts=F("attempts") + 1,
        last_attempt_at=now,
        last_error=" ".join(filter(None, [error_class, sqlstate]))[:200],
    )


def _lock_person(request: DeletionRequest) -> User | None:
    try:
        user = lock_user(request.user_pk)
    except UnknownUser:  # gone in another way; what is found by the id goes nevertheless
        return None
    promised = request.evidence.get("public_id")
    if str(user.public_id) != promised if promised else request.user_id is None:
        raise SomebodyElse
    return user


def _scope(request: DeletionRequest, user: User | None, now: datetime, searched: Searched | None, chunk: int) -> Scope:
    is_staff = user is not None and (user.is_staff or user.is_superuser)
    return Scope(
        identity=identity_of([request.user_pk]),
        # A person who became staff after the request is anonymised all the same (see `StaffAreAnonymised`).
        mode=Mode.ANONYMISE if request.anonymize_contributions or is_staff else Mode.DELETE,
        now=now,
        searched=searched,
        chunk=chunk,
    )


def _lock_projects(scope: Scope) -> None:
    """Keep others from joining a project while it goes."""
    rows = Project.objects.filter(in_query(projects_that_go(scope))).select_for_update()
    for _ in pages(rows, (), scope.chunk):
        pass


def _who_loses_karma(scope: Scope) -> list[int]:
    """Return who works on a project that goes or loses an upvote; asked before, because afterwards nobody knows."""
    if scope.mode is Mode.ANONYMISE:
        return []
    upvoted = Upvote.objects.filter(user__in=scope.ids).values("project")
    rows = Collaborator.objects.filter(in_query(upvoted, "project") | in_query(projects_that_go(scope), "project"))
    return sorted(set(rows.exclude(user__in=scope.ids).values_list("user", flat=True).distinct()))


def _recount(user_ids: list[int]) -> int:
    parts = (user_ids[start : start + KARMA_CHUNK] for start in range(0, len(user_ids), KARMA_CHUNK))
    return sum(len(recount(User.objects.filter(in_array(part)))) for part in parts)
