from maintenance.api import JobCommand


class Command(JobCommand):
    job_name = "send-deletion-notices"
