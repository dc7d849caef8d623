"""Erasure: what is kept about a person, and how it goes.

`bazaar/personal_data.py` says what is personal and what happens to it; this package executes that table (`erase`,
`recheck`), asks it (`verify`), and checks that it is complete (`check_inventory`).
"""

from bazaar.erasure.erase import SomebodyElse, erase, record_failure
from bazaar.erasure.evidence import Evidence
from bazaar.erasure.execute import Changes
from bazaar.erasure.inventory import FieldPolicy, collect
from bazaar.erasure.leftovers import SomethingIsLeft
from bazaar.erasure.recheck import recheck
from bazaar.erasure.scope import CHUNK, Mode, Scope, Searched
from bazaar.erasure.verify import Finding, Verification, examine, verify

__all__ = [
    "CHUNK",
    "Changes",
    "Evidence",
    "FieldPolicy",
    "Finding",
    "Mode",
    "Scope",
    "Searched",
    "SomebodyElse",
    "SomethingIsLeft",
    "Verification",
    "collect",
    "erase",
    "examine",
    "recheck",
    "record_failure",
    "verify",
]
