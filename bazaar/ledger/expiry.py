"""Drop old entries from the beginning of the chain, of which one entry keeps the last digest."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.router import ALIAS
from bazaar.ledger.writer import Draft, append, available

PAGE = 5_000


def pages_of_numbers() -> Iterator[Sequence[str]]:
    """Yield the numbers of all entries but the last one, in order, a page at a time."""
    number = 0
    with available():
        last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
        while page := list(
            Entry.objects.filter(number__gt=number, number__lt=last)
            .order_by("number")
            .values_list("number", flat=True)[:PAGE]
        ):
            number = page[-1]
            yield [str(one) for one in page]


def older_than(cutoff: datetime, numbers: Sequence[str]) -> list[str]:
    """Return those of some numbers, in order, before the first entry that is not older than `cutoff`."""
    with available():
        newer = Entry.objects.filter(made_at__gte=cutoff).order_by("number").values_list("number", flat=True).first()
    return [number for number in numbers if newer is None or int(number) < newer]


def expire(last: int, origin: UUID) -> int:
    """Drop the entries up to `last`, and write an entry with its digest in their place; return how many went."""
    with available(), transaction.atomic(using=ALIAS):
        entry = Entry.objects.filter(number=last).first()
        if entry is None:  # somebody else has dropped it
            return 0
        append(Draft(Kind.EXPIRED, origin, reference=last, reference_digest=entry.digest))
        for model in (EntryDigest, EntryCount):
            model.objects.filter(entry__lte=last)._raw_delete(ALIAS)
        return Entry.objects.filter(number__lte=last)._raw_delete(ALIAS)
