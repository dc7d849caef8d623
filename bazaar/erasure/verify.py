"""What is left of whom: the inventory, asked instead of executed. Nothing here writes.

Addresses and names of those who were erased are known to nobody, so that texts of others are searched for them only
where an address is given. What could not be looked for is told.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bazaar.deletion_errors import UnknownUser
from bazaar.erasure.execute import files_named_after, mentioning, new_values
from bazaar.erasure.identity import Identity, identity_of
from bazaar.erasure.inventory import DataCategory, Step, all_steps, collect
from bazaar.erasure.rewrite import changes, pages, timed
from bazaar.erasure.scope import CHUNK, Mode, Scope, Searched
from bazaar.erasure.traces import bound_on_the_server
from bazaar.listing import first_few
from bazaar.models import DeletionRequest, User

SUBJECTS_AT_A_TIME = 500
SHOWN = 20
"""How many ids a finding names."""


@dataclass(frozen=True)
class Finding:
    """Rows that an erasure of this user would delete or change.

    `ids` names the first of them, unless their keys let somebody in.
    """

    user_id: int
    model: str
    fields: tuple[str, ...]
    count: int
    ids: tuple[int | str, ...]

    def __str__(self) -> str:
        ids = ", ".join(map(str, self.ids)) + (", ..." if self.count > len(self.ids) else "")
        place = f"User {self.user_id}: {self.count} of {self.model} ({', '.join(self.fields)})"
        return f"{place}: {ids}" if self.ids else place

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Verification:
    """What was found of how many persons, and what could not be looked for, by reason."""

    findings: list[Finding] = field(default_factory=list)
    persons: int = 0
    unproven: tuple[int, ...] = ()
    """Users whose account had vanished before the erasure: the rest of their data cannot be found."""
    without_address: int = 0
    """Persons of whom no address is known, so that columns and texts were not searched for one."""

    @property
    def limits(self) -> list[str]:
        """Say what could not be looked for."""
        sentences = []
        if self.without_address:
            sentences.append(
                f"Persons of whom no address is known: {self.without_address}. E-mail columns and texts were not "
                "searched for them; give an address with --address to search for it."
            )
        if self.unproven:
            ids = first_few(self.unproven, SHOWN)
            sentences.append(f"The account had vanished before the erasure, which cannot be proven: user {ids}.")
        return sentences


def verify(user_id: int | None = None) -> list[Finding]:
    """Return what is left of a user, or of everybody who was erased; see `examine`."""
    return examine(user_id).findings


def examine(user_id: int | None = None, *, addresses: Collection[str] = ()) -> Verification:
    """Look for what is left of a user, or of everybody who was erased, and for `addresses` of that user.

    Of a user who was not erased it is what an erasure would find. Raises `UnknownUser` where there is neither such a
    user nor a deletion request of one: it could only say that nothing is left, and nobody had been looked for.
    """
    with bound_on_the_server():
        return _examine(user_id, addresses)


def _examine(user_id: int | None, addresses: Collection[str]) -> Verification:
    findings: list[Finding] = []
    persons = without_address = 0
    for mode, ids in _subjects(user_id):
        scope = _scope(mode, identity_of(ids), addresses)
        persons += len(ids)
        without_address += 0 if scope.addresses else len(ids)
        findings.extend(_of(scope))
    unproven = DeletionRequest.objects.filter(status=DeletionRequest.Status.UNPROVEN)
    unproven = unproven if user_id is None else unproven.filter(user_pk=user_id)
    vanished = tuple(unproven.order_by("user_pk").values_list("user_pk", flat=True))
    return Verification(findings, persons, vanished, without_address)


def _subjects(user_id: int | None) -> Iterator[tuple[Mode, list[int]]]:
    completed = DeletionRequest.objects.carried_out()
    if user_id is not None:
        known = list(_erased(completed.filter(user_pk=user_id)))
        if not known and not User.objects.filter(pk=user_id).exists():
            raise UnknownUser
        yield from known[-1:] or [(Mode.ANONYMISE, [user_id])]
        return
    yield from _erased(completed)
    others = User.objects.filter(anonymized_at__isnull=False).exclude(pk__in=completed.values("user_pk"))
    for page in pages(others, (), SHOWN):
        yield Mode.ANONYMISE, [pk for (pk,) in page]


def _erased(requests: QuerySet[DeletionRequest]) -> Iterator[tuple[Mode, list[int]]]:
    """Yield the ids of those whom `requests` were about, by the mode they were erased in, some hundred at a time.

    An id that belongs to somebody else now is left out: the public id in the evidence tells.
    """
    for page in pages(requests, ("user_pk", "evidence"), SUBJECTS_AT_A_TIME):
        users = User.objects.filter(pk__in=[pk for _, pk, _ in page]).only("public_id", "anonymized_at")
        present = {user.pk: user for user in users}
        by_mode: dict[Mode, list[int]] = defaultdict(list)
        for _, pk, evidence in page:
            known = evidence if isinstance(evidence, dict) else {}
            if _is_the_same(present.get(pk), known.get("public_id")):
                by_mode[Mode.DELETE if known.get("mode") == Mode.DELETE else Mode.ANONYMISE].append(pk)
        yield from by_mode.items()


def _is_the_same(user: User | None, public_id: object) -> bool:
    """Tell whether nobody, or the person who was erased, has the id now."""
    if user is None:
        return True
    return str(user.public_id) == public_id if public_id else user.anonymized_at is not None


def _scope(mode: Mode, identity: Identity, addresses: Collection[str] = ()) -> Scope:
    known = identity.knowing(addresses)
    now = timezone.now()
    return Scope(known, mode, now, None if known.addresses else Searched(now))


def _of(scope: Scope) -> Iterator[Finding]:
    """Ask each step for all subjects together, and for each of them only where that finds something."""
    for step in all_steps():
        if rows_left(step, scope):
            each = (replace(scope, identity=_only(scope, user_id)) for user_id in scope.ids)
            yield from (_finding(step, one, left) for one in each if (left := rows_left(step, one)))


def _only(scope: Scope, user_id: int) -> Identity:
    return scope.identity if len(scope.ids) == 1 else identity_of([user_id])


def _finding(step: Step, scope: Scope, left: list[Any]) -> Finding:
    fields = tuple(step.actions(scope.mode))
    shown = () if _opens_the_door(step) else tuple(left[:SHOWN])
    return Finding(scope.ids[0], step.label, fields, len(left), shown)


def _opens_the_door(step: Step) -> bool:
    """Tell whether the key of a row is itself a credential, as that of a session is."""
    key = step.model._meta.pk.name
    return any(
        key in policy.fields and policy.category is DataCategory.CREDENTIAL
        for policy in collect()
        if policy.model == step.label
    )


def rows_left(step: Step, scope: Scope) -> list[Any]:
    """Return the primary keys of the rows that `step` would delete or change."""
    if step.deletes(scope.mode):
        return sorted(step.rows(scope).values_list("pk", flat=True))
    return sorted(
        {
            *_to_rewrite(step, scope),
            *mentioning(step, scope),
            *_to_replace(step, scope),
            *files_named_after(step, scope),
        }
    )


def _to_rewrite(step: Step, scope: Scope) -> Iterator[Any]:
    names, new = new_values(step, scope)
    if not names or (step.search and not scope.addresses):
        return
    fields = [step.field(name) for name in names]
    for page in pages(timed(step.to_rewrite(scope), step.made(scope)), ("made", *names), CHUNK):
        yield from (row[0] for row in changes(page, fields, new))


def _to_replace(step: Step, scope: Scope) -> QuerySet[Any, Any]:
    return step.to_replace(scope).values_list("pk", flat=True)
