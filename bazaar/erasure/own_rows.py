"""Rows by and about the person, whose texts lose addresses and names: noted before an erasure, read again after it.

Afterwards nothing leads to them any more, so that their keys are kept meanwhile: eight bytes for each.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from bazaar.erasure.actions import REDACT_NAMES, Rewrite
from bazaar.erasure.inventory import Step
from bazaar.erasure.scope import AnyScope, Scope
from bazaar.erasure.statements import Found, pages_of_keys
from bazaar.models import Upload
from maintenance.core.array_lookup import in_array

_NAME_OF_FILE = Rewrite(
    "it is no name of theirs",
    lambda field: ~Q(**{field.name: ""}),
    lambda name, redactor: "" if redactor.is_in_file_name(name, with_names=True) else name,
)


@dataclass(frozen=True)
class OwnRows:
    """Rows of one model by and about the person, and what each of its texts has to have gone through."""

    model: type[Any]
    keys: Sequence[int]
    rewrites: Mapping[str, Rewrite]

    @property
    def label(self) -> str:
        return str(self.model._meta.label)


def note(steps: Iterable[Step], scope: Scope) -> list[OwnRows]:
    """Return the rows in whose texts neither an address nor a name may stand after the erasure."""
    by_model: dict[type[Any], list[Step]] = defaultdict(list)
    for step in steps:
        by_model[step.model].append(step)
    return [
        OwnRows(model, _keys(own, scope), _rewrites(all_steps, own, scope))
        for model, all_steps in by_model.items()
        if (own := [step for step in all_steps if _removes_names(step, scope)])
    ]


def _removes_names(step: Step, scope: Scope) -> bool:
    if step.names_of_files(scope.mode) and not step.search:
        return True
    return any(action.removes_names for action in step.rewrites(scope.mode).values())


def _keys(own: Sequence[Step], scope: Scope) -> Sequence[int]:
    keys = array("q")
    for page in pages_of_keys(_rows_of, tuple(own), scope):
        keys.extend(pk for (pk,) in page)
    return keys


def _rows_of(own: Sequence[Step], scope: AnyScope) -> Found:
    selectors = dict.fromkeys(step.selector for step in own)
    condition = reduce(or_, (selector.condition(scope) for selector in selectors))
    return own[0].model._base_manager.filter(condition), ()


def _rewrites(all_steps: Iterable[Step], own: Iterable[Step], scope: Scope) -> dict[str, Rewrite]:
    """Return the texts that these rows lose something of: each with its action, or with that of any text by the person.

    `all_steps` are those of the model, which tell what is a text.
    """
    searched = {name for step in all_steps for name in step.texts(scope.mode)}
    texts = {name: REDACT_NAMES for step in own for name in step.actions(scope.mode) if name in searched}
    files = {name: _NAME_OF_FILE for step in own for name in step.names_of_files(scope.mode)}
    return texts | files | {name: action for step in own for name, action in step.rewrites(scope.mode).items()}


def read_again(own: Iterable[OwnRows], scope: Scope) -> Iterator[tuple[str, bool]]:
    """Yield the place of each text in the noted rows, and whether something of the person still stands in it."""
    redactor = scope.redactor()
    for rows in own:
        for start in range(0, len(rows.keys), scope.chunk):
            kept = rows.model._base_manager.filter(in_array(rows.keys[start : start + scope.chunk]))
            if rows.model is Upload:  # the row of a file that is to be removed goes with it
                kept = kept.filter(condemned_at=None)
            for row in kept.values_list(*rows.rewrites):
                for (name, action), value in zip(rows.rewrites.items(), row, strict=True):
                    if value:
                        yield f"{rows.label}.{name}", action.value(value, redactor) != value
