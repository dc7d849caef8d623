"""The form on the page of the age limits: what other limits would mean. The address has the assumed values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.errors import InvalidAssumption, InvalidRetention
from maintenance.core.retention import LONGEST, Retention
from maintenance.pages.formatting import for_page
from maintenance.reporting.assumptions import assumed_values
from maintenance.reporting.cached_backlog import LIMITS_WITHIN
from maintenance.reporting.what_if import JobOutlook, WhatIf, what_if
from maintenance.reporting.what_if_words import sentences_of

SETTING = re.compile(r"[A-Z0-9_]+")
"""The parameters that are settings."""


@dataclass(frozen=True)
class Field:
    """The field of one age limit; `present` is its limit in words."""

    setting: str
    present: str
    most: int
    value: str


@dataclass(frozen=True)
class JobWords:
    """A job that the values change, with the sentences about it."""

    outlook: JobOutlook
    sentences: list[str]


@dataclass(frozen=True)
class WhatIfForm:
    """The form, its answer, and the refusal of the values."""

    fields: list[Field]
    answer: WhatIf | None = None
    jobs: list[JobWords] | None = None
    problem: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether somebody has assumed something."""
        return bool(self.answer or self.problem)


def form_of(request: HttpRequest, now: datetime) -> WhatIfForm:
    """Return the form of a request, with the answer where values are assumed. Fields without a value assume nothing."""
    pairs = list(_pairs(request))
    values = dict(pairs)
    fields = [_field(limit, values.get(limit.setting, "")) for limit in registry.age_limits().values()]
    if not pairs:
        return WhatIfForm(fields)
    try:
        answer = what_if(assumed_values(pairs), now, LIMITS_WITHIN)
    except (InvalidAssumption, InvalidRetention) as error:
        return WhatIfForm(fields, problem=for_page(str(error)))
    jobs = [JobWords(job, [for_page(sentence) for sentence in sentences_of(job)]) for job in answer.jobs]
    return WhatIfForm(fields, answer, jobs)


def _pairs(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.GET.lists():
        if SETTING.fullmatch(name):
            yield from ((name, value) for value in values if value.strip())


def _field(limit: Retention, value: str) -> Field:
    try:
        present = str(limit)
    except InvalidRetention:
        present = _("cannot be used")
    return Field(limit.setting, present, LONGEST[limit.unit], value)
