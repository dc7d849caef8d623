"""Carry out the inventory. This file deletes people's data, and nothing in it can be undone.

Every step is executed by set, inside the caller's transaction: one statement, or two for a chunk of rows that
Python has to look at. What the steps are stands in the inventory, and nothing that is not there is touched.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.transaction import TransactionManagementError, get_connection

from bazaar.account_triggers import permit_deletion
from bazaar.erasure.actions import may_mention
from bazaar.erasure.inventory import Step
from bazaar.erasure.pickles import raw, texts_in
from bazaar.erasure.rewrite import NewValues, rewrite, timed
from bazaar.erasure.scope import AnyScope, Scope
from bazaar.erasure.selectors import ByAddress
from bazaar.erasure.statements import Found, delete, finding, pages, select, update
from bazaar.models import User
from bazaar.uploads.removal import mark_for_removal
from bazaar.uploads.renaming import rename_file
from maintenance.core.array_lookup import in_array, in_query


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
    all_steps = tuple(steps)
    occupied = set(finding(_rows_to_look_at, all_steps, scope))
    for step in all_steps:
        _count(changes.of_others, step, _left_to_others(step, scope))
        if step not in occupied:  # of one person, most steps find nothing
            continue
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


def _rows_to_look_at(step: Step, scope: AnyScope) -> QuerySet[Any, Any] | None:
    """Return the rows that a step may change or delete; `None` where it changes nothing in this mode."""
    if not step.actions(scope.mode):
        return None
    return step.with_texts(scope) if step.search else step.rows(scope)


def _count(counter: Counter[str], step: Step, number: int) -> None:
    if number:
        counter[step.label] += number


def _left_to_others(step: Step, scope: Scope) -> int:
    """Count the rows with an address of the subjects that are somebody else's."""
    if not scope.addresses or not _conditions_of_others(step, scope):
        return 0
    return sum(number for (number,) in select(_rows_of_others, step, scope))


def _conditions_of_others(step: Step, scope: AnyScope) -> list[Q]:
    selectors = [part for part in step.selector.parts if isinstance(part, ByAddress)]
    return [condition for part in selectors if (condition := part.rows_of_others(scope)) is not None]


def _rows_of_others(step: Step, scope: AnyScope) -> QuerySet[Any, Any]:
    found = step.model._base_manager.filter(_conditions_of_others(step, scope)[0])
    found = found.exclude(step.selector.condition(scope)).order_by()
    number: QuerySet[Any, Any] = found.values(all=Value(1)).annotate(number=Count("*")).values_list("number")
    return number


def _delete(step: Step, scope: Scope) -> int:
    if step.model is User:
        permit_deletion(step.rows(scope), scope.now)
    return delete_in_chunks(step, scope)


def delete_in_chunks(step: Step, scope: Scope) -> int:
    """Delete the rows that a step finds and nothing else, in chunks, and return how many there were."""
    total = 0
    while True:
        deleted = delete(_chunk_of_rows, step, scope)
        total += deleted
        if deleted < scope.chunk:
            return total


def _chunk_of_rows(step: Step, scope: AnyScope) -> QuerySet[Any, Any]:
    return step.model._base_manager.filter(in_query(step.rows(scope).order_by("pk").values("pk")[: scope.chunk]))


def _delete_mentioning(step: Step, scope: Scope) -> int:
    found = list(mentioning(step, scope))
    return step.model._base_manager.filter(in_array(found))._raw_delete("default") if found else 0


def mentioning(step: Step, scope: Scope) -> Iterator[Any]:
    """Yield the keys of the rows in whose packed columns an address of the subjects stands."""
    if not step.searches_pickles(scope.mode) or not scope.addresses:
        return
    for page in pages(_packed, step, scope):
        for pk, made, *values in page:
            has_address = scope.redactor(made).has_address
            if any(has_address(text) for value in values if value for text in texts_in(str(value))):
                yield pk


def _packed(step: Step, scope: AnyScope) -> Found:
    rows, texts = raw(timed(step.rows(scope), step.made(scope)), step.searches_pickles(scope.mode))
    return rows, ("made", *texts)


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

    return rewrite(pages(_texts_for_update, step, scope), step.model, names, counted), left


def _texts_for_update(step: Step, scope: AnyScope) -> Found:
    """Return the rows with texts, which are locked as they are read, so that nobody's edit in between is undone."""
    rows = timed(step.to_rewrite(scope), step.made(scope)).select_for_update()
    return rows, ("made", *step.rewrites(scope.mode))


def _replace(step: Step, scope: Scope) -> int:
    return update(_replacements, step, scope) if step.replacements(scope.mode) else 0


def _replacements(step: Step, scope: AnyScope) -> tuple[QuerySet[Any, Any], dict[str, Any]]:
    replacements = step.replacements(scope.mode).items()
    return step.to_replace(scope), {name: action.assignment(name, scope) for name, action in replacements}


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
    for page in pages(_names_of_files, step, scope):
        for key, made, name in page:
            if scope.redactor(made).is_in_file_name(name, with_names=not step.search):
                yield key


def _names_of_files(step: Step, scope: AnyScope) -> Found:
    names = step.names_of_files(scope.mode)
    rows = step.rows(scope).filter(condemned_at=None)
    if step.search:
        rows = rows.filter(may_mention(step.field(names[0])))
    return timed(rows, step.made(scope)), ("made", *names)


def _mark_files(step: Step, scope: Scope) -> int:
    """Mark the uploads for removal that nothing shows any more."""
    if not step.removes_files(scope.mode):
        return 0
    return sum(
        mark_for_removal([pk for (pk,) in page], scope.now, except_by=scope.ids).marked
        for page in pages(_files_that_stay, step, scope)
    )


def _files_that_stay(step: Step, scope: AnyScope) -> Found:
    return step.rows(scope).filter(condemned_at=None), ()
