"""What an erasure could not see: rows that name an anonymised account, and were written after its erasure.

They come from requests that had begun before, or from who keeps a copy: a log, a notification, a session. Each run of
finalize-deletions looks for them, however old the erasure is: by the columns that refer to an account, which are
indexed, for all anonymised accounts together. Nothing refers to a deleted account, because the database keeps foreign
keys; and it lets nothing personal back into either (`bazaar.account_triggers`), but for the time of a log-in.
"""

from collections.abc import Iterator
from datetime import datetime

from bazaar.erasure.erase import carry_out
from bazaar.erasure.execute import Changes, require_transaction
from bazaar.erasure.identity import Identity, identity_of
from bazaar.erasure.inventory import Step, all_steps
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Scope, Searched
from bazaar.erasure.selectors import SUBJECT, ById, Selector, Unanswered
from bazaar.erasure.traces import bound_on_the_server
from bazaar.models import User

Reference = tuple[Step, ById | Unanswered]


def recheck(now: datetime, *, chunk: int = CHUNK) -> Changes:
    """Erase what names an account that was anonymised; return what that was.

    Writes nothing where there is nothing. Raises `TransactionManagementError` outside a transaction.
    """
    require_transaction("A recheck")
    changes = Changes()
    for page in pages(User.objects.filter(anonymized_at__isnull=False), (), chunk):
        if named := _named([pk for (pk,) in page], now):
            with bound_on_the_server():
                locked = User.objects.filter(pk__in=named).order_by("pk").select_for_update()
                identity = identity_of([user.pk for user in locked.only("pk")])
                # Their addresses are known to nobody any more.
                found, _ = carry_out(Scope(identity, Mode.ANONYMISE, now, Searched(now), chunk))
            changes += found
    return changes


def _named(ids: list[int], now: datetime) -> set[int]:
    """Return those of the anonymised accounts `ids` that are named where an erasure lets nothing name them."""
    scope = Scope(Identity(tuple(ids)), Mode.ANONYMISE, now)
    unsettled = (step.to_replace(scope) for step in all_steps() if step.selector == SUBJECT)
    return {pk for rows in unsettled for pk in rows.values_list("pk", flat=True)} | {
        pk
        for step, part in _references()
        for pk in step.model._base_manager.filter(part.condition(scope)).values_list(part.field, flat=True).distinct()
    }


def _references() -> Iterator[Reference]:
    """Yield the columns that refer to an account, and must not refer to an anonymised one."""
    for step in all_steps():
        for part in step.selector.parts:
            if isinstance(part, ById | Unanswered) and part != SUBJECT and _lets_go(step, part):
                yield step, part


def _lets_go(step: Step, part: Selector) -> bool:
    """Tell whether an erasure deletes the rows that `part` finds, or makes null what finds them."""
    if step.deletes(Mode.ANONYMISE):
        return True
    nulls = (action for action in step.replacements(Mode.ANONYMISE).values() if action.makes_null)
    return any(action.where == part or (action.where is None and step.selector == part) for action in nulls)
