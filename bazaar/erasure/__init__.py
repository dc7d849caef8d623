"""Erasure: what is kept about a person, and how it goes.

`bazaar/personal_data.py` says what is personal and what happens to it; this package executes that table
(`erase`, `recheck`, `sweep_mentions`), asks it (`verify`), and checks that it is complete (`check_inventory`).
"""

from bazaar.erasure.erase import SomebodyElse, addresses_of, erase, record_failure
from bazaar.erasure.evidence import Evidence
from bazaar.erasure.execute import Changes
from bazaar.erasure.inventory import FieldPolicy, collect
from bazaar.erasure.recheck import RECENT, recheck, sweep_mentions
from bazaar.erasure.scope import CHUNK, Mode
from bazaar.erasure.verify import Finding, verify

__all__ = [
    "CHUNK",
    "RECENT",
    "Changes",
    "Evidence",
    "FieldPolicy",
    "Finding",
    "Mode",
    "SomebodyElse",
    "addresses_of",
    "collect",
    "erase",
    "recheck",
    "record_failure",
    "sweep_mentions",
    "verify",
]
