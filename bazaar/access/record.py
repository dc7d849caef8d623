"""The record of processing activities: the inventory in the order of people's questions, with purposes and limits.

The person comes first, then what they use, then what the site notes. What no erasure searches stands at the end.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.template.loader import render_to_string

from bazaar.certificates.document import STYLES
from bazaar.certificates.limits import limits_in_words
from bazaar.erasure.inventory import FieldPolicy
from bazaar.erasure.table import rows_of
from bazaar.ledger.choices import RecordCategory
from bazaar.processing import PROCESSING, category_of

Row = dict[str, str]
COLUMNS = (
    *("category", "model", "field", "holds", "purpose", "basis", "limit", "recipients"),
    *("found", "anonymise", "delete", "note"),
)
NOT_SEARCHED = (
    (
        "the person's name in texts that other people wrote",
        "a name belongs to many; what others wrote about somebody of that name is theirs",
    ),
    ("the content of files", "a file of the person goes as a whole, a file of somebody else is theirs"),
    ("the person's id and public id in texts and metadata of others", "they name [Deleted User], or nobody"),
    (
        "addresses that a program has packed otherwise: Base64, UTF-7, encryption",
        "a text that means something else would be changed",
    ),
    (
        "addresses that are spelled for people only (ann at example.org)",
        "a text that means something else would be changed",
    ),
    ("metadata of audit logs that the cleaner has found clean", "it holds no address"),
    ("results and messages of runs, evidence, errors", "they hold numbers, ids and class names only"),
    ("texts that were written after the erasure", "nobody knows the address any more"),
    ("the ledger", "it holds random ids, choices, numbers and keyed digests of addresses"),
    ("logs of web servers and proxies, backups, mail servers", "they are not in the database"),
)
"""What an erasure does not search, and why."""


def record_of_processing(policies: Iterable[FieldPolicy], *, personal_only: bool = False) -> list[Row]:
    """Return a row for each field, by `COLUMNS`, in the order of categories and with the account first."""
    chosen = [policy for policy in policies if policy.is_personal or not personal_only]
    rows = [row for policy in sorted(chosen, key=_place) for row in _rows(policy)]
    return [{name: row[name] for name in COLUMNS} for row in rows]


def _place(policy: FieldPolicy) -> tuple[int, bool, str]:
    return list(RecordCategory).index(category_of(policy.model)), policy.model != "bazaar.User", policy.model


def _rows(policy: FieldPolicy) -> Iterator[Row]:
    line = PROCESSING.get(policy.model)
    details = {
        "category": str(category_of(policy.model).label),
        "purpose": line.purpose if line else "",
        "basis": line.basis if line else "",
        "recipients": line.recipients if line else "",
        "limit": limits_in_words(policy.limits) or policy.because,
    }
    yield from (row | details for row in rows_of([policy]))


def as_markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of two tables: the fields, and what is not searched."""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "| " + " | ".join("---" for _ in COLUMNS) + " |"
    for row in rows:
        yield "| " + " | ".join(row[name] for name in COLUMNS) + " |"
    yield ""
    yield "| not searched | why |"
    yield "| --- | --- |"
    yield from (f"| {what} | {why} |" for what, why in NOT_SEARCHED)


def as_text(rows: Iterable[Row]) -> Iterator[str]:
    """Yield lines for a terminal."""
    for model, fields in groupby(rows, key=lambda row: row["model"]):
        listed = list(fields)
        first = listed[0]
        yield f"{model} ({first['category']})"
        for name in ("purpose", "basis", "limit", "recipients"):
            if first[name]:
                yield f"  {name}: {first[name]}"
        for row in listed:
            yield f"  {row['field']:24} {row['holds']}"
            if row["found"]:
                yield f"  {'':24} {row['found']}: {row['anonymise']} / {row['delete']}"
            if row["note"]:
                yield f"  {'':24} ({row['note']})"
    yield ""
    yield "Not searched:"
    yield from (f"  {what}: {why}" for what, why in NOT_SEARCHED)


def as_html(rows: Iterable[Row], *, is_alone: bool = False) -> str:
    """Return a page that prints; one that stands alone brings its styles."""
    groups = [(model, list(fields)) for model, fields in groupby(rows, key=lambda row: row["model"])]
    context = {"models": groups, "not_searched": NOT_SEARCHED, "styles": STYLES.read_text() if is_alone else ""}
    return render_to_string("bazaar/record_of_processing.html", context)
