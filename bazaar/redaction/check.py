"""System checks of the policy for audit metadata."""

import ast
from collections.abc import Iterator
from mimetypes import MimeTypes
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning, register

from bazaar.bootstrap import BASE_DIR
from bazaar.redaction import policy

_LONGEST = 100
_KNOWN_TYPES = MimeTypes()
"""Ends of the names of files, without what the machine adds."""


@register("maintenance")
def check_policy(**_kwargs: Any) -> list[CheckMessage]:
    """AUDIT_METADATA is one of the policies, and the allow-list knows every action that the program writes."""
    if settings.AUDIT_METADATA not in policy.NAMES:
        return [
            Error(
                f"AUDIT_METADATA is {settings.AUDIT_METADATA!r}, which is no policy.",
                hint=f"Set it to one of: {', '.join(policy.NAMES)} (default {policy.SANITISE}).",
                id="bazaar.E020",
            )
        ]
    if settings.AUDIT_METADATA != policy.ALLOW_LIST:
        return []
    unknown = sorted(action for action in written_actions() if not policy.is_known(action))
    if not unknown:
        return []
    return [
        CheckWarning(
            f"The allow-list does not know these actions, so that their logs keep no metadata: {', '.join(unknown)}.",
            hint="Add them to bazaar/audit_actions.py, with the keys that are harmless.",
            id="bazaar.W020",
        )
    ]


def written_actions() -> set[str]:
    """Return the actions of the audit logs that the project's own apps write, as their sources name them."""
    root = BASE_DIR
    folders = [Path(config.path) for config in apps.get_app_configs()]
    own = [folder for folder in folders if folder.is_relative_to(root) and "site-packages" not in folder.parts]
    models = {model._meta.label_lower for model in apps.get_models()}
    return {action for folder in own for path in folder.rglob("*.py") for action in _actions_in(path)} - models


def _actions_in(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if "AuditLog" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            yield from filter(_is_action, (text for value in values for text in _texts(value)))
        elif isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == "ACTION" for to in node.targets
        ):
            yield from _texts(node.value)


def _texts(node: ast.expr) -> list[str]:
    """Return the texts that an expression can be: a constant, or the alternatives of a condition."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _is_action(text: str) -> bool:
    """Tell whether a text has the form of an action, `thing.done`, and is no name of a file."""
    thing, dot, done = text.partition(".")
    if not dot or len(text) > _LONGEST or f".{done}" in _KNOWN_TYPES.types_map[True]:
        return False
    return thing.islower() and done.replace("_", "").isalpha() and done.islower()
