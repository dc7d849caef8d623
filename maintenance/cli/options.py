"""Options and arguments of several commands, and the parsers of a command."""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from maintenance.cli.documents import JSON_OPTION
from maintenance.cli.refusals import Refusal
from maintenance.core.cron import normalise
from maintenance.core.cron_fields import FIELDS
from maintenance.core.errors import InvalidCron

N = TypeVar("N", int, float)
Path = tuple[str, ...]
LARGEST = 2**63 - 1


def add_json_option(parser: argparse._ActionsContainer, *actions: argparse.ArgumentParser) -> None:
    """Let a command take `--json`, before and after the names of its `actions`."""
    text = "print one JSON document, and nothing else"
    parser.add_argument(JSON_OPTION, action="store_true", help=text)
    for action in actions:
        # Without a default of its own, an action keeps the option that stood before its name.
        action.add_argument(JSON_OPTION, action="store_true", default=argparse.SUPPRESS, help=text)


def parsers_of(parser: argparse.ArgumentParser, path: Path = ()) -> Iterator[tuple[Path, argparse.ArgumentParser]]:
    """Yield a command's parser and those of its actions, each with the names that lead to it."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from parsers_of(child, (*path, name))


def day(text: str) -> date:
    """Read a day (an argparse type)."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise argparse.ArgumentTypeError("a day is written as 2026-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("there is no such day.") from error


def at_least(smallest: N, parse: Callable[[str], N]) -> Callable[[str], N]:
    """Return an argparse type: a number from `smallest` to the largest that the database can store."""

    def number(text: str) -> N:
        value = parse(text)
        if not smallest <= value <= LARGEST:
            raise ValueError
        return value

    number.__name__ = f"number (at least {smallest})"
    return number


def identifier(text: str) -> int:
    """Read an id (an argparse type)."""
    if not text.isascii() or not text.isdigit() or int(text) > LARGEST:
        raise argparse.ArgumentTypeError("an id is a whole number.")
    return int(text)


def text_of_at_most(longest: int) -> Callable[[str], str]:
    """Return an argparse type: a text that the database can store."""

    def text(value: str) -> str:
        value.encode()  # raises where the argument is not UTF-8
        if len(value) > longest:
            raise ValueError
        return value

    text.__name__ = f"text (UTF-8, at most {longest} characters)"
    return text


def add_cron_argument(parser: argparse.ArgumentParser) -> None:
    """Add a cron expression. Several words are accepted, so that `expression_of` can name the mistake."""
    text = "five fields, UTC, in quotes: '30 4 * * *' is 04:30 every day"
    parser.add_argument("cron", metavar="CRON", nargs="+", help=text)


def expression_of(words: Sequence[str]) -> str:
    """Return the expression; several words are one expression without quotes, and are refused."""
    if len(words) == 1:
        return words[0]
    meant = _unquoted(words) or "30 2 * * *"
    raise Refusal.of_usage(
        "Put the cron expression in quotes, because the shell replaces each `*` by the names of files: "
        f"write '{meant}'{'' if _unquoted(words) else ', for example'}."
    )


def _unquoted(words: Sequence[str]) -> str:
    try:
        return normalise(" ".join(words)) if len(words) == len(FIELDS) else ""
    except InvalidCron:
        return ""
