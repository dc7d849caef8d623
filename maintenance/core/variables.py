"""Environment variables that look like ours and are not read."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import lru_cache

PREFIXES = ("MAINTENANCE_", "Q_")
AGE_LIMIT = re.compile(r"\w+_RETENTION(_\w+)?")
OF_OTHERS = frozenset({"DJANGO_SETTINGS_MODULE", "ENV_FILE", "Q_CLUSTER_NAME"})
"""Read before the settings, or by a library."""
ALIKE = 0.8


def misspelt(names: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """Return the names that resemble known ones, each with the known name that was probably meant."""
    return dict(_misspelt(frozenset(names), frozenset(known)))


@lru_cache(1)
def _misspelt(names: frozenset[str], known: frozenset[str]) -> dict[str, str]:
    everything = {*known, *OF_OTHERS}
    found = {}
    for name in sorted(names - everything):
        if not re.fullmatch(r"\w+", name, flags=re.ASCII):
            continue
        looks_like_ours = name.upper().startswith(PREFIXES) or AGE_LIMIT.fullmatch(name.upper())
        likely = get_close_matches(name.upper(), everything, n=1, cutoff=0.0 if looks_like_ours else ALIKE)
        if likely:
            found[name] = likely[0]
    return found
