"""Retention: the only definition of cutoffs."""

import re
from datetime import datetime

from dateutil.relativedelta import relativedelta

from maintenance.conf import limit_of
from maintenance.core.counting import counted
from maintenance.core.errors import InvalidRetention

LONGEST = {"days": 36_525, "years": 100}


class Retention:
    """An age limit. A row is past it when `field` is strictly older than the cutoff; exactly at the cutoff it stays.

    `setting` is the Django setting that overrides the default, which is given in `days` or in calendar `years`: 29
    February less one year is 28 February. Its name ends in the unit.
    """

    def __init__(self, setting: str, *, field: str = "created_at", days: int = 0, years: int = 0) -> None:
        if bool(days) == bool(years):
            raise TypeError("A retention has a default in days or in years.")
        self.setting = setting
        self.field = field
        self.unit = "days" if days else "years"
        self.default = days or years
        if not setting.endswith(f"_{self.unit.upper()}"):
            raise TypeError(f"The name of the setting {setting} does not end in _{self.unit.upper()}.")

    def __str__(self) -> str:
        return counted(self.limit, (self.unit.removesuffix("s"), self.unit))

    @property
    def may_be(self) -> str:
        """The valid values of the setting, in words."""
        return f"a whole number of {self.unit} from 1 to {LONGEST[self.unit]} (default {self.default})"

    @property
    def limit(self) -> int:
        """The limit in force, in `unit`s; raises `InvalidRetention` where it is not a whole number in range."""
        value = limit_of(self.setting)
        if value is None:
            return self.default
        if re.fullmatch(r"[0-9]{1,9}", str(value).strip()) and 1 <= int(value) <= LONGEST[self.unit]:
            return int(value)
        raise InvalidRetention(f"{self.setting} cannot be used: it may be {self.may_be}.")

    def cutoff(self, now: datetime) -> datetime:
        """Return the cutoff at `now`: older rows are past the limit. Raises `InvalidRetention`."""
        cutoff: datetime = now - relativedelta(**{self.unit: self.limit})
        return cutoff
