"""The certificate of a deletion request: what was asked, promised and done, in words for the person.

It is made from the evidence, the inventory, the history of runs and the ledger, each time it is printed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from bazaar.certificates import told
from bazaar.certificates.stays import what_stays
from bazaar.deletion_errors import DeletionError
from bazaar.erasure import Mode
from bazaar.ledger.choices import CONFIRMATIONS, Kind, RecordCategory
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import available
from bazaar.models import DeletionRequest
from bazaar.processing import category_of
from maintenance.core.errors import NotReady
from maintenance.models import JobRun

JOB = "finalize-deletions"


class NotCarriedOut(DeletionError):
    message = "The deletion request has not been carried out, so there is nothing to certify."


@dataclass(frozen=True)
class CategoryLine:
    """What became of one category of data: numbers of records, and what stays with its reason."""

    category: str
    name: str
    deleted: int
    changed: int
    stays: str


@dataclass(frozen=True)
class LedgerProof:
    """The entry of the erasure in the ledger, and the number of its confirmation."""

    entry: int
    digest: str
    confirmation: int | None


@dataclass(frozen=True)
class Certificate:
    request: int
    reference: str
    account: str
    is_proven: bool
    mode: str
    mode_in_words: str
    requested_at: datetime
    promised_for: datetime
    completed_at: datetime
    run: int | None
    categories: tuple[CategoryLine, ...]
    columns_searched: int
    texts_searched: int
    left_to_others: int
    backups_expire_on: date
    ledger: LedgerProof | None
    told: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def certificate_of(request: DeletionRequest) -> Certificate:
    """Return the certificate of a request that was carried out. Raises `NotCarriedOut`."""
    if request.completed_at is None:
        raise NotCarriedOut
    evidence = request.evidence if isinstance(request.evidence, dict) else {}
    mode = Mode.DELETE if evidence.get("mode") == Mode.DELETE else Mode.ANONYMISE
    return Certificate(
        request=request.pk,
        reference=str(request.public_id),
        account=str(evidence.get("public_id") or ""),
        is_proven=request.status == DeletionRequest.Status.COMPLETED,
        mode=str(mode),
        mode_in_words=mode_in_words(mode),
        requested_at=request.requested_at,
        promised_for=request.scheduled_for,
        completed_at=request.completed_at,
        run=_run_of(request.completed_at),
        categories=tuple(categories_of(evidence, mode)),
        columns_searched=evidence.get("columns_searched", 0),
        texts_searched=evidence.get("texts_searched", 0),
        left_to_others=sum(_numbers(evidence, "rows_of_others").values()),
        backups_expire_on=(request.completed_at + timedelta(days=settings.BACKUP_RETENTION_DAYS)).date(),
        ledger=_proof_of(request),
        told=told.as_json(request),
    )


def mode_in_words(mode: Mode) -> str:
    if mode is Mode.DELETE:
        return _("The account and all of its data were deleted.")
    return _("The account was anonymised: contributions stay, and are shown as made by [Deleted User].")


def categories_of(evidence: Mapping[str, Any], mode: Mode) -> Iterator[CategoryLine]:
    """Yield the categories of which something went, was changed, or stays."""
    deleted, changed = (by_category(_numbers(evidence, name)) for name in ("rows_deleted", "rows_changed"))
    for category in RecordCategory:
        stays = what_stays(category, mode)
        if str(category.label) in {**deleted, **changed} or stays:
            yield CategoryLine(
                str(category),
                str(category.label),
                deleted.get(str(category.label), 0),
                changed.get(str(category.label), 0),
                stays,
            )


def _numbers(evidence: Mapping[str, Any], name: str) -> Mapping[str, int]:
    found = evidence.get(name)
    return found if isinstance(found, dict) else {}


def by_category(numbers: Mapping[str, int]) -> dict[str, int]:
    """Return numbers of rows by the names of categories, given those by model."""
    totals: dict[str, int] = {}
    for label, number in numbers.items():
        name = str(category_of(label).label)
        totals[name] = totals.get(name, 0) + number
    return totals


def _run_of(completed_at: datetime) -> int | None:
    runs = JobRun.objects.filter(job=JOB, dry_run=False, started_at__lte=completed_at).order_by("-started_at")
    run = runs.only("pk", "finished_at").first()
    return run.pk if run and (run.finished_at is None or run.finished_at >= completed_at) else None


def _proof_of(request: DeletionRequest) -> LedgerProof | None:
    """Return the entry of the erasure; `None` where there is none, or the ledger does not answer."""
    try:
        with available():
            entries = Entry.objects.filter(request=request.public_id).order_by("-number")
            confirmed = entries.filter(kind__in=CONFIRMATIONS).values_list("reference", "number")
            numbers = dict(confirmed)
            entry = entries.filter(kind=Kind.ERASING).first()
    except NotReady:
        return None
    return LedgerProof(entry.number, entry.digest, numbers.get(entry.number)) if entry else None
