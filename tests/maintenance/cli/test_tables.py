"""Tables and lines: folded on a terminal, one line for `grep` elsewhere, and never a control character."""

from io import StringIO

import pytest
from hypothesis import given, strategies as st

from maintenance.cli.tables import UNBROKEN, WIDE, Column, fitted, print_table, width_of
from tests.maintenance.cli.terminal import Terminal

COLUMNS = (
    Column("Job", is_whole=True),
    Column("Due", is_number=True),
    Column("Meaning", only_wide=True),
    Column("Message", longest=20),
)
LONG = "one two three four five six seven"


@pytest.fixture
def printed(monkeypatch):
    """Print rows to a terminal of some width, or to a pipe, and return the lines."""

    def lines(*rows, width=None, **options):
        out = StringIO() if width is None else Terminal()
        monkeypatch.setenv("COLUMNS", str(width or 10))
        print_table(out, COLUMNS, rows, **options)
        return out.getvalue().splitlines()

    return lines


def test_in_a_pipe_a_row_is_a_line_with_all_columns(printed):
    lines = printed(("cleanup", "5", "daily", LONG * 20), ("other", "1,234", "", "done"))

    assert len(lines) == 3
    assert lines[0].split() == ["Job", "Due", "Meaning", "Message"]
    assert lines[1].endswith(LONG * 20)
    assert lines[1].index("5") + 1 == lines[2].index("1,234") + 5, "numbers stand at the right"


def test_no_line_has_spaces_at_its_end(printed):
    assert all(line == line.rstrip() for line in printed(("a", "1", "", ""), ("bbbbbbb", "22", "x", "")))


def test_a_narrow_terminal_leaves_out_what_another_command_shows(printed):
    lines = printed(("cleanup", "5", "daily", LONG), width=80)

    assert "Meaning" not in lines[0]
    assert "daily" not in "".join(lines)
    assert "one two three ..." in "".join(lines)


def test_a_wide_terminal_shows_all(printed):
    lines = printed(("cleanup", "5", "daily", LONG), width=WIDE)

    assert "Meaning" in lines[0]
    assert LONG in lines[1]


def test_a_cell_is_folded_and_no_line_is_wider_than_the_terminal(printed):
    lines = printed(("cleanup", "5", "", "x y " * 9), width=30)

    assert len(lines) > 2
    assert all(len(line) <= 30 for line in lines)


def test_a_title_stands_above(printed):
    assert printed(("a", "1", "", ""), title="Erased records")[0] == "Erased records"


def test_headings_are_printed_without_rows(printed):
    assert printed() == ["Job  Due  Meaning  Message"]


@pytest.mark.parametrize("cell", ["\x1b[31mred", "a\nb", "\u202eright", "[bold]markup[/bold]", ":smile:"])
def test_a_cell_acts_on_no_terminal(printed, cell):
    lines = printed((cell, "1", "", ""))

    assert len(lines) == 2
    assert all(character.isprintable() for line in lines for character in line)
    assert lines[1].startswith(cell.encode("unicode_escape").decode()[:4])


def test_the_width_is_that_of_the_terminal_and_none_in_a_pipe(monkeypatch):
    monkeypatch.setenv("COLUMNS", "77")

    assert (width_of(Terminal()), width_of(StringIO())) == (77, UNBROKEN)


def test_a_line_that_fits_stays(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")

    assert fitted(Terminal(), "x" * 20) == "x" * 20
    assert fitted(StringIO(), LONG * 9) == LONG * 9


def test_a_folded_line_keeps_its_indent_and_hangs(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")

    assert fitted(Terminal(), f"  {LONG}", hanging=2).splitlines() == [
        "  one two three four",
        "    five six seven",
    ]


@given(st.lists(st.text(st.characters(categories=["L", "Nd", "Pd"]), min_size=1, max_size=15), min_size=1))
def test_folding_loses_no_word(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "20")
        folded = fitted(Terminal(), " ".join(words))

    assert folded.split() == words
