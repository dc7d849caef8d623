"""The search of everybody's texts, once a night for any number of requests.

A search is cut into parts, which are rows: the job takes them one after another, with its pauses and its time budget,
and what is left of a search that was interrupted is there in the next run. A part is looked through once, for the
addresses of all its requests, which stand in a set. What it finds are rows; each erasure changes those of its own
person in its own transaction, together with the rows that are newer than the search.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import AutoField, Max, Min, Model, Q, TextField
from django.db.models.functions import Cast

from bazaar.erasure.actions import may_mention
from bazaar.erasure.identity import addresses_by_user
from bazaar.erasure.inventory import Step, all_steps
from bazaar.erasure.pickles import texts_in
from bazaar.erasure.rewrite import pages
from bazaar.erasure.scope import CHUNK, Mode, Searched
from bazaar.erasure.traces import bound_on_the_server
from bazaar.models import DeletionRequest
from bazaar.redaction.addresses import AddressSet
from bazaar.searches import address_index
from bazaar.searches.models import ChangedRow, ErasureSearch, ErasureSearchHit, ErasureSearchPart
from maintenance.core.array_lookup import in_array

CLOCKS_DIFFER_BY = timedelta(minutes=10)
"""How far back what is newer than a search begins: those who write have clocks, and transactions, of their own."""
SERVES = timedelta(hours=12)
"""How long what a search has found is used; for longer, too many rows are newer."""
_MAY_BE_ENCODED = re.compile(r"[%&\\\\=<]")
KEYS_OF_A_PART = 50_000
"""Numbers of a primary key that one part covers."""
ROWS_OF_A_PART = 2_000
"""Rows that one part covers where an index has told which rows to read."""
_WRITING = """
    SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


class Names:
    """The parts of addresses before the `@`, which tell of most texts that none of the addresses is in them."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._names = {address.rpartition("@")[0] for address in addresses}
        self._lengths = sorted({len(name) for name in self._names})

    def may_be_in(self, text: str) -> bool:
        """Return false only if none of the addresses is in the text. One that has escapes is not judged here."""
        if not text.isascii() or _MAY_BE_ENCODED.search(text):
            return True
        lower = text.lower()
        at = lower.find("@")
        while at >= 0:
            is_quoted = lower[at - 1 : at] == '"'
            if is_quoted or any(lower[at - length : at] in self._names for length in self._lengths if length <= at):
                return True
            at = lower.find("@", at + 1)
        return False


def plan(now: datetime) -> int:
    """Plan a search for the requests that are due at `now` and in no search yet; return the number of its parts.

    A search that is finished serves for half a day; one that is not goes on.
    """
    ErasureSearch.objects.filter(parts=None, began_at__lt=now - SERVES).delete()
    for search in ErasureSearch.objects.all():
        if not DeletionRequest.objects.filter(in_array(search.requests)).pending().exists():  # they were cancelled
            search.delete()
    searched = {pk for search in ErasureSearch.objects.all() for pk in search.requests}
    due = DeletionRequest.objects.due(now).order_by("pk").values_list("pk", flat=True)
    requests = [pk for pk in due if pk not in searched]
    if not requests:
        return 0
    if not searched:  # a new search reads these rows itself
        ChangedRow.objects.all().delete()
    began = _oldest_transaction(now)
    search = ErasureSearch.objects.create(began_at=began, requests=requests, last_keys=_last_keys(began))
    tables = {step.label: step.model for step in searched_steps()}
    addresses = _whose(search).keys()
    parts = [part for label, model in tables.items() for part in _parts(search, label, model, addresses)]
    return len(ErasureSearchPart.objects.bulk_create(parts, batch_size=CHUNK))


def perform(part: ErasureSearchPart) -> int:
    """Search a part, note the rows that are found, and delete the part; return how many were found."""
    whose = _whose(part.search)
    known, names = AddressSet(whose), Names(whose)
    hits = {
        (request_id, str(pk))
        for pk, text in (_texts(part) if known else ())
        if names.may_be_in(text)
        for mention in known.find(text)
        for request_id in whose[mention.address]
    }
    ErasureSearchHit.objects.bulk_create(
        [
            ErasureSearchHit(search=part.search, request_id=request_id, model=part.model, row=row)
            for request_id, row in sorted(hits)
        ],
        batch_size=CHUNK,
    )
    part.delete()
    return len(hits)


def found_for(request: DeletionRequest) -> Searched | None:
    """Return what a search has found for a request, or `None` where no search for it has been finished."""
    search = next((one for one in ErasureSearch.objects.filter(parts=None) if request.pk in one.requests), None)
    if search is None:
        return None
    rows: dict[str, list[str]] = defaultdict(list)
    for model, row in search.hits.filter(request=request).values_list("model", "row"):
        rows[model].append(row)
    for model, row in ChangedRow.objects.values_list("model", "row").distinct():
        rows[model].append(row)
    return Searched(search.began_at - CLOCKS_DIFFER_BY, rows, search.last_keys)


def forget(request: DeletionRequest) -> None:
    """Delete what was found for a request that has been carried out, and its search when it was the last one."""
    ErasureSearchHit.objects.filter(request=request).delete()
    for search in ErasureSearch.objects.all():
        if request.pk in search.requests:
            search.requests.remove(request.pk)
            if search.requests:
                search.save(update_fields=["requests"])
            else:
                search.delete()


def searched_steps() -> list[Step]:
    """Return the steps that search everybody's rows and can tell which rows are new; others are searched each time."""
    return [step for step in all_steps() if step.search and step.search.changed]


