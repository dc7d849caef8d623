"""The inventory as a table: a row for each field of each line, in the order of execution."""

from collections.abc import Iterable

from bazaar.erasure.inventory import Line

COLUMNS = ("model", "field", "holds", "found", "anonymise", "delete", "note")


def rows_of(lines: Iterable[Line]) -> list[dict[str, str]]:
    """Return what each field holds, how a person's rows are found, and what becomes of them; by `COLUMNS`."""
    return [
        {
            "model": line.model,
            "field": field,
            "holds": str(line.holds),
            "found": line.found.text if line.found else "",
            "anonymise": line.anonymise.text,
            "delete": line.delete.text,
            "note": line.note,
        }
        for line in lines
        for field in line.fields
    ]
