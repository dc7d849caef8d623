"""Count what is due in many cases, such as at each day of a month: in one statement for all cases of a stage.

The rows of most stages are due by their age alone. Where the other conditions are the same in all cases, the rows are
counted once, by the first of the cutoffs which they are older than. What else is equal in two cases is counted once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Col
from django.db.models.lookups import LessThan

from maintenance.core import holds
from maintenance.core.backlog import Statement, fetch, statement_of
from maintenance.core.job import Job
from maintenance.core.stages import Stage

Rows = QuerySet[Any]
MOST_PARTS = 100
"""Parts of one statement: SQLite takes a few hundred, and a statement of a million characters."""


@dataclass
class _Alike:
    """Rows that are the same in all `cases`, but for the time before which the column `by` has to be, if any.

    `whole` are those of the first case, with their age.
    """

    rows: Rows
    by: str
    whole: Rows
    cases: list[tuple[int, datetime | None]] = field(default_factory=list)

    def has_one_age(self) -> bool:
        return len({before for _, before in self.cases}) == 1


def count_due(job: Job, cases: Sequence[Iterable[Stage[Any]]], *, has_holds: bool) -> list[int]:
    """Count the due rows of the stages in each case exactly; `has_holds` leaves out those that are held."""
    groups = _alike(cases)
    if has_holds and job.respects_holds:
        for group in groups:
            group.rows = holds.free(group.rows)
    due = [0] * len(cases)
    for group in (group for group in groups if group.by):
        older = _by_age(group.rows, group.by, {before for _, before in group.cases if before})
        for place, before in group.cases:
            due[place] += older[before] if before else 0
    others = [group for group in groups if not group.by]
    for group, number in zip(others, _each([group.rows for group in others]), strict=True):
        for place, _ in group.cases:
            due[place] += number
    return due


def _alike(cases: Sequence[Iterable[Stage[Any]]]) -> list[_Alike]:
    """Return the rows of all stages, in groups that are counted together."""
    groups: dict[str, _Alike] = {}
    for place, stages in enumerate(cases):
        for stage in stages:
            rows, by, before = _without_age(stage.due)
            if statement := statement_of(rows.order_by().values("pk")):
                key = repr((by, statement))
                groups.setdefault(key, _Alike(rows, by, stage.due)).cases.append((place, before))
    for group in groups.values():
        if group.has_one_age():
            group.rows, group.by = group.whole, ""
    return list(groups.values())


def _without_age(due: Rows) -> tuple[Rows, str, datetime | None]:
    """Return the rows without the condition on their age, the column, and the time before which it has to be.

    Where age is no condition of its own, it stays, and there is neither column nor time.
    """
    where = due.query.where
    is_plain = not (due.query.combinator or due.query.distinct or due.query.group_by)
    conditions: list[Any] = list(where.children)
    found = [condition for condition in conditions if _is_age(condition, due.model)]
    if not is_plain or where.connector != "AND" or where.negated or len(found) != 1:
        return due, "", None
    rows = due.all()
    rows.query.where = where.clone()
    rows.query.where.children = [condition for condition in conditions if condition is not found[0]]
    return rows, found[0].lhs.target.name, found[0].rhs


def _is_age(condition: Any, model: Any) -> bool:
    """Return whether a condition is that a column of the model itself is before a time."""
    return (
        isinstance(condition, LessThan)
        and isinstance(condition.lhs, Col)
        and condition.lhs.target.model._meta.concrete_model is model._meta.concrete_model
        and isinstance(condition.rhs, datetime)
    )


def _by_age(rows: Rows, column: str, cutoffs: Iterable[datetime]) -> dict[datetime, int]:
    """Return for each cutoff how many rows are older."""
    ordered = sorted(cutoffs)
    parts = [When(**{f"{column}__lt": cutoff}, then=Value(place)) for place, cutoff in enumerate(ordered)]
    older = rows.filter(**{f"{column}__lt": ordered[-1]}).order_by()
    by_part = older.annotate(age_part=Case(*parts, output_field=IntegerField())).values("age_part")
    numbers = dict(by_part.annotate(age_number=Count("*")).values_list("age_part", "age_number"))
    return dict(zip(ordered, accumulate(numbers.get(place, 0) for place in range(len(ordered))), strict=True))


def _each(rows: Sequence[Rows]) -> list[int]:
    """Count each of some queries."""
    counted: list[int] = []
    for first in range(0, len(rows), MOST_PARTS):
        some = rows[first : first + MOST_PARTS]
        statements = [statement_of(each.order_by().values("pk")) for each in some]
        parts = [_part(place, statement) for place, statement in enumerate(statements) if statement]
        numbers = dict(fetch(" UNION ALL ".join(sql for sql, _ in parts), parts))
        counted += [numbers.get(place, 0) for place in range(len(some))]
    return counted


def _part(place: int, statement: Statement) -> Statement:
    sql, params = statement
    return f"SELECT {place}, COUNT(*) FROM ({sql}) part", params  # statements of Django # nosec B608