def _last_keys(began: datetime) -> dict[str, int]:
    """Return the key above which a row is new, whatever its time says, for each table whose keys are numbers.

    What a transaction inserts that is not committed yet has higher keys than the rows that were made before it began.
    """
    return {
        step.label: step.model._base_manager.filter(
            **{f"{step.search.changed}__lt": began - CLOCKS_DIFFER_BY + step.search.ahead}
        ).aggregate(last=Max("pk"))["last"]
        or 0
        for step in searched_steps()
        if step.search and isinstance(step.model._meta.pk, AutoField)
    }


def _oldest_transaction(now: datetime) -> datetime:
    """Return when the oldest transaction began that has written something, `now` if there is none.

    A search does not see what it has written. SQLite lets nobody else write meanwhile; PostgreSQL tells the times of
    transactions of the same role.
    """
    if connection.vendor != "postgresql":
        return now
    with connection.cursor() as cursor:
        cursor.execute(_WRITING)
        (began,) = cursor.fetchone()
    return min(now, began or now)


def _parts(
    search: ErasureSearch, label: str, model: type[Model], addresses: Collection[str]
) -> Iterator[ErasureSearchPart]:
    """Cut a table into parts: of the rows that an index tells, or else of ranges of keys.

    One whose keys are no numbers is one part.
    """
    with bound_on_the_server():
        told = address_index.candidates(addresses) if label == address_index.MODEL else None
    if told is not None:
        for start in range(0, len(told), ROWS_OF_A_PART):
            yield ErasureSearchPart(search=search, model=label, rows=told[start : start + ROWS_OF_A_PART])
        return
    limits = model._base_manager.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = limits["first"], limits["last"]
    if first is None:
        return
    if not isinstance(first, int):
        yield ErasureSearchPart(search=search, model=label)
        return
    for start in range(first - 1, last, KEYS_OF_A_PART):
        yield ErasureSearchPart(search=search, model=label, after=start, last=min(start + KEYS_OF_A_PART, last))


def _whose(search: ErasureSearch) -> Mapping[str, list[int]]:
    """Return the requests to which an address leads."""
    whose: dict[str, list[int]] = defaultdict(list)
    requests = dict(DeletionRequest.objects.filter(in_array(search.requests)).values_list("user_pk", "pk"))
    for user_id, address in addresses_by_user(requests):
        whose[address].append(requests[user_id])
    return whose


def _texts(part: ErasureSearchPart) -> Iterator[tuple[Any, str]]:
    """Yield key and text of the columns that may hold an address. Each row is read once, whatever is searched in it."""
    found = [step for step in searched_steps() if step.label == part.model]
    packed = {name for step in found for name in step.searches_pickles(Mode.ANONYMISE)}
    names = list(dict.fromkeys(name for step in found for name in (*step.texts(Mode.ANONYMISE), *packed)))
    files = {name for step in found for name in step.names_of_files(Mode.ANONYMISE)}
    rows = found[0].model._base_manager.filter(reduce(or_, map(_candidates, found)))
    if part.rows:
        rows = rows.filter(in_array(part.rows))
    elif part.after is not None:
        rows = rows.filter(pk__gt=part.after, pk__lte=part.last)
    texts = {f"text_{name}": Cast(name, TextField()) for name in names}
    for page in pages(rows.annotate(**texts), list(texts), CHUNK):
        for pk, *values in page:
            for name, value in zip(names, values, strict=True):
                if value:
                    text = str(value)
                    parts = texts_in(text) if name in packed else text.split("/") if name in files else [text]
                    yield from ((pk, each) for each in parts)


def _candidates(step: Step) -> Q:
    """Return the condition of the rows in which an address may stand; what is packed, the database cannot judge."""
    reach = step.search.reach if step.search else Q()
    if step.searches_pickles(Mode.ANONYMISE):
        return reach or Q(pk__isnull=False)
    return reach & reduce(or_, (may_mention(step.field(name)) for name in step.texts(Mode.ANONYMISE)))
