from maintenance.cli.job_command import JobCommand


class Command(JobCommand):
    job_name = "recalculate-karma"
