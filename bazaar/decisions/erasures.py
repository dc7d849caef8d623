"""The entry of an erasure: counts by category, and the digests of the addresses that the person held."""

from uuid import UUID

from bazaar.decisions import recording
from bazaar.erasure.execute import Changes
from bazaar.erasure.scope import Scope
from bazaar.ledger.chain import Counts
from bazaar.ledger.choices import Kind
from bazaar.models import DeletionRequest
from bazaar.processing import category_of


def record_erasure(request: DeletionRequest, person: str | None, scope: Scope, changes: Changes) -> None:
    """Record that the person of a request is erased by the transaction, which is about to commit."""
    recording.record(
        Kind.ERASING,
        request,
        None,
        person=UUID(person) if person else None,
        mode=str(scope.mode),
        addresses=scope.addresses,
        counts=counts_by_category(changes),
    )


def counts_by_category(changes: Changes) -> Counts:
    counts: Counts = {}
    for label in {**changes.deleted, **changes.changed}:
        category = str(category_of(label))
        deleted, changed = counts.get(category, (0, 0))
        counts[category] = (deleted + changes.deleted[label], changed + changes.changed[label])
    return counts
