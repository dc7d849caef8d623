"""Whose data an erasure is about, and how it is done."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from bazaar.erasure.address_pattern import AddressPattern

CHUNK = 5_000
"""Rows that one statement deletes, or that are in memory at a time."""


class Mode(StrEnum):
    """What becomes of a person's contributions."""

    ANONYMISE = "anonymise"
    DELETE = "delete"


@dataclass(frozen=True)
class Scope:
    """The subjects of an erasure, the addresses they are known by, and what is done to them.

    `since` restricts the search of everybody's texts to rows made at that time or later, because what is older has
    been searched already; `None` searches all.
    """

    ids: tuple[int, ...]
    mode: Mode
    now: datetime
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    since: datetime | None = None
    chunk: int = CHUNK

    @cached_property
    def pattern(self) -> AddressPattern | None:
        """How the subjects' addresses look in a text; `None` where no address is known."""
        return AddressPattern(self.addresses) if self.addresses else None
