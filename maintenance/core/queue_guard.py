"""Puts the list of functions and the JSON into django-q2 (1.11), which has no settings for either."""

from django.db.models.signals import post_save
from django_q import models, monitor, pusher, signals, tasks, worker

from maintenance.core import queue_functions
from maintenance.core.queue_packages import SignedPackage, StoredJSON

PICKLED = ("args", "kwargs", "result")


def install() -> None:
    """Let the queue call allowed functions only, and store no pickles."""
    worker.pydoc = queue_functions  # its `locate` imports any dotted path
    for module in (tasks, pusher, models, monitor):
        module.SignedPackage = SignedPackage
    for name in PICKLED:
        models.Task._meta.get_field(name).__class__ = StoredJSON
    post_save.disconnect(signals.call_hook, sender=models.Task)
    post_save.connect(queue_functions.call_hook, sender=models.Task)
