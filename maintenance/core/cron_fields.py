"""The grammar of a cron expression's fields: text to sets of values, and sets of values back to text.

A field is `*`, `*/n`, or a list of `a`, `a-b`, `a-b/n` and `*/n`; months and days of the week have names of three
letters; Sunday is 0 or 7. It means what cron (Vixie's, and POSIX where the two agree) makes of it. What other programs
read into a field (`?`, `L`, `W`, `#`, `a/n`, ranges that run backwards) is refused, and so is a step that reaches no
second value: cron would run on the first value alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

ITEM = re.compile(
    r"(?:(?P<star>\*)|(?P<first>[0-9]+|[a-z]{3})(?:-(?P<last>[0-9]+|[a-z]{3}))?)(?:/(?P<step>[0-9]+))?", re.ASCII
)
LONGEST_LIST = 12
"""So many evenly spaced values are written out; more are written as a range with a step."""
SHORTEST_RANGE = 3


@dataclass(frozen=True)
class Field:
    """One of the five fields: its values, and its largest number as written (Sunday may be written as 7)."""

    name: str
    first: int
    last: int
    largest: int
    names: tuple[str, ...] = ()
    is_cycle: bool = True
    """Whether the value after the last is always the first: months differ in length."""

    @property
    def all(self) -> frozenset[int]:
        return frozenset(range(self.first, self.last + 1))


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MINUTE, HOUR = Field("minute", 0, 59, 59), Field("hour", 0, 23, 23)
DAY = Field("day of the month", 1, 31, 31, is_cycle=False)
MONTH, WEEKDAY = Field("month", 1, 12, 12, MONTHS), Field("day of the week", 0, 6, 7, WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


class RefusedItem(ValueError):
    """An item of a field is not in the grammar; `instead` is what was probably meant, where that is known."""

    def __init__(self, reason: str, instead: str = "") -> None:
        super().__init__(reason)
        self.instead = instead


def read(item: str, field: Field) -> frozenset[int]:
    """Return the values of one item of a list, or raise `RefusedItem`."""
    match = ITEM.fullmatch(item.lower())
    if match is None:
        raise _refused(item, field)
    step = match["step"]
    if match["star"]:
        return _steps(field.first, field.last, step, field) if step else field.all
    first = _number(match["first"], field)
    if match["last"] is None:
        if step is not None:
            instead = f"{first}-{field.last}/{step}"
            raise RefusedItem(f"'{item}' has a step without a range", instead)
        return _values(range(first, first + 1), field)
    last = _number(match["last"], field)
    if first > last:
        raise RefusedItem(f"the range '{item}' runs backwards", "" if step else _forwards(first, last, field))
    return _steps(first, last, step, field) if step else _values(range(first, last + 1), field)


def _number(text: str, field: Field) -> int:
    if text.isdigit():
        if field.first <= int(text) <= field.largest:
            return int(text)
        raise RefusedItem(f"the {field.name} goes from {field.first} to {field.largest}, and '{text}' is not in it")
    if text in field.names:
        return field.first + field.names.index(text)
    raise RefusedItem(f"'{text}' is not a {field.name}")


def _steps(first: int, last: int, text: str, field: Field) -> frozenset[int]:
    step = int(text)
    if step == 0:
        raise RefusedItem("a step is at least 1")
    if step > max(last - first, 1):
        reason = f"a step of {step} reaches no second {field.name} from {first} to {last}"
        raise RefusedItem(reason, str(first))
    return _values(range(first, last + 1, step), field)


def _values(numbers: range, field: Field) -> frozenset[int]:
    return frozenset(field.first if number > field.last else number for number in numbers)


def _forwards(first: int, last: int, field: Field) -> str:
    if last == field.first and field.largest > field.last:
        return f"{first}-{field.largest}"
    return f"{first}-{field.last},{field.first}-{last}"


def _refused(item: str, field: Field) -> RefusedItem:
    if not item:
        return RefusedItem(f"the list of the {field.name} has a blank item")
    if item == "?":
        return RefusedItem("cron has no '?'; every value is '*'", "*")
    if item.isalpha() and item[:3].lower() in field.names:
        return RefusedItem(f"'{item}' is not a {field.name}; its name has three letters", item[:3].lower())
    if set(item.upper()) & set("LW#") and not set(item.upper()) - set("0123456789LW#-"):
        return RefusedItem(f"cron has no '{item}': L, W and # belong to other schedulers")
    return RefusedItem(f"'{item}' is not a {field.name}")


def write(values: frozenset[int], field: Field) -> str:
    """Return the one text for a set of values that every reader of cron expressions takes the same way."""
    if values == field.all:
        return "*"
    ordered = sorted(values)
    distances = {later - earlier for earlier, later in pairwise(ordered)}
    if len(ordered) >= SHORTEST_RANGE and len(distances) == 1:
        (step,) = distances
        is_whole_cycle = field.is_cycle and ordered[0] == field.first and len(ordered) * step == len(field.all)
        if is_whole_cycle:
            return f"*/{step}"
        if step > 1 and len(ordered) > LONGEST_LIST:
            return f"{ordered[0]}-{ordered[-1]}/{step}"
    return ",".join(_run(first, last) for first, last in runs(values))


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def runs(values: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of the values that follow each other; two that do are two of their own."""
    ordered = sorted(values)
    start = 0
    for place in range(1, len(ordered) + 1):
        if place < len(ordered) and ordered[place] == ordered[place - 1] + 1:
            continue
        if place - start >= SHORTEST_RANGE:
            yield ordered[start], ordered[place - 1]
        else:
            yield from ((value, value) for value in ordered[start:place])
        start = place
