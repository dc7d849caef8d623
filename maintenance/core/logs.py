"""Log records with level, time, scope, job, run_id and msg, in two formats: text and JSON.

The records of a run also have fields, which only the JSON format shows. The text format is one line per record: control
characters, which could forge a line, are escaped.

`errors.record_of` renders an exception in a record, because its text can quote personal data.
"""

import json
import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, TypeAlias

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from maintenance.core.errors import record_of
from maintenance.core.escaping import printable

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class RunLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose records have a job, a run and the fields given as `extra`."""

    def __init__(self, name: str, *, job: str, run_id: int | None = None) -> None:
        super().__init__(logging.getLogger(name), {"job": job, "run_id": run_id})

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        fields = kwargs.get("extra", {})
        return msg, {**kwargs, "extra": {**fields, **(self.extra or {}), "run_fields": fields}}


_failed: set[str] = set()
"""The classes of handlers that have raised an exception in this process."""


@contextmanager
def unfailing_handlers() -> Iterator[None]:
    """Let a run go on where a handler of the log raises; `has_failed` tells it afterwards."""
    loggers = [logging.root, *(each for each in logging.root.manager.loggerDict.values())]
    handlers = {handler for each in loggers if isinstance(each, logging.Logger) for handler in each.handlers}
    guarded = [handler for handler in handlers if "handle" not in vars(handler)]
    for handler in guarded:
        handler.handle = partial(_handle, handler, handler.handle)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for handler in guarded:
            del handler.handle


def _handle(handler: logging.Handler, handle: Callable[[logging.LogRecord], bool], record: logging.LogRecord) -> bool:
    try:
        return handle(record)
    except Exception:
        _failed.add(type(handler).__name__)
        return False


def has_failed() -> bool:
    """Return whether a handler of the log has raised in this process."""
    return bool(_failed)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _exception(exc_info: ExcInfo) -> str:
    return json.dumps(record_of(exc_info[1])) if exc_info[1] else ""


class ConsoleFormatter(logging.Formatter):
    """`2026-01-31T04:30:00.000+00:00 INFO cleanup-invitations#12 Deleted 3 invitations.`"""

    def format(self, record: logging.LogRecord) -> str:
        job, run_id = getattr(record, "job", None), getattr(record, "run_id", None)
        scope = record.name if job is None else job if run_id is None else f"{job}#{run_id}"
        line = f"{_time(record)} {record.levelname} {scope} {record.getMessage()}"
        return printable(f"{line} {_exception(record.exc_info)}" if record.exc_info else line)


class JsonFormatter(BaseJsonFormatter):
    """One JSON object a line."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, _message_dict: dict[str, Any]) -> None:
        log_data |= {
            "level": record.levelname,
            "time": _time(record),
            "scope": record.name,
            "job": getattr(record, "job", None),
            "run_id": getattr(record, "run_id", None),
            "msg": record.getMessage(),
            **getattr(record, "run_fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            log_data |= record_of(record.exc_info[1])
