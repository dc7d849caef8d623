"""Every command that takes `--json`, what it may be called with, and the schemas of what it prints."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from maintenance.cli.job_command import JobCommand
from maintenance.cli.options import parsers_of

FOLDER = Path(settings.BASE_DIR) / "docs" / "schemas"
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
REGISTRY = Registry().with_resources((f"{name}.json", Resource.from_contents(s)) for name, s in SCHEMAS.items())
APPS = ("bazaar", "maintenance")


@dataclass(frozen=True)
class Invocation:
    """A command and the action of it that is called."""

    app: str
    path: tuple[str, ...]
    is_job: bool

    def __str__(self) -> str:
        return " ".join(self.path)

    @property
    def schema(self) -> str:
        return "job" if self.is_job else ".".join(self.path)

    def load(self) -> BaseCommand:
        return load_command_class(self.app, self.path[0])

    def validate(self, document: object) -> None:
        Draft202012Validator(SCHEMAS[self.schema], registry=REGISTRY).validate(document)


def invocations() -> list[Invocation]:
    """Return what can be called with `--json`, as the parsers have it: nothing has to be listed here."""
    ours = {name: app for name, app in get_commands().items() if app in APPS}
    return [one for name, app in sorted(ours.items()) for one in _invocations_of(app, name)]


def _invocations_of(app: str, name: str) -> Iterator[Invocation]:
    command = load_command_class(app, name)
    for path, parser in parsers_of(command.create_parser("manage.py", name)):
        if "--json" in parser._option_string_actions and not _needs_an_action(parser):
            yield Invocation(app, (name, *path), isinstance(command, JobCommand))


def _needs_an_action(parser: argparse.ArgumentParser) -> bool:
    return any(isinstance(action, argparse._SubParsersAction) and action.required for action in parser._actions)
