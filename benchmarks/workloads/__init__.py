"""The workloads: what is measured, with the data that it is measured on."""

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
