"""What a person is known by: ids, names, and addresses with the time in which they were theirs.

Whose row is it? A row that holds nothing but an address belongs to the holder of the address when the row was made:
before the first holder to the first, between two holders to the next, after the last to the last. A row that names an
account belongs to that account alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from itertools import product
from operator import or_
from uuid import UUID

from django.db.models import Max, Q

from bazaar.fields import is_placeholder, normalize_email
from bazaar.models import DeletionRequest, User, UserFormerEmail
from bazaar.redaction.addresses import normalise
from bazaar.redaction.domains import spellings_of_domain
from maintenance.core.array_lookup import in_array

ALWAYS_AGO = datetime.min.replace(tzinfo=UTC)
DELETED_NAME = "[Deleted User]"


@dataclass(frozen=True)
class Period:
    """The time from `start` up to `end`, which is not part of it; `None`: without limit."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    def condition(self, column: str) -> Q:
        limits = {f"{column}__gte": self.start, f"{column}__lt": self.end}
        return Q(**{name: limit for name, limit in limits.items() if limit is not None})


@dataclass(frozen=True)
class Identity:
    """What some persons are known by. Addresses are in the form of `normalise`.

    `written` has each address as the persons' rows hold it, which folds less: `straße` is not `strasse` there.
    `shared` has those addresses that somebody else had too, with the times in which they were the persons'.
    """

    ids: tuple[int, ...] = ()
    public_ids: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    written: frozenset[str] = field(default=frozenset(), repr=False)
    shared: Mapping[str, tuple[Period, ...]] = field(default_factory=dict, repr=False)

    def addresses_at(self, moment: datetime | None) -> frozenset[str]:
        """Return the addresses that were theirs at a moment; `None`: at any time."""
        if moment is None or not self.shared:
            return self.addresses
        others = {address for address, periods in self.shared.items() if not any(moment in p for p in periods)}
        return self.addresses - others

    def holds(self, column: str, made: str) -> Q:
        """Return the condition that a column has an address of theirs, in a row that was made in their time."""
        conditions = [Q(**{f"{column}__in": self.spellings(self.addresses - self.shared.keys())})]
        for address, periods in self.shared.items():
            in_time = reduce(or_, (period.condition(made) for period in periods), Q(pk__in=[]))
            conditions.append(Q(**{f"{column}__in": self.spellings([address])}) & in_time)
        return reduce(or_, conditions)

    def spellings(self, addresses: Collection[str] | None = None) -> list[str]:
        """Return the forms in which e-mail columns may hold addresses of theirs; without `addresses`, all."""
        wanted = self.addresses if addresses is None else frozenset(addresses)
        return spellings({*wanted, *(form for form in self.written if normalise(form) in wanted)})

    def knowing(self, addresses: Iterable[str]) -> "Identity":
        """Return the identity with more addresses, as somebody wrote them."""
        given = {normalize_email(address) for address in addresses}
        return replace(
            self, addresses=self.addresses | {normalise(address) for address in given}, written=self.written | given
        )


@dataclass(frozen=True)
class _Holding:
    user_id: int
    start: datetime | None
    end: datetime | None


def identity_of(user_ids: Collection[int]) -> Identity:
    """Return what users are known by. The address and the name of an anonymised user name nobody, and are left out."""
    ids = tuple(user_ids)
    users = list(User.objects.filter(pk__in=ids).only("name", "public_id"))
    written = frozenset(address for _, address in _written_by_user(ids))
    addresses = frozenset(map(normalise, written))
    return Identity(
        ids,
        frozenset(form for public_id in _public_ids(ids, users) for form in (str(public_id), public_id.hex)),
        frozenset(name for user in users if (name := user.name.strip()) and name != DELETED_NAME),
        addresses,
        written,
        _shared(ids, written) if written else {},
    )


def _public_ids(ids: tuple[int, ...], users: Collection[User]) -> Iterator[UUID]:
    """Yield the public ids of users; those of accounts that are gone stand in the evidence."""
    yield from (user.public_id for user in users)
    gone = {*ids} - {user.pk for user in users}
    for evidence in DeletionRequest.objects.filter(user_pk__in=gone).values_list("evidence", flat=True):
        with suppress(KeyError, TypeError, ValueError, AttributeError):  # old evidence does not name it
            yield UUID(evidence["public_id"])


def addresses_by_user(user_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield the addresses of users, the present ones and the former ones, in the form of `normalise`."""
    for pk, address in _written_by_user(user_ids):
        yield pk, normalise(address)


def _written_by_user(user_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield the addresses of users as their rows hold them; that of an anonymised user is nobody's."""
    users = User.objects.filter(in_array(user_ids)).values_list("pk", "email", "anonymized_at")
    for pk, email, anonymized_at in users:
        if email and not (anonymized_at and is_placeholder(email)):
            yield pk, email
    yield from UserFormerEmail.objects.filter(in_array(user_ids, "user__pk")).values_list("user", "email")


def spellings(addresses: Iterable[str]) -> list[str]:
    """Return the forms in which e-mail columns may hold addresses: as given and folded, the domain in each alphabet."""
    forms = set()
    for address in addresses:
        names, domains = zip(*(form.rpartition("@")[::2] for form in (address, normalise(address))), strict=True)
        every_domain = {form for domain in domains for form in spellings_of_domain(domain)}
        forms |= {f"{name}@{domain}" for name, domain in product(names, every_domain)}
    return sorted(forms)


def _shared(ids: tuple[int, ...], addresses: Collection[str]) -> dict[str, tuple[Period, ...]]:
    holdings: dict[str, list[_Holding]] = defaultdict(list)
    for address, holding in _holdings(spellings(addresses)):
        holdings[normalise(address)].append(holding)
    return {
        address: tuple(_periods(ids, several))
        for address, several in holdings.items()
        if any(holding.user_id not in ids for holding in several)
    }


def _holdings(forms: Collection[str]) -> Iterator[tuple[str, _Holding]]:
    former = UserFormerEmail.objects.filter(email__in=forms)
    for email, user_id, start, end in former.values_list("email", "user_id", "held_from", "held_until"):
        yield email, _Holding(user_id, start, end)
    users = User.objects.filter(email__in=forms).annotate(since=Max("former_emails__held_until"))
    for email, user_id, since, created in users.values_list("email", "pk", "since", "created_at"):
        yield email, _Holding(user_id, since or created, None)


def _periods(ids: tuple[int, ...], holdings: list[_Holding]) -> Iterator[Period]:
    ordered = sorted(
        holdings, key=lambda holding: (holding.start or ALWAYS_AGO, holding.end or datetime.max.replace(tzinfo=UTC))
    )
    start: datetime | None = None
    for holding, following in zip(ordered, [*ordered[1:], None], strict=True):
        ends = [moment for moment in (holding.end, following.start) if moment] if following else []
        end = min(ends, default=start) if following else None
        if holding.user_id in ids:
            yield Period(start, end)
        start = end
