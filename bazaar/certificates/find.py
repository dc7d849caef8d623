"""Find erasures by an address: by its digest, because nobody keeps the address."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bazaar.ledger.choices import Kind
from bazaar.ledger.keys import digest_of_address
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import available
from bazaar.models import DeletionRequest
from bazaar.redaction.addresses import normalise
from maintenance.core.time_text import day


@dataclass(frozen=True)
class Erasure:
    """An erasure in the ledger; `request` is its number, where the request is still there."""

    erased_at: datetime
    request: int | None
    reference: str
    mode: str
    is_proven: bool
    entry: int

    def __str__(self) -> str:
        request = f"request {self.request}" if self.request else "whose request is gone"
        how = "" if self.is_proven else " (cannot be proven)"
        return f"Erased on {day(self.erased_at)}, {request}{how}; ledger entry {self.entry}."

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def erasures_of(address: str) -> list[Erasure]:
    """Return the erasures of persons who had an address, the latest first. Raises `LedgerUnavailable`."""
    with available():
        entries = list(
            Entry.objects.filter(digests__digest=digest_of_address(normalise(address)), kind=Kind.ERASING).order_by(
                "-number"
            )
        )
        ends = {
            end.reference: end
            for end in Entry.objects.filter(
                reference__in=[entry.number for entry in entries], kind__in=[Kind.ERASED, Kind.UNPROVEN]
            )
        }
    known = _requests([entry.request for entry in entries])
    return [
        Erasure(
            entry.made_at,
            known.get(entry.request),
            str(entry.request),
            entry.mode,
            ends[entry.number].kind == Kind.ERASED,
            entry.number,
        )
        for entry in entries
        if entry.number in ends
    ]


def erased_before(request: DeletionRequest) -> datetime | None:
    """Return when the erasure of a request was committed once; a database that was restored does not know it."""
    with available():
        erased = Entry.objects.filter(request=request.public_id, kind=Kind.ERASED).order_by("number")
        return erased.values_list("made_at", flat=True).first()


def _requests(public_ids: list[UUID | None]) -> dict[UUID | None, int]:
    found = DeletionRequest.objects.filter(public_id__in=[one for one in public_ids if one])
    return dict(found.values_list("public_id", "pk"))
