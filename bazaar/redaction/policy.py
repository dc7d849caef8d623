"""The two policies for the metadata of logs that are past their year (`AUDIT_METADATA`).

- `sanitise`, the default: what is personal goes, by the cleaner's rules.
- `allow-list`: what `bazaar.audit_actions` names as harmless stays, by action, and everything else goes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from bazaar import redaction
from bazaar.redaction.documents import Unreadable, dump, parse

SANITISE = "sanitise"
ALLOW_LIST = "allow-list"
NAMES = (SANITISE, ALLOW_LIST)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a document of an action is cleaned. `keeps` tells whether it keeps anything of an action but its name."""

    name: str
    clean_json: Callable[[str, str], str | None]
    keeps: Callable[[str], bool]

    def table(self) -> str:
        """Return what the site's table of actions says, where it counts."""
        if self.name != ALLOW_LIST:
            return ""
        from bazaar.audit_actions import ACTIONS

        return repr(sorted(ACTIONS.items()))


def current() -> Policy:
    """Return the policy that the settings name; a check tells one that does not exist."""
    return POLICIES[ALLOW_LIST if settings.AUDIT_METADATA == ALLOW_LIST else SANITISE]


def _sanitise(_action: str, document: str) -> str | None:
    return redaction.clean_json(document)


def _allow(action: str, document: str) -> str | None:
    from bazaar.audit_actions import ACTIONS
    from bazaar.redaction.allow_list import keep

    if document == "{}":
        return None
    try:
        parsed = parse(document)
        kept = keep(parsed, ACTIONS.get(action, {}))
        return None if kept is parsed else dump(kept, like=document)
    except Unreadable:
        return redaction.UNREADABLE if document != redaction.UNREADABLE else None


def is_known(action: str) -> bool:
    from bazaar.audit_actions import ACTIONS

    return action in ACTIONS


POLICIES = {
    SANITISE: Policy(SANITISE, _sanitise, lambda _action: True),
    ALLOW_LIST: Policy(ALLOW_LIST, _allow, is_known),
}
