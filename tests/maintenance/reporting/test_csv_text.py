"""Comma-separated values: one line at a time, and no cell that a spreadsheet runs."""

import csv
from io import StringIO

from hypothesis import given, strategies as st

from maintenance.reporting.csv_text import FORMULA, lines


@given(st.lists(st.fixed_dictionaries({}, optional={"a": st.text(), "b": st.integers() | st.none()})))
def test_rows_come_back_and_none_begins_a_formula(rows):
    text = list(lines(["a", "b"], rows))

    read = list(csv.DictReader(StringIO("".join(text), newline="")))
    assert len(text) == len(rows) + 1
    assert not any(cell.startswith(FORMULA) and not cell.lstrip("-").isdigit() for row in read for cell in row.values())
    assert [row["a"].removeprefix("'") for row in read] == [row.get("a", "").removeprefix("'") for row in rows]
    assert [row["b"] for row in read] == ["" if row.get("b") is None else str(row["b"]) for row in rows]
