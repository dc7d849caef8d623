"""Uploads: what refers to them, how their files are removed, and files that no row knows."""

from bazaar.uploads.errors import StorageUnreachable
from bazaar.uploads.files import DeletedFiles, delete_files, marked_for_removal
from bazaar.uploads.removal import (
    FilesOfUploads,
    Marked,
    RemovedUploads,
    delete_files_of,
    mark_for_removal,
    orphans,
    remove,
)

__all__ = [
    "DeletedFiles",
    "FilesOfUploads",
    "Marked",
    "RemovedUploads",
    "StorageUnreachable",
    "delete_files",
    "delete_files_of",
    "mark_for_removal",
    "marked_for_removal",
    "orphans",
    "remove",
]
