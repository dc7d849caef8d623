"""The functions that the queue may call: the engine's own, and those that the project allows.

django-q2 imports and calls any dotted path that stands in a row of its tables, so whoever writes a row would run code.
Here the name of a function is looked up in a list, and nothing is imported by a name that a row holds.
"""

import functools
import json
import logging
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from django.utils.module_loading import import_string
from django_q.exceptions import TimeoutException

from maintenance.conf import settings
from maintenance.core.errors import MaintenanceError, record_of, summary_of

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[..., Any])

OURS: dict[str, Callable[..., Any]] = {}
"""The engine's own functions by dotted path."""
OPTIONS_WITH_FUNCTIONS = ("hook", "chain")
"""Options of a task that name further functions."""


class FunctionNotAllowed(MaintenanceError):
    """The queue may not call the function of a task."""


class TaskFailed(MaintenanceError):
    """A task of the project raised an exception; the text is its record."""


def queue_function(function: Function) -> Function:
    """Allow the queue to call a function of the engine (a decorator)."""
    OURS[f"{function.__module__}.{function.__name__}"] = function
    return function


def known_formerly_as(name: str) -> Callable[[Function], Function]:
    """Allow the queue to call a function by a dotted path that an older version has queued (a decorator)."""

    def note(function: Function) -> Function:
        OURS[name] = function
        return function

    return note


def is_allowed(name: object) -> bool:
    """Return whether the queue may call the function with this dotted path."""
    return name in OURS or name in settings.MAINTENANCE_QUEUE_FUNCTIONS


def is_allowed_hook(name: object) -> bool:
    """Return whether the queue may call a function after a task: one of the project's."""
    return name in settings.MAINTENANCE_QUEUE_FUNCTIONS


def locate(name: object) -> Callable[..., Any]:
    """Return what a worker calls for a task with the function `name`. It raises no exception whose text quotes data."""
    if not is_allowed(name):
        return _refuse
    return _guarded(str(name))


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise FunctionNotAllowed("The queue may not call this function: name it in MAINTENANCE_QUEUE_FUNCTIONS.")


def _guarded(name: str) -> Callable[..., Any]:
    """Return a function whose exceptions say class, SQLSTATE, constraint and frames, and not their text.

    django-q2 stores and logs the text of an exception with its stack trace.
    """
    own = OURS.get(name)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return (own or import_string(name))(*args, **kwargs)
        except TimeoutException:
            raise TimeoutException from None
        except Exception as error:
            raise TaskFailed(json.dumps(record_of(error))) from None

    return functools.wraps(own)(guarded) if own else guarded


def call_hook(sender: Any, instance: Any, **_kwargs: Any) -> None:
    """Call the hook of a finished task, if the project allows it (a receiver of `post_save`, for django-q2's own)."""
    del sender
    if not instance.hook:
        return
    if not is_allowed_hook(instance.hook):
        logger.error("The hook of task %s is not called: name it in MAINTENANCE_QUEUE_FUNCTIONS.", instance.pk)
        return
    try:
        import_string(instance.hook)(instance)
    except Exception as error:
        logger.error("The hook of task %s failed: %s.", instance.pk, summary_of(error))  # noqa: TRY400
