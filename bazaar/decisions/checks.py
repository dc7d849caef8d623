"""What the doctor says about ledger and database."""

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - the name of Django
from django.db import DatabaseError

from bazaar.decisions import state
from maintenance.core.errors import NotReady


def refusals(*kinds: type[NotReady]) -> list[CheckMessage]:
    """Return why nobody can be erased and no request accepted now; given `kinds`, only those reasons."""
    refusal = state.why_not()
    if refusal is None or not isinstance(refusal, kinds or NotReady):
        return []
    sentence, _, remedy = str(refusal).partition(": ")
    return [Error(f"{sentence}.", hint=remedy[:1].upper() + remedy[1:], id="bazaar.E021")]


def missing_confirmations() -> list[CheckMessage]:
    """Return which entries of the ledger have no confirmation."""
    try:
        numbers = list(state.unconfirmed())
    except (NotReady, DatabaseError):  # told by `refusals`, or not migrated yet
        return []
    if not numbers:
        return []
    return [
        Warning(
            f"{len(numbers)} ledger entries have no confirmation, the first is {numbers[0]}: a process was killed "
            "between its entry and its confirmation.",
            hint="The next run of finalize-deletions finds out what became of them (`manage.py finalize_deletions`).",
            id="bazaar.W025",
        )
    ]
