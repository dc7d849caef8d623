"""What a run of `delete-audit-logs` does about partitions before it deletes rows."""

import logging
from datetime import datetime

from bazaar.partitions import layout, months
from bazaar.partitions.adoption import remove_bound
from bazaar.partitions.locks import NoLock, patiently
from bazaar.partitions.removal import TRIES, drop_next
from maintenance.core.stages import Outcome

MOVED = 10_000
"""Rows that a run moves out of the default partition, for each month; those who write wait meanwhile."""
logger = logging.getLogger(__name__)


def maintain(cutoff: datetime, now: datetime) -> Outcome:
    """Drop the partitions past the cutoff, then make those of the months to come; of a plain table, do neither.

    Call it in a transaction, again while it deletes something. What makes partitions locks more than one of them, so
    that it is not in a transaction in which many rows are counted.
    """
    present = layout.read()
    dropped = drop_next(present, cutoff)
    if dropped.deleted or not (present.is_partitioned or present.is_unfinished):
        return dropped
    try:
        if present.is_unfinished:
            patiently(remove_bound, TRIES)
        else:
            months.extend(layout.read(), now, tries=TRIES, most=MOVED)
    except (NoLock, months.TooManyToMove) as error:
        logger.warning("No partition was made. %s", error)
    return dropped
