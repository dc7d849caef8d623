"""The workloads and their data."""

from benchmarks.workloads.base import Workload
from benchmarks.workloads.files import OrphanedFiles
from benchmarks.workloads.karma import DriftedKarma, SoundKarma
from benchmarks.workloads.logs import AllPersonalLogs, OldLogs, SomePersonalLogs
from benchmarks.workloads.tokens import Invitations, ShuffledTokens, SortedTokens

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        ShuffledTokens(),
        SortedTokens(),
        Invitations(),
        OldLogs(),
        SomePersonalLogs(),
        AllPersonalLogs(),
        DriftedKarma(),
        SoundKarma(),
        OrphanedFiles(),
    )
}

__all__ = ["WORKLOADS", "Workload"]
