"""The search that ends each erasure, in its transaction, while the address and the names are still known.

It asks the database anew, in one statement for what finds rows by id and address, in one for everybody's texts, and
reads the rows by and about the person once more, for names. What it finds rolls the erasure back, and is told by model
and field.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from bazaar.deletion_errors import DeletionError
from bazaar.erasure.actions import may_mention
from bazaar.erasure.inventory import Step
from bazaar.erasure.own_rows import OwnRows, read_again
from bazaar.erasure.pickles import texts_in
from bazaar.erasure.rewrite import timed
from bazaar.erasure.scope import Scope

LONGEST_STATEMENT = 100
"""Parts of a statement; SQLite allows 500."""
TEXTS_AT_A_TIME = 500


class SomethingIsLeft(DeletionError):
    message = "The search at the end of the erasure has found something of the person; nothing was changed."

    def __init__(self, places: Iterable[str] = ()) -> None:
        super().__init__()
        self.places = tuple(sorted(set(places)))
        self.args = (f"{self.args[0]} ({', '.join(self.places)})",) if self.places else self.args


@dataclass(frozen=True)
class Extent:
    """How much was searched: columns, and the texts in them that could hold an address."""

    columns: int
    texts: int


def search(steps: Iterable[Step], scope: Scope, own: Iterable[OwnRows] = ()) -> Extent:
    """Look for what is left of the subjects. Raises `SomethingIsLeft`, naming model and field.

    `own` are the rows by and about the person, noted before the erasure.
    """
    all_steps = tuple(steps)
    if places := set(_unsettled(all_steps, scope)):
        raise SomethingIsLeft(places)
    texts = 0
    for place, is_left in read_again(own, scope):
        texts += 1
        places |= {place} if is_left else set()
    for place, made, text in _texts(all_steps, scope):
        texts += 1
        if any(scope.redactor(made).has_address(part) for part in texts_in(text)):
            places.add(place)
    if places:
        raise SomethingIsLeft(places)
    columns = sum(len(step.actions(scope.mode)) for step in all_steps)
    return Extent(columns, texts)


def _unsettled(steps: Iterable[Step], scope: Scope) -> Iterator[str]:
    """Yield the places in which a step would still find something to delete or to replace."""
    asked = {str(number): step for number, step in enumerate(steps) if not step.search}
    queries = [
        rows.order_by().annotate(step=Value(number, output_field=CharField())).values_list("step")
        for number, step in asked.items()
        if (rows := _still(step, scope)) is not None
    ]
    # Not `iterator()`: its cursor would write the addresses into the statement.
    for number in {number for query in _together(queries) for (number,) in query}:
        yield from _places(asked[number], scope)


def _still(step: Step, scope: Scope) -> QuerySet[Any] | None:
    if step.deletes(scope.mode):
        return step.rows(scope)
    return step.to_replace(scope) if step.replacements(scope.mode) else None


def _places(step: Step, scope: Scope) -> Iterator[str]:
    """Yield model and field of what a step would still find."""
    if step.deletes(scope.mode):
        yield step.label
        return
    for name, action in step.replacements(scope.mode).items():
        if step.rows(scope).filter(action.unsettled_rows(name, scope)).exists():
            yield f"{step.label}.{name}"


def _texts(steps: Iterable[Step], scope: Scope) -> Iterator[tuple[str, Any, str]]:
    """Yield place, time and content of the texts that may hold an address, of the rows that a search reaches."""
    if not scope.addresses:
        return
    queries = []
    for step in steps:
        if not step.search:
            continue
        packed = step.searches_pickles(scope.mode)
        for name in (*step.texts(scope.mode), *packed):
            rows = timed(step.rows(scope), step.made(scope))
            rows = rows if name in packed else rows.filter(may_mention(step.field(name)))
            place = Value(f"{step.label}.{name}", output_field=CharField())
            content = Cast(name, TextField())
            queries.append(
                rows.order_by().annotate(place=place, content=content).values_list("place", "made", "content")
            )
    for query in _together(queries):
        for place, made, content in query.iterator(chunk_size=TEXTS_AT_A_TIME):
            if content:
                yield place, made, str(content)


def _together(queries: list[QuerySet[Any, Any]]) -> Iterator[QuerySet[Any, Any]]:
    for start in range(0, len(queries), LONGEST_STATEMENT):
        first, *others = queries[start : start + LONGEST_STATEMENT]
        yield first.union(*others, all=True) if others else first
