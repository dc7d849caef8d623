"""The maintenance department: what a job is, how it runs, when it runs."""
