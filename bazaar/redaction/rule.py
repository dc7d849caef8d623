"""The rule by which logs are examined, as one number that changes with whatever changes what the cleaner removes.

A rule is the version of the cleaner, its words, the policy (`AUDIT_METADATA`), the site's own words
(`AUDIT_PERSONAL_WORDS`), and with the allow-list its table. Each gets a number when it examines logs first. The index
of audit logs finds the logs of every other rule, so that they are examined again.
"""

import hashlib
import json
from functools import cache

from django.db.models import Max

from bazaar import redaction
from bazaar.redaction import policy
from bazaar.redaction.lexicon import data, persons, structures, texts
from bazaar.redaction.models import CleaningRule
from bazaar.redaction.words import own_words

_EARLIER = (0, 1, 2)
_EARLIER_ALLOW_LISTS = (1000, 1001, 1002)
"""Numbers that were given before there was a table of rules: 0 is of logs that nobody examined."""

_FIRST_VERSION = 3
_NUMBERS = range(10, 100)
"""The last two digits of a number; those before are the version of the cleaner."""


def number(using: str | None = None) -> int:
    """Return the number of the present rule, which gets one if it has none."""
    rules = CleaningRule.objects.using(using)
    while True:
        found = rules.filter(digest=digest()).values_list("pk", flat=True).first()
        if found is not None:
            return found
        numbers = _numbers(redaction.VERSION)
        last = rules.filter(pk__in=numbers).aggregate(last=Max("pk"))["last"] or numbers[0] - 1
        # Where another process takes the number first, the next one is tried.
        rules.bulk_create([CleaningRule(pk=last + 1, digest=digest())], ignore_conflicts=True)


def others() -> list[int]:
    """Return the numbers of all other rules: logs with one of them are to be examined.

    They are read at once. From a subquery PostgreSQL would not see how few logs have them, and read all of the table.
    """
    rules = CleaningRule.objects.exclude(digest=digest()).order_by("pk")
    return [*_EARLIER, *_EARLIER_ALLOW_LISTS, *rules.values_list("pk", flat=True)]


def numbers_of_earlier_versions() -> tuple[int, ...]:
    """Return the numbers of the rules of earlier cleaners, which may have missed an address. No allow-list does."""
    return (
        *_EARLIER,
        *(number for version in range(_FIRST_VERSION, redaction.VERSION) for number in _numbers(version)),
    )


def _numbers(version: int) -> range:
    return range(100 * version + _NUMBERS.start, 100 * version + _NUMBERS.stop)


def digest() -> str:
    """Return a digest of the present rule."""
    how = policy.current()
    return _digest(redaction.VERSION, how.name, how.table(), tuple(sorted(own_words())))


@cache
def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps([*parts, _lexicon()]).encode()).hexdigest()


def _lexicon() -> list[tuple[str, list[str]]]:
    """Return the cleaner's words. The lists of one module may not have the names of another's."""
    lists = {**vars(data), **vars(persons), **vars(structures), **vars(texts)}
    return [(name, sorted(map(str, listed))) for name, listed in sorted(lists.items()) if name.isupper()]
