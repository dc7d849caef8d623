"""How long something is kept: the one definition of every cutoff."""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.conf import settings

from maintenance.errors import InvalidRetention


class Retention:
    """An age limit. A row is past it when `field` is strictly older than the cutoff; exactly at the cutoff it stays.

    `setting` is the environment variable (or Django setting) that overrides the default, which is given in `days` or
    in calendar `years`: 29 February less one year is 28 February.
    """

    def __init__(self, setting: str, *, field: str = "created_at", days: int = 0, years: int = 0) -> None:
        if bool(days) == bool(years):
            raise TypeError("A retention has a default in days or in years.")
        self.setting = setting
        self.field = field
        self.unit = "days" if days else "years"
        self.default = days or years

    def __str__(self) -> str:
        limit = self.limit
        return f"{limit} {self.unit if limit != 1 else self.unit[:-1]}"

    @property
    def limit(self) -> int:
        """The limit in force, in `unit`s; raises `InvalidRetention` where it is not a whole number of at least 1."""
        value = getattr(settings, self.setting, None)
        if value is None:
            value = settings.ENVIRONMENT.str(self.setting, default=str(self.default))
        try:
            limit = int(str(value))
        except ValueError:
            raise InvalidRetention(f"{self.setting} is {value!r}, which is not a whole number.") from None
        if limit < 1:
            raise InvalidRetention(f"{self.setting} is {limit}, so that nothing would be kept at all.")
        return limit

    def cutoff(self, now: datetime) -> datetime:
        """Return the moment before which things are past the limit."""
        try:
            cutoff: datetime = now - relativedelta(**{self.unit: self.limit})
        except (ValueError, OverflowError):
            raise InvalidRetention(f"{self.setting} reaches back before the calendar begins.") from None
        return cutoff
