"""The grammar of one field: text to values, values to text, and what was probably meant where it is refused."""

import pytest
from hypothesis import given, strategies as st

from maintenance.core.cron_fields import DAY, FIELDS, HOUR, MINUTE, MONTH, WEEKDAY, RefusedItem, read, runs, write

every_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)


@pytest.mark.parametrize(
    ("item", "field", "values"),
    [
        ("*", MONTH, set(range(1, 13))),
        ("*/20", MINUTE, {0, 20, 40}),
        ("7", HOUR, {7}),
        ("007", HOUR, {7}),
        ("8-10", HOUR, {8, 9, 10}),
        ("8-12/2", HOUR, {8, 10, 12}),
        ("1-31/30", DAY, {1, 31}),
        ("JAN", MONTH, {1}),
        ("oct-Dec", MONTH, {10, 11, 12}),
        ("7", WEEKDAY, {0}),
        ("5-7", WEEKDAY, {5, 6, 0}),
        ("mon-fri/2", WEEKDAY, {1, 3, 5}),
    ],
)
def test_an_item_is_read(item, field, values):
    assert read(item, field) == values


@pytest.mark.parametrize(
    ("item", "field", "reason", "instead"),
    [
        ("", HOUR, "blank item", ""),
        ("?", DAY, "cron has no '?'", "*"),
        ("24", HOUR, "from 0 to 23", ""),
        ("0", DAY, "from 1 to 31", ""),
        ("8", WEEKDAY, "from 0 to 7", ""),
        ("99999999999999999999", MINUTE, "from 0 to 59", ""),
        ("mon", HOUR, "not a hour", ""),
        ("Monday", WEEKDAY, "three letters", "mon"),
        ("mondial", MONTH, "not a month", ""),
        ("5/10", MINUTE, "step without a range", "5-59/10"),
        ("*/0", MINUTE, "at least 1", ""),
        ("*/60", MINUTE, "no second minute", "0"),
        ("3-5/9", HOUR, "no second hour", "3"),
        ("22-2", HOUR, "runs backwards", "22-23,0-2"),
        ("6-0", WEEKDAY, "runs backwards", "6-7"),
        ("22-2/2", HOUR, "runs backwards", ""),
        ("L", DAY, "other schedulers", ""),
        ("15W", DAY, "other schedulers", ""),
        ("1#2", WEEKDAY, "other schedulers", ""),
        ("-5", HOUR, "is not a hour", ""),
        ("1-2-3", HOUR, "is not a hour", ""),
        ("\u0663", HOUR, "is not a hour", ""),  # a digit, but none of cron's
    ],
)
def test_an_item_outside_the_grammar_is_refused_with_what_was_meant(item, field, reason, instead):
    with pytest.raises(RefusedItem, match=reason) as refused:
        read(item, field)

    assert refused.value.instead == instead
    if instead:
        assert all(read(part, field) for part in instead.split(","))


@given(st.text(max_size=8), st.sampled_from(FIELDS))
def test_no_text_breaks_the_reader(item, field):
    try:
        values = read(item, field)
    except RefusedItem:
        return
    assert values
    assert values <= field.all


@every_field
@given(st.data())
def test_what_is_written_is_read_as_the_same_values(field, data):
    values = data.draw(st.frozensets(st.sampled_from(sorted(field.all)), min_size=1))

    items = write(values, field).split(",")

    assert frozenset().union(*(read(item, field) for item in items)) == values


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        (range(24), HOUR, "*"),
        (range(0, 60, 15), MINUTE, "*/15"),
        ((0, 30), MINUTE, "0,30"),
        (range(1, 32, 2), DAY, "1-31/2"),  # months differ in length, so a star would say more
        (range(1, 24, 2), HOUR, "1,3,5,7,9,11,13,15,17,19,21,23"),
        (range(1, 60, 2), MINUTE, "1-59/2"),
        ((8, 9), HOUR, "8,9"),
        ((8, 9, 10, 20), HOUR, "8-10,20"),
    ],
)
def test_values_have_one_text(values, field, text):
    assert write(frozenset(values), field) == text


@given(st.frozensets(st.integers(0, 59), min_size=1))
def test_runs_cover_all_values_in_order(values):
    pairs = list(runs(values))

    assert [value for first, last in pairs for value in range(first, last + 1)] == sorted(values)
    assert all(first == last or last - first >= 2 for first, last in pairs)
