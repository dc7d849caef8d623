"""Uploads that nothing refers to, with a real file each."""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from bazaar.models import Project, Upload, User
from benchmarks.workloads.base import Workload, add_people, execute, settle_down

CONTENT = b"x" * 500


class OrphanedFiles(Workload):
    """Orphaned uploads among as many that are avatars; each orphan has its file."""

    name = "orphaned files"
    job = "cleanup-orphaned-files"
    largest = 100_000  # to make so many files takes longer than to remove them

    def seed(self, rows: int) -> None:
        execute(
            """
            INSERT INTO bazaar_upload (id, file, original_name, mime_type, size, created_at)
            SELECT n, md5(n::text) || '.png', 'picture.png', 'image/png', %(size)s,
                now() - interval '31 days' - interval '2 years' * random()
            FROM generate_series(1, %(rows)s * 2) n ORDER BY random()
            """,
            rows=rows,
            size=len(CONTENT),
        )
        add_people(rows)
        execute("UPDATE bazaar_user SET avatar_id = id * 2")
        settle_down()

    def prepare(self) -> None:
        """Put the file of each orphan into the storage."""
        folder = Path(settings.UPLOADS_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        in_use = User.objects.exclude(avatar=None).values("avatar")
        for name in Upload.objects.exclude(pk__in=in_use).values_list("file", flat=True):
            (folder / name).write_bytes(CONTENT)

    def floor(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                DELETE FROM bazaar_upload WHERE created_at < %s
                    AND NOT EXISTS (SELECT FROM bazaar_user WHERE avatar_id = bazaar_upload.id)
                    AND NOT EXISTS (SELECT FROM bazaar_project WHERE image_id = bazaar_upload.id)
                RETURNING file
                """,
                [self.cutoff()],
            )
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            os.unlink(os.path.join(settings.UPLOADS_PATH, name))  # noqa: PTH108, PTH118 - nothing is faster
        return len(names)

    def django(self, limit: int) -> int:
        number = 0
        for upload in Upload.objects.filter(created_at__lt=self.cutoff()).iterator():
            if number == limit:
                break
            if User.objects.filter(avatar=upload).exists() or Project.objects.filter(image=upload).exists():
                continue
            upload.file.delete(save=False)
            upload.delete()
            number += 1
        return number

    def row_by_row(self, limit: int) -> int:
        number = 0
        for pk, name in Upload.objects.filter(created_at__lt=self.cutoff()).values_list("pk", "file").iterator():
            if number == limit:
                break
            if User.objects.filter(avatar=pk).exists() or Project.objects.filter(image=pk).exists():
                continue
            default_storage.delete(name)
            execute("DELETE FROM bazaar_upload WHERE id = %(pk)s", pk=pk)
            number += 1
        return number
