"""The public interface: everything that a project needs for jobs of its own."""

from maintenance.cli.job_command import JobCommand
from maintenance.core.job import Job, Option, QuerySetJob, Verb, delete_rows
from maintenance.core.retention import Retention
from maintenance.core.stages import DueFiles, FileStage, KeyStage, Outcome, PrefetchStage, Preview, RowStage
from maintenance.engine.results import JobResult
from maintenance.engine.runner import run_now
from maintenance.pages.search import Hit
from maintenance.reporting.sections import Figure, Section
from maintenance.reporting.status import JobStatistics, JobStatus, get_job_status, get_status

__all__ = [
    "DueFiles",
    "Figure",
    "FileStage",
    "Hit",
    "Job",
    "JobCommand",
    "JobResult",
    "JobStatistics",
    "JobStatus",
    "KeyStage",
    "Option",
    "Outcome",
    "PrefetchStage",
    "Preview",
    "QuerySetJob",
    "Retention",
    "RowStage",
    "Section",
    "Verb",
    "delete_rows",
    "get_job_status",
    "get_status",
    "run_now",
]
