"""The search that ends each erasure, in its transaction, while the address and the names are still known.

It asks the database anew, in one statement for what finds rows by id and address, in one for everybody's texts, and
reads the rows by and about the person once more, for names. What it finds rolls the erasure back, and is told by model
and field.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONArray

from bazaar.deletion_errors import DeletionError
from bazaar.erasure.inventory import Step
from bazaar.erasure.own_rows import OwnRows, read_again
from bazaar.erasure.pickles import texts_in
from bazaar.erasure.rewrite import timed
from bazaar.erasure.scope import AnyScope, Scope
from bazaar.erasure.statements import finding, select

ROWS_AT_A_TIME = 500


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


def _unsettled(steps: tuple[Step, ...], scope: Scope) -> Iterator[str]:
    """Yield the places in which a step would still find something to delete or to replace."""
    for step in finding(_still, tuple(step for step in steps if not step.search), scope):
        yield from _places(step, scope)


def _still(step: Step, scope: AnyScope) -> QuerySet[Any] | None:
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
    searched = tuple(step for step in steps if step.search and step.columns(scope.mode))
    for number, made, contents in _rows(searched, scope):
        step = searched[int(number)]
        for name, content in zip(step.columns(scope.mode), contents, strict=True):
            if content:
                yield f"{step.label}.{name}", made, content


def _rows(steps: tuple[Step, ...], scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query for texts: most are a handful, and the others are read in parts."""
    first = select(_first_contents, steps, scope)
    yield from first if len(first) < ROWS_AT_A_TIME else _contents(steps, scope).iterator(ROWS_AT_A_TIME)


def _first_contents(steps: tuple[Step, ...], scope: AnyScope) -> QuerySet[Any, Any]:
    return _contents(steps, scope)[:ROWS_AT_A_TIME]


def _contents(steps: tuple[Step, ...], scope: AnyScope) -> QuerySet[Any, Any]:
    """Return a query for the rows in which an address may stand: the number of the step, the time, the texts."""

    def of(number: int, step: Step) -> QuerySet[Any, Any]:
        texts = JSONArray(*(Cast(name, TextField()) for name in step.columns(scope.mode)))
        rows = timed(step.with_texts(scope), step.made(scope)).order_by()
        numbered = rows.annotate(step=Value(str(number), output_field=CharField()), texts=texts)
        contents: QuerySet[Any, Any] = numbered.values_list("step", "made", "texts")
        return contents

    first, *others = (of(number, step) for number, step in enumerate(steps))
    return first.union(*others, all=True) if others else first
