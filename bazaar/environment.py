"""Read the settings from environment variables, by one rule for all of them.

A blank variable is one that is not set. A value that cannot be used is told in one sentence, which names the variable
and says what it may be; it never quotes the value, which can be a secret. All faults are told together.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.validators import validate_email

T = TypeVar("T")

TRUE = ("on", "true", "yes", "y", "ok", "1")
FALSE = ("off", "false", "no", "n", "0")
LEVELS = ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")
"""Of the log; the first is the default."""


class Environment:
    """Variables by name, the names that were asked for, and what is wrong with the values."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.names: set[str] = set()
        self._variables = variables
        self._faults: dict[str, str] = {}

    def read(self, name: str, parse: Callable[[str], T], default: T, may_be: str) -> T:
        """Return what `parse` makes of a variable; a value that it cannot read is a fault, and the default is returned.

        `may_be` completes the sentence "It may be ...".
        """
        parsed = self._read(name, parse, lambda: default, may_be)
        return default if parsed is None else parsed

    def service(
        self, name: str, parse: Callable[[str], dict[str, Any]], default: Callable[[], dict[str, Any]], may_be: str
    ) -> dict[str, Any]:
        """Return what `parse` makes of the address of a service; `default` is called only where none is set."""
        return self._read(name, parse, default, may_be) or {}

    def _read(self, name: str, parse: Callable[[str], T], default: Callable[[], T], may_be: str) -> T | None:
        self.names.add(name)
        value = self._variables.get(name, "").strip()
        try:
            return parse(printable(value)) if value else default()
        except Exception:  # a library's parser may raise any error
            self.refuse(name, may_be)
            return None

    def refuse(self, name: str, may_be: str) -> None:
        """Note that the value of a variable cannot be used."""
        self._faults.setdefault(name, f"{name} cannot be used: it may be {may_be}.")

    def require(self, name: str, sentence: str) -> str:
        """Return the text of a variable that has no default; `sentence` is told where it is not set."""
        text = self.text(name, "", "text without control characters")
        if not text:
            self._faults.setdefault(name, sentence)
        return text

    def raise_faults(self) -> None:
        """Raise `ImproperlyConfigured` with a line for each fault, if there are any."""
        if self._faults:
            raise ImproperlyConfigured("\n".join(self._faults.values()))

    def text(self, name: str, default: str, may_be: str, parse: Callable[[str], str] = str) -> str:
        return self.read(name, parse, default, may_be)

    def boolean(self, name: str, *, default: bool) -> bool:
        return self.read(name, boolean, default, f"on or off (default {'on' if default else 'off'})")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`, in any case; the first one is the default."""
        known = {choice.lower(): choice for choice in choices}
        may_be = f"{', '.join(choices[:-1])} or {choices[-1]} (default {choices[0]})"
        return self.read(name, lambda text: known[text.lower()], choices[0], may_be)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        may_be = f"a number from {least:g} to {most:g} (default {default:g})"
        return self.read(name, lambda text: within(float(plain(text)), least, most), default, may_be)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        may_be = f"a whole number from {least} to {most} (default {default})"
        return self.read(name, lambda text: within(int(plain(text)), least, most), default, may_be)

    def items(self, name: str, pattern: str, may_be: str) -> list[str]:
        """Return the parts of a list that commas separate; each matches `pattern`."""

        def parse(text: str) -> list[str]:
            found = [item.strip() for item in text.split(",") if item.strip()]
            return [matching(item, pattern) for item in found]

        return self.read(name, parse, [], may_be)

    def limits(self) -> dict[str, str]:
        """Return the age limits that are set: names that end in `_DAYS` or `_YEARS`. The jobs say what they may be."""
        names = [name for name in self._variables if re.fullmatch(r"[A-Z][A-Z_]*_(DAYS|YEARS)", name)]
        return {name: text for name in names if (text := self._variables[name].strip())}


def printable(text: str) -> str:
    """Return `text`; raises `ValueError` for control characters and for bytes that are no text."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError
    return text


def plain(text: str) -> str:
    """Return the text of a number; raises `ValueError` for what only Python takes for one, such as `1_000`."""
    if "_" in text or not text.isascii():
        raise ValueError
    return text


def within(value: T, least: T, most: T) -> T:
    if not least <= value <= most:  # type: ignore[operator] # numbers; NaN is within nothing
        raise ValueError
    return value


def matching(text: str, pattern: str) -> str:
    if not re.fullmatch(pattern, text, flags=re.IGNORECASE):
        raise ValueError
    return text


def boolean(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError
    return text.lower() in TRUE


def sender(text: str) -> str:
    """Return the sender of mails: an address, or a name and an address in angle brackets."""
    address = re.fullmatch(r"(?:[^<>]*<)?([^<>]+)>?", text)
    validate_email(address[1] if address else "")
    return text
