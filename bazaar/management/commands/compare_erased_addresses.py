from maintenance.api import JobCommand


class Command(JobCommand):
    job_name = "compare-erased-addresses"
