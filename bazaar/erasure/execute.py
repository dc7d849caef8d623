"""Carry out the inventory. This file deletes people's data, and nothing in it can be undone.

Every step is executed by set, inside the transaction of whoever called: one statement, or two for a chunk of rows that
Python has to look at. What the steps are stands in the inventory, and nothing that is not there is touched.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, Subquery
from django.db.transaction import TransactionManagementError, get_connection

from bazaar.erasure.inventory import Step
from bazaar.erasure.pickles import mentioning
from bazaar.erasure.rewrite import pages, rewrite
from bazaar.erasure.scope import Scope
from bazaar.models import Upload
from bazaar.references import unreferenced


@dataclass
class Tally:
    """How many rows of which model went or were changed, and how many files are to be removed."""

    deleted: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    condemned: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.deleted + other.deleted, self.changed + other.changed, self.condemned + other.condemned)

    def __bool__(self) -> bool:
        return bool(self.deleted or self.changed or self.condemned)


def require_transaction(doing: str) -> None:
    """Raise `TransactionManagementError` outside `transaction.atomic()`, on every database."""
    if not get_connection().in_atomic_block:
        raise TransactionManagementError(f"{doing} happens whole or not at all: call it inside transaction.atomic().")


def execute(steps: Iterable[Step], scope: Scope) -> Tally:
    """Execute `steps` for the subjects of `scope`, and return what that did."""
    tally = Tally()
    for step in steps:
        if step.deletes(scope.mode):
            _count(tally.deleted, step, delete_rows(step.rows(scope), scope.chunk))
        else:
            tally.condemned += _condemn(step, scope)
            _count(tally.deleted, step, _delete_mentioning(step, scope))
            # Read first: what names the person is what finds the rows, and the replacement takes it away.
            rewritten = _rewrite(step, scope)
            _count(tally.changed, step, max(rewritten, _replace(step, scope)))
    return tally


def _count(counter: Counter[str], step: Step, number: int) -> None:
    if number:
        counter[step.label] += number


def delete_rows(rows: QuerySet[Any], chunk: int) -> int:
    """Delete `rows` and nothing else, `chunk` at a time, and return how many there were."""
    table: QuerySet[Any] = rows.model._base_manager.all()
    total = 0
    while True:
        # Django answers with `None` where it knows without asking that there are no rows.
        deleted = table.filter(_is_one_of(rows.order_by("pk").values("pk")[:chunk]))._raw_delete(rows.db) or 0
        total += deleted
        if deleted < chunk:
            return total


class _Keys(Subquery):
    empty_result_set_value = NotImplemented  # then nothing is asked at all


def _is_one_of(keys: QuerySet[Any, Any]) -> Q | Func:
    """Select the rows whose primary key is among `keys`, which the database asks for once.

    Of `IN (subquery)` PostgreSQL makes a join, and where its statistics are behind (after a restore, or a night of
    imports) one that asks for the keys again for every row: minutes for some ten thousand rows, under locks.
    """
    if get_connection(keys.db).vendor != "postgresql":
        return Q(pk__in=keys)
    return Func(
        F("pk"), _Keys(keys), arg_joiner=" = ANY(ARRAY", template="%(expressions)s)", output_field=BooleanField()
    )


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


def _condemn(step: Step, scope: Scope) -> int:
    """Condemn the uploads that nothing shows any more.

    They are locked first and their references looked for in a second statement, which sees whatever was attached
    while the lock was waited for. In one statement an upload that somebody just began to use would still be condemned.
    """
    if not step.condemns(scope.mode):
        return 0
    condemned = 0
    for page in pages(step.rows(scope).filter(condemned_at=None).select_for_update(), (), scope.chunk):
        unused = unreferenced(Upload.objects.filter(pk__in=[pk for (pk,) in page]), except_by=scope.ids)
        condemned += unused.update(condemned_at=scope.now)
    return condemned
