"""Conditions for CHECK constraints that let no word in. SQLite has no types that would refuse one."""

from typing import Any

from django.db.models import BooleanField, CheckConstraint, Func, Q

LARGEST = 2**53
"""The largest number; a bound above refuses text on SQLite, which sorts it behind all numbers."""


class _Shape(Func):
    """A condition on a column, written by the kind of database."""

    output_field = BooleanField()
    anywhere = ""
    on_sqlite = ""

    def as_sql(self, *args: Any, **context: Any) -> Any:
        return super().as_sql(*args, **{"template": self.anywhere, **self.extra, **context})

    def as_sqlite(self, *args: Any, **context: Any) -> Any:
        return super().as_sql(*args, **{"template": self.on_sqlite, **self.extra, **context})


class IsHex(_Shape):
    """Whether a column holds `length` hexadecimal digits in lower case."""

    anywhere = "(%(expressions)s ~ '^[0-9a-f]{%(length)s}$')"
    on_sqlite = "(length(%(expressions)s) = %(length)s AND %(expressions)s NOT GLOB '*[^0-9a-f]*')"

    def __init__(self, column: str, length: int) -> None:
        super().__init__(column, length=length)


class HoldsNoWord(_Shape):
    """Whether a column with a time, a date or a UUID holds one; other databases than SQLite know by the type."""

    anywhere = "(%(expressions)s IS NULL OR %(expressions)s IS NOT NULL)"
    on_sqlite = (
        "(%(expressions)s IS NULL OR (length(%(expressions)s) <= 32 AND %(expressions)s NOT GLOB '*[^-0-9a-f :.]*'))"
    )


def is_hex(column: str, length: int, name: str) -> CheckConstraint:
    return CheckConstraint(condition=IsHex(column, length), name=name)


def holds_no_word(column: str, name: str) -> CheckConstraint:
    return CheckConstraint(condition=HoldsNoWord(column), name=name)


def is_number(column: str, name: str, *, least: int = 0) -> CheckConstraint:
    """Hold a column to numbers; null passes, where the column allows it."""
    condition = Q(**{f"{column}__gte": least, f"{column}__lte": LARGEST}) | Q(**{f"{column}__isnull": True})
    return CheckConstraint(condition=condition, name=name)


def is_one_of(column: str, choices: Any, name: str) -> CheckConstraint:
    return CheckConstraint(condition=Q(**{f"{column}__in": list(choices)}), name=name)
