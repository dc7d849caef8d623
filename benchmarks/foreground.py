"""The site while maintenance works: a steady light load of typical queries, and how long each takes."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import Error

from bazaar.models import AuditLog, Upload, Upvote, User
from benchmarks.workloads.base import add_people, add_projects, execute

PER_SECOND = 50
FIRST = 1_000_000_000
"""Ids of what visitors work on begin here, apart from what the jobs find due."""
NUMBER = 1_000


def furnish() -> None:
    """Insert visitors, projects and uploads that no job finds due."""
    add_people(NUMBER, after=FIRST)
    add_projects(NUMBER, after=FIRST)
    execute(
        """
        INSERT INTO bazaar_upload (id, file, original_name, mime_type, size, created_at)
        SELECT %(first)s + n, 'visitor' || n || '.png', '', 'image/png', 1, now()
        FROM generate_series(1, %(number)s) n
        """,
        first=FIRST,
        number=NUMBER,
    )


def load(seconds: float) -> dict[str, Any]:
    """Query for some seconds; return the milliseconds that each query took, and the errors by SQLSTATE."""
    dice = random.Random(7)  # noqa: S311 - no secret
    queries = (_insert_log, _read_user, _upvote, _attach_avatar)
    for query in queries:  # connected, and planned once
        query(dice)
    taken: list[float] = []
    errors: Counter[str] = Counter()
    began = time.perf_counter()
    for number in range(int(seconds * PER_SECOND)):
        time.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        start = time.perf_counter()
        _try(queries[number % len(queries)], dice, errors)
        taken.append((time.perf_counter() - start) * 1_000)
    return {"milliseconds": taken, "errors": errors}


def _try(query: Callable[[random.Random], object], dice: random.Random, errors: Counter[str]) -> None:
    try:
        query(dice)
    except Error as error:
        errors[getattr(error.__cause__, "sqlstate", None) or type(error).__name__] += 1


def _anything(dice: random.Random) -> int:
    return FIRST + dice.randint(1, NUMBER)


def _insert_log(dice: random.Random) -> None:
    metadata = {"project": {"id": dice.randint(1, NUMBER)}}
    AuditLog.objects.create(action="project.viewed", user_id=_anything(dice), metadata=metadata)


def _read_user(dice: random.Random) -> None:
    User.objects.get(pk=_anything(dice))


def _upvote(dice: random.Random) -> None:
    Upvote.objects.get_or_create(user_id=_anything(dice), project_id=_anything(dice))


def _attach_avatar(dice: random.Random) -> None:
    upload = Upload.objects.get(pk=_anything(dice))
    User.objects.filter(pk=_anything(dice)).update(avatar=upload)
