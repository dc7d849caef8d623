from maintenance.api import JobCommand


class Command(JobCommand):
    job_name = "cleanup-ledger"
