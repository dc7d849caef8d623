"""The maintenance app: what a job is, how it runs, when it runs."""

__version__ = "0.2.0"
