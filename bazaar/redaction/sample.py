"""Tell, without any value, which keys the metadata of audit logs has, and what either policy does to them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import TextField
from django.db.models.functions import Cast

from bazaar.models import AuditLog
from bazaar.redaction import policy
from bazaar.redaction.allow_list import is_key
from bazaar.redaction.documents import Json, Unreadable, parse

Leaves = dict[str, list[str]]
"""For each path its values, as text."""


@dataclass
class Seen:
    """A key of the metadata of an action: in how many values it was seen, and how many of them each policy changes."""

    count: int = 0
    touched: Counter[str] = field(default_factory=Counter)


def sample(limit: int) -> dict[tuple[str, str], Seen]:
    """Return what stands in the metadata of the newest `limit` logs, by action and path. Reads only."""
    found: dict[tuple[str, str], Seen] = {}
    logs = AuditLog.objects.order_by("-pk").annotate(document=Cast("metadata", TextField()))
    for action, document in islice(logs.values_list("action", "document")[:limit].iterator(), limit):
        before = _leaves(document)
        for path, values in before.items():
            found.setdefault((action, path), Seen()).count += len(values)
        for how in policy.POLICIES.values():
            cleaned = how.clean_json(action, document)
            after = before if cleaned is None else _leaves(cleaned)
            for path, values in before.items():
                gone = Counter(values) - Counter(after.get(path, []))
                found[action, path].touched[how.name] += gone.total()
    return dict(sorted(found.items()))


def _leaves(document: str) -> Leaves:
    try:
        tree = parse(document)
    except Unreadable:
        return {"(unreadable)": [document]}
    leaves: Leaves = {}
    for path, value in _walk(tree):
        leaves.setdefault(path, []).append(value)
    return leaves


def _walk(tree: Json) -> Iterator[tuple[str, str]]:
    """Yield the paths of a document, with their values. A key that may be a datum itself is a star."""
    todo: list[tuple[str, Json]] = [("", tree)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict) and value:
            todo += [(f"{path}.{key if is_key(key) else '*'}".lstrip("."), item) for key, item in value.items()]
        elif isinstance(value, list) and value:
            todo += [(f"{path}[]", item) for item in value]
        elif path:
            yield path, repr(value)
