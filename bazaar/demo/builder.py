"""What all parts of the demonstration community share: the dice, the clock, and the way into the database."""

import random
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TypeVar

from dateutil.relativedelta import relativedelta
from django.db.models import Model
from django.utils.text import slugify
from faker import Faker

from bazaar.models import Collaborator, Project, Role, User, UserFormerEmail

CHUNK = 1_000
"""Rows of one `bulk_create`; rows from a generator are never all in memory."""

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Bazaar/3.4.1 (Android 15; Pixel 8)",
    "Bazaar/3.4.0 (iOS 18.5; iPhone15,2)",
)
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""The address ranges that RFC 5737 keeps for documentation; nobody's machine has one of them."""

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Team:
    """A project and those who work on it, creators first."""

    project: Project
    members: Sequence[Collaborator]

    @property
    def creator(self) -> User:
        return self.members[0].user

    def present(self, when: datetime) -> list[User]:
        """Those who worked on it by then; the creator at least."""
        return [member.user for member in self.members if member.created_at <= when] or [self.creator]

    @property
    def has_one_creator(self) -> bool:
        return sum(member.role == Role.CREATOR for member in self.members) == 1


class Builder:
    """One community in the making. The same seed, scale and time make the same one."""

    def __init__(self, *, seed: int, scale: float, now: datetime) -> None:
        if scale <= 0:
            raise ValueError(f"The scale of a community is {scale}: give a number above 0.")
        self.scale = scale
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 - dice, not secrets # nosec B311
        self.faker = Faker("en_GB")
        self.faker.seed_instance(seed)
        self.counts: Counter[str] = Counter()
        self.files: list[str] = []
        self.users: list[User] = []
        self.former: list[UserFormerEmail] = []
        self.teams: list[Team] = []
        self._taken: set[str] = set()

    # The database

    def add(self, model: type[M], rows: Iterable[M]) -> None:
        """Insert rows in chunks. Their ids are set in place, for those who keep the rows."""
        remaining = iter(rows)
        while chunk := list(islice(remaining, CHUNK)):
            model._default_manager.bulk_create(chunk)
            self.counts[str(model._meta.verbose_name)] += len(chunk)

    def size(self, at_scale_one: int, least: int = 1) -> int:
        """How many of a thing there are at this scale; never none."""
        return max(least, round(at_scale_one * self.scale))

    # Dice

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def sample(self, population: Sequence[T], size: int) -> list[T]:
        return self.random.sample(population, min(size, len(population)))

    def token(self) -> str:
        """A string like a SHA-256 hash. It is the hash of nothing, so that no seed opens a door."""
        return f"{self.random.getrandbits(256):064x}"

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def ip(self) -> str:
        if self.chance(0.2):
            return f"2001:db8:{self.random.randrange(1, 0x10000):x}::{self.random.randrange(1, 0x10000):x}"
        return f"{self.random.choice(NETWORKS)}.{self.random.randrange(1, 255)}"

    def user_agent(self) -> str:
        return self.random.choice(USER_AGENTS)

    # Time

    def days_ago(self, least: float, most: float) -> datetime:
        return self.now - timedelta(days=self.random.uniform(least, most))

    def years_ago(self, years: int) -> datetime:
        ago: datetime = self.now - relativedelta(years=years)
        return ago

    def between(self, start: datetime, end: datetime) -> datetime:
        return start + (end - start) * self.random.random()

    def since(self, start: datetime) -> datetime:
        return self.between(start, self.now)

    # People, their projects and ideas

    def address(self, *parts: str, domain: str = "example.org") -> str:
        """An e-mail address that nobody here has had before: a shared one would be erased with the wrong person."""
        local = ".".join(slugify(part) for part in parts)
        candidates = (f"{local}{number if number > 1 else ''}@{domain}" for number in count(1))
        address = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(address)
        return address

    def stranger(self) -> str:
        """The address of somebody who is no member."""
        return self.address(self.faker.first_name(), self.faker.last_name(), domain="mail.example.org")

    def member(self, when: datetime) -> User:
        """Somebody who had joined by then and, if that is soon found, had not gone quiet yet."""
        joined = max(1, bisect_right(self.users, when, key=lambda user: user.created_at))
        for _attempt in range(4):
            user = self.users[self.random.randrange(joined)]
            if user.last_login is None or user.last_login >= when:
                break
        return user

    def team(self, when: datetime) -> Team:
        """A team whose project had begun by then; the first one where there was none."""
        begun = max(1, bisect_right(self.teams, when, key=lambda team: team.project.created_at))
        return self.teams[self.random.randrange(begun)]
