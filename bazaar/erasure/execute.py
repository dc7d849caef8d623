"""Carry out the inventory. This file deletes people's data, and nothing in it can be undone.

Every step is executed by set, inside the transaction of whoever called: one statement, or two for a chunk of rows that
Python has to look at. What the steps are stands in the inventory, and nothing that is not there is touched.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError, get_connection

from bazaar.erasure.inventory import Step
from bazaar.erasure.pickles import mentioning
from bazaar.erasure.rewrite import pages, rewrite
from bazaar.erasure.scope import Scope
from bazaar.uploads.removal import mark_for_removal
from maintenance.core.array_lookup import in_query


@dataclass
class Changes:
    """How many rows of which model went or were changed, and how many files are to be removed."""

    deleted: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    files_marked: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.deleted + other.deleted, self.changed + other.changed, self.files_marked + other.files_marked
        )

    def __bool__(self) -> bool:
        return bool(self.deleted or self.changed or self.files_marked)


def require_transaction(doing: str) -> None:
    """Raise `TransactionManagementError` outside `transaction.atomic()`, on every database."""
    if not get_connection().in_atomic_block:
        raise TransactionManagementError(f"{doing} happens whole or not at all: call it inside transaction.atomic().")


def execute(steps: Iterable[Step], scope: Scope) -> Changes:
    """Execute `steps` for the subjects of `scope`, and return what that did."""
    changes = Changes()
    for step in steps:
        if step.deletes(scope.mode):
            _count(changes.deleted, step, delete_rows(step.rows(scope), scope.chunk))
        else:
            changes.files_marked += _mark_files(step, scope)
            _count(changes.deleted, step, _delete_mentioning(step, scope))
            # Read first: what names the person is what finds the rows, and the replacement takes it away.
            rewritten = _rewrite(step, scope)
            _count(changes.changed, step, max(rewritten, _replace(step, scope)))
    return changes


def _count(counter: Counter[str], step: Step, number: int) -> None:
    if number:
        counter[step.label] += number


def delete_rows(rows: QuerySet[Any], chunk: int) -> int:
    """Delete `rows` and nothing else, `chunk` at a time, and return how many there were."""
    table: QuerySet[Any] = rows.model._base_manager.all()
    total = 0
    while True:
        # Django answers with `None` where it knows without asking that there are no rows.
        deleted = table.filter(in_query(rows.order_by("pk").values("pk")[:chunk]))._raw_delete(rows.db) or 0
        total += deleted
        if deleted < chunk:
            return total


def _delete_mentioning(step: Step, scope: Scope) -> int:
    fields = step.searches_pickles(scope.mode)
    if not fields or scope.pattern is None:
        return 0
    found = mentioning(step.rows(scope), fields, scope.pattern, scope.chunk)
    return delete_rows(step.model._base_manager.filter(pk__in=found), scope.chunk) if found else 0


def rewriters(step: Step, scope: Scope) -> dict[str, Callable[[Any], Any]]:
    """Return for each field that Python decides about the function that gives its new value."""
    return {name: partial(_new, action.value, scope) for name, action in step.rewrites(scope.mode).items()}


def _new(value: Callable[[Any, Scope], Any], scope: Scope, old: Any) -> Any:
    return value(old, scope)


def _rewrite(step: Step, scope: Scope) -> int:
    values = rewriters(step, scope)
    return rewrite(step.to_rewrite(scope), values, scope.chunk) if values else 0


def _replace(step: Step, scope: Scope) -> int:
    replacements = step.replacements(scope.mode)
    if not replacements:
        return 0
    return step.to_replace(scope).update(
        **{name: action.assignment(name, scope) for name, action in replacements.items()}
    )


def _mark_files(step: Step, scope: Scope) -> int:
    """Mark the uploads for removal that nothing shows any more."""
    if not step.removes_files(scope.mode):
        return 0
    uploads = step.rows(scope).filter(condemned_at=None)
    return sum(
        mark_for_removal([pk for (pk,) in page], scope.now, except_by=scope.ids).marked
        for page in pages(uploads, (), scope.chunk)
    )
