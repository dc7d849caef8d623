"""The cluster by django-q2's name for it. `maintenance.apps` makes Django find this command first."""

from maintenance.management.commands.cluster import Command

__all__ = ["Command"]
