"""What is left of whom: the inventory, asked instead of executed. Nothing here writes."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bazaar.erasure.erase import addresses_of
from bazaar.erasure.execute import rewriters
from bazaar.erasure.inventory import Step, collect, steps
from bazaar.erasure.pickles import mentioning
from bazaar.erasure.recheck import erased
from bazaar.erasure.rewrite import changes, pages
from bazaar.erasure.scope import CHUNK, Mode, Scope
from bazaar.models import DeletionRequest, User
from bazaar.models.deletions import UnknownUser

SHOWN = 20
"""How many ids a finding names."""


@dataclass(frozen=True)
class Finding:
    """Rows that an erasure of this user would delete or change; `ids` names the first of them."""

    user_id: int
    model: str
    fields: tuple[str, ...]
    count: int
    ids: tuple[int | str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verify(user_id: int | None = None) -> list[Finding]:
    """Return what is left of a user, or of everybody who was erased.

    Of a user who was not erased it is what an erasure would find. Raises `UnknownUser` where there is neither such a
    user nor a deletion request of one: it could only say that nothing is left, and nobody had been looked for.
    """
    return [finding for mode, ids in _subjects(user_id) for finding in _of(_scope(mode, ids))]


def _subjects(user_id: int | None) -> Iterator[tuple[Mode, list[int]]]:
    completed = DeletionRequest.objects.filter(status=DeletionRequest.Status.COMPLETED)
    if user_id is not None:
        known = list(erased(completed.filter(user_pk=user_id)))
        if not known and not User.objects.filter(pk=user_id).exists():
            raise UnknownUser
        yield from known[-1:] or [(Mode.ANONYMISE, [user_id])]
        return
    yield from erased(completed)
    others = User.objects.filter(anonymized_at__isnull=False).exclude(pk__in=completed.values("user_pk"))
    for page in pages(others, (), SHOWN):
        yield Mode.ANONYMISE, [pk for (pk,) in page]


def _scope(mode: Mode, ids: Iterable[int]) -> Scope:
    subjects = tuple(ids)
    return Scope(subjects, mode, timezone.now(), addresses_of(subjects))


def _of(scope: Scope) -> Iterator[Finding]:
    """Ask each step for all subjects together, and for each of them only where that finds something."""
    for step in steps(collect()):
        if _left(step, scope):
            each = (_scope(scope.mode, [user_id]) for user_id in scope.ids)
            yield from (_finding(step, one, left) for one in each if (left := _left(step, one)))


def _finding(step: Step, scope: Scope, left: list[Any]) -> Finding:
    fields = tuple(step.actions(scope.mode))
    return Finding(scope.ids[0], step.label, fields, len(left), tuple(left[:SHOWN]))


def _left(step: Step, scope: Scope) -> list[Any]:
    """Return the primary keys of the rows that `step` would delete or change."""
    if step.deletes(scope.mode):
        return sorted(step.rows(scope).values_list("pk", flat=True))
    return sorted({*_to_rewrite(step, scope), *_to_search(step, scope), *_to_replace(step, scope)})


def _to_rewrite(step: Step, scope: Scope) -> Iterator[Any]:
    values = rewriters(step, scope)
    for page in pages(step.to_rewrite(scope), list(values), CHUNK) if values else ():
        yield from (row[0] for row in changes(page, list(values.values())))


def _to_search(step: Step, scope: Scope) -> list[Any]:
    fields = step.searches_pickles(scope.mode)
    return mentioning(step.rows(scope), fields, scope.pattern, CHUNK) if fields and scope.pattern else []


def _to_replace(step: Step, scope: Scope) -> QuerySet[Any, Any]:
    return step.to_replace(scope).values_list("pk", flat=True)
