"""The first few of a list, where all of them would be too many for a sentence."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet


def first_few(items: Sequence[Any] | QuerySet[Any, Any], most: int = 5, separator: str = ", ") -> str:
    """Return the first `most` items, and whether there are others; an empty text where there are none.

    Of a query it reads no more rows than it needs.
    """
    found = list(items[: most + 1])
    return separator.join(map(str, found[:most])) + (" and others" if len(found) > most else "")
