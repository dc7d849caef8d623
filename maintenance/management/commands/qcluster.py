"""django-q2's own name for the cluster; `maintenance.apps` sees to it that this one is found first."""

from maintenance.management.commands.cluster import Command

__all__ = ["Command"]
