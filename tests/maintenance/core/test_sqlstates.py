"""SQLSTATEs in words: known ones have their own, others those of their class, and nothing else is taken for one."""

import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, strategies as st
from psycopg import errors

from maintenance.core.errors import record_of, refuses_to_write
from maintenance.core.sqlstates import CLASSES, CODES, DISK_FULL, OF_NO_UNIT, OF_SQLITE, explained, in_words

CONDITIONS = [code for code in errors._sqlcodes if code[:2] in CLASSES]


def test_every_code_belongs_to_a_class_and_is_one_of_postgresql():
    assert {code[:2] for code in CODES} <= set(CLASSES)
    assert set(CODES) <= set(errors._sqlcodes)
    assert {code[:2] for code in errors._sqlcodes} >= set(CLASSES)


@pytest.mark.parametrize("code", [*CODES, *CONDITIONS[:60]])
def test_every_code_of_a_known_class_has_words(code):
    assert re.fullmatch(r"[a-z].*[^.]", in_words(code))


@pytest.mark.parametrize("code", [None, "", "99999", "PT"])
def test_an_unknown_code_has_none(code):
    assert in_words(code) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It ended: OperationalError 57014.", f"It ended: OperationalError 57014 ({CODES['57014']})."),
        ("IntegrityError 23505 one_row", f"IntegrityError 23505 ({CODES['23505']}) one_row"),
        ("DatabaseError XX001", f"DatabaseError XX001 ({CLASSES['XX']})"),
    ],
)
def test_an_error_in_a_text_is_explained(text, shown):
    assert explained(text) == shown


@pytest.mark.parametrize("text", ["Run 23505 failed.", "Deleted 23505 items.", "ValueError", "SomeError 99999", ""])
def test_other_numbers_stay_as_they_are(text):
    assert explained(text) == text


@given(st.text())
def test_any_text_keeps_its_own_words(text):
    assert re.sub(r" \([^)]*\)", "", explained(text)) == re.sub(r" \([^)]*\)", "", text)


def test_codes_that_are_translated_or_told_apart_have_words_of_their_own():
    assert {*OF_SQLITE.values(), *OF_NO_UNIT} <= set(CODES)


def test_a_full_and_a_read_only_file_of_sqlite_are_told_like_those_of_a_server(tmp_path):
    with closing(sqlite3.connect(tmp_path / "full.sqlite3")) as full:
        full.execute("CREATE TABLE t (x)")
        full.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError) as error:
            full.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert record_of(error.value)["sqlstate"] == DISK_FULL

    with (
        closing(sqlite3.connect(f"file:{tmp_path}/full.sqlite3?mode=ro", uri=True)) as read_only,
        pytest.raises(sqlite3.OperationalError) as error,
    ):
        read_only.execute("INSERT INTO t VALUES (1)")
    assert refuses_to_write(error.value)
