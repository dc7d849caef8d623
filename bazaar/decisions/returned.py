"""Find the addresses of erased persons that have come back, as by an import or by a table that was restored alone.

Nobody knows the addresses; their digests are in the ledger. An address is expected where somebody has signed up with it
after the erasure.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.db.models import Count, Min, Q, QuerySet, TextField
from django.db.models.functions import Cast

from bazaar.decisions.models import ReturnedAddress
from bazaar.erasure.actions import may_mention
from bazaar.erasure.identity import spellings
from bazaar.erasure.inventory import Step, collect, steps
from bazaar.erasure.scope import Mode
from bazaar.erasure.selectors import ByAddress
from bazaar.ledger.choices import CONFIRMATIONS, Kind
from bazaar.ledger.keys import digest_of_address
from bazaar.ledger.models import Entry, EntryDigest
from bazaar.ledger.writer import available
from bazaar.listing import first_few
from bazaar.models import User, UserFormerEmail
from bazaar.redaction.addresses import find_addresses, normalise
from bazaar.redaction.domains import spellings_of_domain

ACCOUNTS = (("bazaar.User", "email"), ("bazaar.UserFormerEmail", "email"))


@dataclass(frozen=True)
class Column:
    """A column that can hold addresses: one address, or a text in which they stand."""

    step: Step
    name: str
    is_text: bool
    changed: str | None = None

    @property
    def label(self) -> str:
        return self.step.label

    def rows(self, since: Any) -> QuerySet[Any]:
        """Return the rows to compare: all of a column of addresses, of a text those that were written since."""
        rows: QuerySet[Any] = self.step.model._base_manager.all()
        if not self.is_text:
            return rows.exclude(Q(**{self.name: ""}))
        rows = rows.filter(may_mention(self.step.field(self.name)))
        return rows.filter(**{f"{self.changed}__gte": since}) if self.changed else rows

    def addresses(self, rows: QuerySet[Any]) -> Iterator[tuple[Any, str]]:
        content = rows.annotate(content=Cast(self.name, TextField())).values_list("pk", "content")
        for pk, text in content:
            if self.is_text:
                yield from ((pk, mention.address) for mention in find_addresses(text or "") if "@" in mention.address)
            elif text:
                yield pk, normalise(text)


def columns() -> list[Column]:
    """Return the columns of addresses and the texts that an erasure searches, each once."""
    found: dict[tuple[str, str], Column] = {}
    for step in steps(collect()):
        for part in step.selector.parts:
            if isinstance(part, ByAddress):
                found.setdefault((step.label, part.field), Column(step, part.field, is_text=False))
        if step.search:
            for name in step.rewrites(Mode.ANONYMISE):
                found.setdefault((step.label, name), Column(step, name, is_text=True, changed=step.search.changed))
        for label, name in ACCOUNTS:
            if step.label == label:
                found.setdefault((label, name), Column(step, name, is_text=False))
    return list(found.values())


def compare(column: Column, rows: QuerySet[Any], now: datetime) -> int:
    """Note which of some rows hold the address of an erased person; return how many do."""
    places: dict[str, list[tuple[Any, str]]] = {}
    for pk, address in column.addresses(rows):
        places.setdefault(digest_of_address(address), []).append((pk, address))
    erased = _erased(places)
    returned = {
        str(pk): entry.number
        for digest, entry in erased.items()
        for pk, address in places[digest]
        if not _has_signed_up(address, entry.made_at)
    }
    ReturnedAddress.objects.bulk_create(
        [
            ReturnedAddress(model=column.label, field=column.name, row=row, entry=entry, found_at=now)
            for row, entry in returned.items()
        ],
        ignore_conflicts=True,
    )
    return len(returned)


def forget_what_is_gone() -> None:
    """Delete the places that have no row any more, or whose column is searched anew."""
    texts = {(column.label, column.name): column for column in columns() if column.is_text}
    for place in ReturnedAddress.objects.all():
        column = texts.get((place.model, place.field))
        still = column and [
            address for _, address in column.addresses(column.step.model._base_manager.filter(pk=place.row))
        ]
        if not still or not _erased({digest_of_address(address): [] for address in still}):
            place.delete()


def findings() -> list[CheckMessage]:
    """Return what the doctor says of addresses that have come back."""
    found = (
        ReturnedAddress.objects.values("model", "field").annotate(rows=Count("pk"), first=Min("pk")).order_by("model")
    )
    if not found:
        return []
    firsts = dict(ReturnedAddress.objects.filter(pk__in=[one["first"] for one in found]).values_list("pk", "row"))
    places = [
        f"{one['model']}.{one['field']} ({one['rows']}, the first in row {firsts[one['first']]})" for one in found
    ]
    return [
        Warning(
            f"Addresses of erased persons are back: {first_few(places, separator='; ')}.",
            hint="Was a table imported or restored alone? Delete these rows; for an account, make a deletion request.",
            id="bazaar.W022",
        )
    ]


def _erased(digests: Collection[str] | Mapping[str, Any]) -> dict[str, Entry]:
    """Return the latest erasure for each of some digests that belong to an erased person."""
    with available():
        pairs = EntryDigest.objects.filter(digest__in=list(digests), entry__kind=Kind.ERASING).select_related("entry")
        latest = {pair.digest: pair.entry for pair in pairs.order_by("entry_id")}
        numbers = [entry.number for entry in latest.values()]
        ends = Entry.objects.filter(reference__in=numbers, kind__in=CONFIRMATIONS)
        done = set(ends.values_list("reference", flat=True))
    return {digest: entry for digest, entry in latest.items() if entry.number in done}


def _has_signed_up(address: str, since: datetime) -> bool:
    """Return whether an account that is newer than an erasure has, or had, an address, in any spelling."""
    users = User.objects.filter(created_at__gt=since)
    former = UserFormerEmail.objects.filter(user__created_at__gt=since)
    if any(rows.filter(email__in=spellings([address])).exists() for rows in (users, former)):
        return True
    # An account has its address as it was written, in which fewer letters are alike: `straße` is not `strasse`.
    ends = [Q(email__endswith=f"@{form}") for form in spellings_of_domain(address.rpartition("@")[2])]
    written = (rows.filter(reduce(or_, ends)).values_list("email", flat=True) for rows in (users, former))
    return any(normalise(email) == address for emails in written for email in emails.iterator())
