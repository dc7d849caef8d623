"""Erasure: what is kept about a person, and how it goes.

`bazaar/personal_data.py` says what is personal and what happens to it; this package executes that table
(`erase`, `look_again`, `sweep_mentions`), asks it (`verify`), and checks that it is complete (`check_inventory`).
"""

from bazaar.erasure.again import RECENT, look_again, sweep_mentions
from bazaar.erasure.erase import SomebodyElse, addresses_of, erase, record_failure
from bazaar.erasure.evidence import Evidence
from bazaar.erasure.execute import Tally
from bazaar.erasure.files import Unlinked, condemned, unlink
from bazaar.erasure.inventory import Line, collect
from bazaar.erasure.scope import CHUNK, Mode
from bazaar.erasure.verify import Finding, verify

__all__ = [
    "CHUNK",
    "RECENT",
    "Evidence",
    "Finding",
    "Line",
    "Mode",
    "SomebodyElse",
    "Tally",
    "Unlinked",
    "addresses_of",
    "collect",
    "condemned",
    "erase",
    "look_again",
    "record_failure",
    "sweep_mentions",
    "unlink",
    "verify",
]
