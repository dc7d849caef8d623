from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.core.checks import CheckMessage
from django.db.models import QuerySet, Sum

from bazaar import uploads
from bazaar.models import Upload
from bazaar.uploads import findings as storage_findings, unknown_files
from maintenance.api import DueFiles, FileStage, Job, KeyStage, Option, Outcome, PrefetchStage, Preview, Retention, Verb
from maintenance.core.array_lookup import in_array
from maintenance.core.counting import BYTES, counted
from maintenance.core.errors import RunMustEnd

UPLOADS = ("upload", "uploads")


class CleanupOrphanedFiles(Job):
    name = "cleanup-orphaned-files"
    description = "Delete uploads that are older than 30 days and not in use: the file, then the row."
    about = (
        "Uploads that are marked for removal, by an earlier run or by the deletion of an account, are deleted at any "
        "age. Files in the storage without a row are reported, and deleted with `--sweep`."
    )
    schedule = "0 4 * * *"
    retention = Retention("ORPHANED_FILE_RETENTION_DAYS", days=30)
    durable_batches = False
    verb = Verb("remove", "removed")
    noun = ("file", "files")
    options = (Option("sweep", "also delete old files in the uploads storage that have no row"),)

    def findings(self) -> list[CheckMessage]:
        return storage_findings.findings()

    def stages(self, now: datetime) -> Sequence[KeyStage[Upload] | PrefetchStage[Upload, uploads.FilesOfUploads]]:
        orphans = uploads.orphans(self.retention.cutoff(now))
        return [
            KeyStage(orphans, partial(self.mark_for_removal, now=now), self.preview_orphans),
            PrefetchStage(uploads.marked_for_removal(), self.remove, uploads.delete_files_of, self.preview),
        ]

    def file_stages(self, now: datetime, options: Collection[str]) -> Sequence[FileStage[unknown_files.StoredFile]]:
        cutoff = self.retention.cutoff(now)
        return [
            FileStage(
                self.stored_names,
                partial(self.unknown, cutoff=cutoff),
                partial(self.sweep, cutoff=cutoff) if "sweep" in options else None,
                self.preview_sweep,
            )
        ]

    def stored_names(self) -> Iterator[Sequence[str]]:
        try:
            yield from unknown_files.stored_names()
        except uploads.StorageUnreachable as error:
            raise RunMustEnd(str(error)) from error

    def mark_for_removal(self, batch: Sequence[int], now: datetime) -> Outcome:
        result = uploads.mark_for_removal(batch, now)
        return Outcome(deferred=result.marked, unchanged=result.in_use, counts={"condemned": result.marked})

    def remove(self, batch: QuerySet[Upload], files: uploads.FilesOfUploads | None) -> Outcome:
        try:
            result = uploads.remove(batch, files)
        except uploads.StorageUnreachable as error:
            raise RunMustEnd(str(error)) from error
        counts = {"bytes": result.size, "missing": result.missing, "shared": result.shared}
        return Outcome(deleted=result.gone, failed=result.failed, counts={name: n for name, n in counts.items() if n})

    def preview_orphans(self, batch: Sequence[int]) -> Preview:
        return self.preview(Upload.objects.filter(in_array(batch)))

    def preview(self, batch: QuerySet[Upload]) -> Preview:
        return Preview(counts={"bytes": batch.aggregate(total=Sum("size", default=0))["total"]})

    def unknown(self, names: Sequence[str], cutoff: datetime) -> DueFiles[unknown_files.StoredFile]:
        files = unknown_files.unknown(names, cutoff)
        return DueFiles(files, {"unknown_files": len(files), "unknown_bytes": sum(file.size for file in files)})

    def sweep(self, files: Sequence[unknown_files.StoredFile], cutoff: datetime) -> Outcome:
        result = unknown_files.remove_unknown(files, cutoff)
        return Outcome(deleted=result.gone, failed=result.failed, counts={"bytes": result.size})

    def preview_sweep(self, files: Sequence[unknown_files.StoredFile]) -> Preview:
        return Preview(counts={"bytes": sum(file.size for file in files)})

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        remarks = []
        if counts.get("bytes"):
            remarks.append(f"Size: {counted(counts['bytes'], BYTES)}.")
        if counts.get("missing"):
            remarks.append(f"The files of {counted(counts['missing'], UPLOADS)} were missing.")
        if counts.get("shared"):
            remarks.append(f"The files of {counted(counts['shared'], UPLOADS)} stay, because other uploads show them.")
        if counts.get("unknown_files") and "sweep" not in options:
            remarks.append(
                f"Old files in the storage without a row: {counts['unknown_files']:,} "
                f"({counted(counts.get('unknown_bytes', 0), BYTES)}); `--sweep` removes them."
            )
        return " ".join(remarks)
