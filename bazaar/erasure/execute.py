"""Carry out the inventory. This file deletes people's data, and nothing in it can be undone.

Every step is executed by set, inside the caller's transaction: one statement, or two for a chunk of rows that
Python has to look at. What the steps are stands in the inventory, and nothing that is not there is touched.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError, get_connection

from bazaar.account_triggers import permit_deletion
from bazaar.erasure.actions import may_mention
from bazaar.erasure.inventory import Step
from bazaar.erasure.pickles import raw, texts_in
from bazaar.erasure.rewrite import NewValues, pages, rewrite, timed
from bazaar.erasure.scope import Scope
from bazaar.erasure.selectors import ByAddress
from bazaar.models import User
from bazaar.uploads.removal import mark_for_removal
from bazaar.uploads.renaming import rename_file
from maintenance.core.array_lookup import in_query


@dataclass
class Changes:
    """How many rows of which model went or were changed, and how many files are to be removed.

    `of_others` counts rows that hold an address of the person and are left alone, because they are somebody else's.
    """

    deleted: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    of_others: Counter[str] = field(default_factory=Counter)
    files_marked: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.deleted + other.deleted,
            self.changed + other.changed,
            self.of_others + other.of_others,
            self.files_marked + other.files_marked,
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
        _count(changes.of_others, step, _left_to_others(step, scope))
        if step.deletes(scope.mode):
            _count(changes.deleted, step, _delete(step, scope))
        else:
            changes.files_marked += _mark_files(step, scope)
            _count(changes.changed, step, _rename_files(step, scope))
            _count(changes.deleted, step, _delete_mentioning(step, scope))
            # Read first: what names the person is what finds the rows, and the replacement takes it away.
            rewritten, left = _rewrite(step, scope)
            _count(changes.of_others, step, left)
            _count(changes.changed, step, max(rewritten, _replace(step, scope)))
    return changes


def _count(counter: Counter[str], step: Step, number: int) -> None:
    if number:
        counter[step.label] += number


def _left_to_others(step: Step, scope: Scope) -> int:
    """Count the rows with an address of the subjects that are somebody else's."""
    selectors = [part for part in step.selector.parts if isinstance(part, ByAddress)]
    conditions = [condition for part in selectors if (condition := part.rows_of_others(scope)) is not None]
    if not conditions or not scope.addresses:
        return 0
    found = step.model._base_manager.filter(conditions[0]).exclude(step.selector.condition(scope))
    return int(found.count())


def _delete(step: Step, scope: Scope) -> int:
    rows = step.rows(scope)
    if step.model is User:
        permit_deletion(rows, scope.now)
    return delete_in_chunks(rows, scope.chunk)


def delete_in_chunks(rows: QuerySet[Any], chunk: int) -> int:
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
    found = list(mentioning(step, scope))
    return delete_in_chunks(step.model._base_manager.filter(pk__in=found), scope.chunk) if found else 0


def mentioning(step: Step, scope: Scope) -> Iterator[Any]:
    """Yield the keys of the rows in whose packed columns an address of the subjects stands."""
    fields = step.searches_pickles(scope.mode)
    if not fields or not scope.addresses:
        return
    rows, texts = raw(timed(step.rows(scope), step.made(scope)), fields)
    for page in pages(rows, ("made", *texts), scope.chunk):
        for pk, made, *values in page:
            has_address = scope.redactor(made).has_address
            if any(has_address(text) for value in values if value for text in texts_in(str(value))):
                yield pk


def new_values(step: Step, scope: Scope) -> tuple[list[str], NewValues]:
    """Return the fields that Python decides about, and the function that gives their new values."""
    actions = step.rewrites(scope.mode)

    def new(made: datetime | None, old: list[Any]) -> list[Any]:
        redactor = scope.redactor(made)
        return [action.value(value, redactor) for action, value in zip(actions.values(), old, strict=True)]

    return list(actions), new


def _rewrite(step: Step, scope: Scope) -> tuple[int, int]:
    """Change texts; return how many rows that were, and how many hold an address that was somebody else's then."""
    names, new = new_values(step, scope)
    if not names or (step.search and not scope.addresses):
        return 0, 0
    left = 0

    def counted(made: datetime | None, old: list[Any]) -> list[Any]:
        nonlocal left
        values = new(made, old)
        left += bool(scope.identity.shared) and any(map(scope.redactor().changes_addresses, values))
        return values

    return rewrite(step.to_rewrite(scope), names, step.made(scope), counted, scope.chunk), left


def _replace(step: Step, scope: Scope) -> int:
    replacements = step.replacements(scope.mode)
    if not replacements:
        return 0
    return step.to_replace(scope).update(
        **{name: action.assignment(name, scope) for name, action in replacements.items()}
    )


def _rename_files(step: Step, scope: Scope) -> int:
    """Give other names to the files that stay and whose names tell of the person."""
    keys = list(files_named_after(step, scope))
    for key in keys:
        rename_file(key, scope.now)
    return len(keys)


def files_named_after(step: Step, scope: Scope) -> Iterator[int]:
    """Yield the keys of the uploads that stay and whose file's name has an address, or in their own rows a name."""
    names = step.names_of_files(scope.mode)
    if not names or (step.search and not scope.addresses):
        return
    rows = step.rows(scope).filter(condemned_at=None)
    if step.search:
        rows = rows.filter(may_mention(step.field(names[0])))
    for page in pages(timed(rows, step.made(scope)), ("made", *names), scope.chunk):
        for key, made, name in page:
            if scope.redactor(made).is_in_file_name(name, with_names=not step.search):
                yield key


def _mark_files(step: Step, scope: Scope) -> int:
    """Mark the uploads for removal that nothing shows any more."""
    if not step.removes_files(scope.mode):
        return 0
    uploads = step.rows(scope).filter(condemned_at=None)
    return sum(
        mark_for_removal([pk for (pk,) in page], scope.now, except_by=scope.ids).marked
        for page in pages(uploads, (), scope.chunk)
    )
