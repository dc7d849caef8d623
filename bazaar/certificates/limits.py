"""Age limits in words, by the names of their settings."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.errors import InvalidRetention
from maintenance.core.retention import Retention

DAYS_OF_A_YEAR = 365


def limits_in_words(settings: Iterable[str]) -> str:
    """Return how long at most something is kept; empty where it has no limit."""
    texts = [str(limit) for limit in _limits(settings)]
    return _("kept for at most %(limits)s") % {"limits": ", ".join(dict.fromkeys(texts))} if texts else ""


def longest_limit(settings: Iterable[str]) -> str:
    """Return the longest of some limits; empty where there is none."""
    limits = _limits(settings)
    return str(max(limits, key=_days)) if limits else ""


def _limits(settings: Iterable[str]) -> list[Retention]:
    known = {retention.setting: retention for job in registry.all_jobs() for retention in job.retentions}
    return [known[name] for name in settings if name in known and _is_valid(known[name])]


def _is_valid(limit: Retention) -> bool:
    try:
        return limit.limit > 0
    except InvalidRetention:  # a check of its own reports it
        return False


def _days(limit: Retention) -> int:
    return limit.limit * (DAYS_OF_A_YEAR if limit.unit == "years" else 1)
