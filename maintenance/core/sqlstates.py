"""SQLSTATEs in words: the database's own texts are not stored, because they may contain personal data."""

import re
import sqlite3

LOCK_TIMED_OUT = "55P03"
READ_ONLY = "25006"
DISK_FULL = "53100"
INPUT_OR_OUTPUT = "58030"
WORTH_A_SECOND_TRY = frozenset({"40001", "40P01", LOCK_TIMED_OUT, READ_ONLY})
"""Serialisation failure, deadlock, lock time-out, end of a fail-over: the same statements may succeed at once."""
OF_NO_UNIT = frozenset({READ_ONLY, DISK_FULL, "53200", "53300", "57P03", INPUT_OR_OUTPUT})
"""What the server cannot do for anybody: no row of a batch is at fault, and no other row would fare better."""
CODES = {
    "08006": "the connection to the database was lost",
    "22001": "a value is too long for its column",
    "22003": "a number is out of range",
    "23502": "a required value is missing",
    "23503": "another record still refers to this one, or the one that it refers to is missing",
    "23505": "a record with this value exists already",
    "23514": "a value breaks a rule of its table",
    "25006": "the database is read-only",
    "25P03": "a transaction was idle for too long",
    "40001": "another transaction changed the same records",
    "40P01": "two transactions waited for each other",
    "42501": "the database user has no permission",
    "42703": "a column is missing: are all migrations applied?",
    "42P01": "a table is missing: are all migrations applied?",
    "53100": "the disk of the database is full",
    "53200": "the database is out of memory",
    "53300": "the database has too many connections",
    "55P03": "a record was locked by somebody else for too long",
    "57014": "the statement took too long, or was cancelled",
    "57P01": "the database was shut down, or the connection was ended",
    "57P03": "the database is starting or stopping",
    "58030": "the database cannot read or write its files",
}
CLASSES = {
    "08": "the connection to the database failed",
    "22": "a value does not fit its column",
    "23": "a record breaks a rule of its table",
    "25": "the transaction was in a wrong state",
    "28": "the database refused the log-in",
    "40": "the transaction was rolled back by the database",
    "42": "the statement does not fit the tables of the database",
    "53": "the database has too few resources",
    "54": "the statement exceeds a limit of the database",
    "55": "a record or a table was in use",
    "57": "an operator or a limit ended the statement",
    "58": "the machine of the database had an error",
    "XX": "the database had an internal error",
}
"""By the first two characters, for codes that have no words of their own."""
PRIMARY = 0xFF
"""The part of an error code of SQLite that names the kind of error."""
OF_SQLITE = {
    sqlite3.SQLITE_BUSY: LOCK_TIMED_OUT,
    sqlite3.SQLITE_LOCKED: LOCK_TIMED_OUT,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR: INPUT_OR_OUTPUT,
}
NAMED = re.compile(r"\b[A-Z]\w*[a-z][A-Z]\w* ([0-9A-Z]{5})\b")
"""A class of errors and its SQLSTATE, as in `OperationalError 57P01`."""


def of_sqlite(code: int) -> str | None:
    """Return the SQLSTATE that means the same as an error code of SQLite."""
    return OF_SQLITE.get(code & PRIMARY)


def in_words(sqlstate: str | None) -> str:
    """Return a SQLSTATE in words; an empty text for an unknown one."""
    return CODES.get(sqlstate or "") or CLASSES.get((sqlstate or "")[:2], "")


def explained(text: str) -> str:
    """Add its words to each error with a SQLSTATE in a text."""

    def with_words(found: re.Match[str]) -> str:
        words = in_words(found[1])
        return f"{found[0]} ({words})" if words else found[0]

    return NAMED.sub(with_words, text)
