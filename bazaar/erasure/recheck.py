"""What an erasure could not see: rows about the person that others wrote while it was under way.

Such rows come from requests that had begun before: a log, a notification, a vote, a session. They are found by the
user's id, in the week after the erasure. The account itself needs no second look: the database lets nothing personal
back into it (`bazaar.account_triggers`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from bazaar.erasure.erase import carry_out
from bazaar.erasure.execute import Changes, require_transaction
from bazaar.erasure.identity import identity_of
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Scope, Searched
from bazaar.erasure.traces import bound_on_the_server
from bazaar.models import DeletionRequest, User

RECENT = timedelta(days=7)
"""How long after an erasure somebody who did not know of it may still write about the person."""

SUBJECTS_AT_A_TIME = 500


def recheck(now: datetime, *, chunk: int = CHUNK) -> Changes:
    """Erase what was written about persons after they were erased, in the last seven days; return what that was.

    Writes nothing where there is nothing. Raises `TransactionManagementError` outside a transaction.
    """
    require_transaction("A recheck")
    recent = DeletionRequest.objects.carried_out().filter(completed_at__gte=now - RECENT, completed_at__lte=now)
    changes = Changes()
    with bound_on_the_server():
        for mode, ids in erased(recent, lock=True):
            identity = identity_of(ids)
            # Nobody knows the addresses any more, unless a row of the user was made again from an old copy.
            searched = None if identity.addresses else Searched(now)
            found, _ = carry_out(Scope(identity, mode, now, searched, chunk))
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
            known = evidence if isinstance(evidence, dict) else {}
            if _is_the_same(present.get(pk), known.get("public_id")):
                by_mode[Mode.DELETE if known.get("mode") == Mode.DELETE else Mode.ANONYMISE].append(pk)
        yield from by_mode.items()


def _is_the_same(user: User | None, public_id: str | None) -> bool:
    """Tell whether nobody, or the person who was erased, has the id now."""
    if user is None:
        return True
    return str(user.public_id) == public_id if public_id else user.anonymized_at is not None
