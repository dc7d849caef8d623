"""The inventory as a table: a row for each field of each policy, in the order of execution."""

from collections.abc import Iterable

from bazaar.erasure.inventory import FieldPolicy

COLUMNS = ("model", "field", "holds", "found", "anonymise", "delete", "note")


def rows_of(policies: Iterable[FieldPolicy]) -> list[dict[str, str]]:
    """Return what each field holds, how a person's rows are found, and what becomes of them; by `COLUMNS`."""
    return [
        {
            "model": policy.model,
            "field": field,
            "holds": str(policy.category),
            "found": policy.selector.text if policy.selector else "",
            "anonymise": policy.anonymise.text,
            "delete": policy.delete.text,
            "note": policy.note,
        }
        for policy in policies
        for field in policy.fields
    ]
