"""Partitions past the limit are dropped, with the exact number of their rows.

A partition goes when its last moment is past the limit: a row exactly at the cutoff stays. One in which a row is held
stays, and its other rows are deleted like those of a plain table; so are the rows of one that cannot be locked.
"""

import logging
from datetime import datetime
from functools import partial

from django.db import connection

from bazaar.models import AuditLog
from bazaar.partitions import layout
from bazaar.partitions.layout import Layout, Partition
from bazaar.partitions.locks import NoLock, execute, patiently
from maintenance.core import holds
from maintenance.core.stages import Outcome

TRIES = 5
logger = logging.getLogger(__name__)


def drop_next(present: Layout, cutoff: datetime) -> Outcome:
    """Drop the first partition past the limit that has rows, and the empty ones before it.

    Call it in a transaction, again while it deletes something: the locks then last no longer than one partition takes.
    """
    dropped = Outcome()
    for part in present.partitions:
        if part.end is None or part.end > cutoff or dropped.deleted:
            break
        if not _has_held_row(part):
            dropped += _drop_if_possible(part)
    return dropped


def _has_held_row(part: Partition) -> bool:
    period = {"created_at__lt": part.end} | ({"created_at__gte": part.start} if part.start else {})
    return holds.touch(AuditLog.objects.filter(**period))


def _drop_if_possible(part: Partition) -> Outcome:
    try:
        return _drop(part)
    except NoLock:
        logger.warning("The partition %s is in use: its rows are deleted one by one.", part.name)
        return Outcome()


def _drop(part: Partition) -> Outcome:
    """Lock writers out, count, and lock everybody out only for the drop itself, which the transaction's end follows.

    A hold may have been set while it waited and counted: then the partition stays.
    """
    patiently(partial(execute, f"LOCK TABLE {part.name} IN SHARE MODE"), TRIES)
    size = layout.sizes([part.name])[part.name]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {part.name}")  # the program's own name # nosec B608
        (rows,) = cursor.fetchone()
    if _has_held_row(part):
        return Outcome()
    patiently(partial(execute, f"DROP TABLE {part.name}"), TRIES)
    return Outcome(deleted=rows, counts={"partitions": 1, "bytes": size})
