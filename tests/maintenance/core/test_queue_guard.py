"""django-q2 looks up functions and packages where it is told to; another version could look elsewhere."""

import inspect

import django_q
from django.db.models.signals import post_save
from django_q import models, monitor, pusher, signals, tasks, worker

from maintenance.core import queue_functions
from maintenance.core.queue_guard import PICKLED
from maintenance.core.queue_packages import SignedPackage, StoredJSON


def test_the_version_of_the_queue_is_the_one_that_was_read():
    assert django_q.VERSION[:2] == (1, 11)


def test_a_worker_finds_functions_in_the_list():
    assert worker.pydoc is queue_functions
    source = inspect.getsource(worker.worker)
    assert source.count("pydoc.locate") == 1
    assert "import_module" not in source


def test_every_module_that_stores_or_reads_tasks_uses_json():
    assert {module.SignedPackage for module in (tasks, pusher, models, monitor)} == {SignedPackage}


def test_every_pickled_column_is_json():
    pickled = [field.name for field in models.Task._meta.fields if "Pickled" in field.deconstruct()[1]]

    assert sorted(pickled) == sorted(PICKLED)
    assert {type(models.Success._meta.get_field(name)) for name in PICKLED} == {StoredJSON}


def test_the_queues_own_receiver_of_hooks_is_gone():
    receivers = [receiver() for (_key, receiver, *_rest) in post_save.receivers]
    assert queue_functions.call_hook in receivers
    assert signals.call_hook not in receivers
