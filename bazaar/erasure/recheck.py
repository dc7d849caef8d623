"""What an erasure could not see: recheck who was erased, and sweep everybody's texts.

An erased person's addresses are known to nobody afterwards, and that is the point of it. So texts that mention an
address are searched by the run that erases, before it erases: `sweep_mentions` for the addresses of all who are due,
and then each erasure only in what was written since. A run that dies in between begins with a sweep again, and whoever
was erased by then had been swept for. What turns up later is found by the user's id: `recheck`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from bazaar.erasure.erase import addresses_of, carry_out
from bazaar.erasure.execute import Changes, execute, require_transaction
from bazaar.erasure.inventory import collect, steps
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Scope
from bazaar.models import DeletionRequest, User

RECENT = timedelta(days=7)
"""How long after an erasure something about the person may still be written by whoever did not know of it."""

ADDRESSES_AT_A_TIME = 100
SUBJECTS_AT_A_TIME = 500


def sweep_mentions(addresses: Iterable[str], now: datetime, *, chunk: int = CHUNK) -> Changes:
    """Replace `addresses` by `[removed]` in everybody's texts: notifications, metadata, contributions, logs.

    Call it once per run, before the first erasure, with `addresses_of` those who are due; then hand the moment at which
    you called it to each `erase` as `swept_at`. Raises `TransactionManagementError` outside a transaction.
    """
    require_transaction("A sweep")
    searches = [step for step in steps(collect()) if step.selector.is_search]
    changes = Changes()
    ordered = sorted(addresses)
    for start in range(0, len(ordered), ADDRESSES_AT_A_TIME):
        part = frozenset(ordered[start : start + ADDRESSES_AT_A_TIME])
        scope = Scope((), Mode.ANONYMISE, now, part, chunk=chunk)
        changes += execute(searches, scope)
    return changes


def recheck(now: datetime, *, chunk: int = CHUNK) -> Changes:
    """Erase what was written about persons after they were erased, in the last seven days; return what that was.

    Such rows come from requests that were under way: a log, a notification, a vote, even the user's own row, saved (or
    made again) from a copy read before. Writes nothing where there is nothing. Raises `TransactionManagementError`
    outside a transaction.
    """
    require_transaction("A recheck")
    recent = DeletionRequest.objects.filter(
        status=DeletionRequest.Status.COMPLETED, completed_at__gte=now - RECENT, completed_at__lte=now
    )
    changes = Changes()
    for mode, ids in erased(recent, lock=True):
        scope = Scope(tuple(ids), mode, now, addresses_of(ids), chunk=chunk)
        found, _ = carry_out(scope)
        changes += found
    return changes


def erased(requests: QuerySet[DeletionRequest], *, lock: bool = False) -> Iterator[tuple[Mode, list[int]]]:
    """Yield the ids of those whom `requests` were about, by the mode they were erased in, some hundred at a time.

    An id that belongs to somebody else now is left out: the public id in the evidence tells.
    """
    for page in pages(requests, ("user_pk", "evidence"), SUBJECTS_AT_A_TIME):
        users = User.objects.filter(pk__in=[pk for _, pk, _ in page]).order_by("pk")
        users = users.select_for_update() if lock else users
        present = {user.pk: user for user in users.only("public_id", "anonymized_at")}
        by_mode: dict[Mode, list[int]] = defaultdict(list)
        for _, pk, evidence in page:
            if _is_the_same(present.get(pk), evidence.get("public_id")):
                by_mode[Mode(evidence.get("mode", Mode.ANONYMISE))].append(pk)
        yield from by_mode.items()


def _is_the_same(user: User | None, public_id: str | None) -> bool:
    """Tell whether nobody, or the person who was erased, has the id now."""
    if user is None:
        return True
    return str(user.public_id) == public_id if public_id else user.anonymized_at is not None
