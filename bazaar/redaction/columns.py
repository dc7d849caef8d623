"""What is personal in the columns beside the metadata of an audit log: the action, and what it was done to."""

from functools import lru_cache

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import find_addresses, without
from bazaar.redaction.lexicon.persons import PERSON_TYPES
from bazaar.redaction.texts import may_hold_address
from bazaar.redaction.words import words


@lru_cache(maxsize=1024)
def is_person_type(resource_type: str) -> bool:
    """Tell whether a resource of this type is a person, in any spelling: `users`, `bazaar.User`, `USER`, `profile`."""
    model = resource_type.replace("/", ".").replace(":", ".").rpartition(".")[2]
    parts = words(model)
    return bool(parts) and (bool(k.facts_of(model) & (f.PERSON | f.PEOPLE)) or parts[-1] in PERSON_TYPES)


def clean_column(text: str) -> str:
    """Return the text of a column without addresses; the same object where there is none."""
    if text.isalnum():
        return text
    return without(text, find_addresses(text)) if may_hold_address(text) else text


@lru_cache(maxsize=1024)
def clean_action(action: str) -> str:
    """Return an action without addresses. There are few actions, so that each is looked at once."""
    return clean_column(action)
