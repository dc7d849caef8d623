"""Clean the metadata of an audit log of what is personal.

- A personal key goes with its value, at every depth (`keys`, by the lists in `lexicon`); who somebody is, is told by
  grammar.
- Where an object, a pair or a table names a personal datum, its values go (`shapes`).
- Texts that are documents themselves are cleaned by the same rules (`embedded`).
- An address, a telephone number and the like in a text become `[removed]` (`texts`); a key with an address becomes
  `[removed-n]`.
- Under a key for a person (`actor`, `members`) texts and ids go; an object stays, without what identifies the person.

Everything else stays as it is, numbers to the digit. Cleaning what is clean changes nothing, which the caller can tell
by `is`. `docs/redaction.md` says what is recognised, and what is not.
"""

from collections.abc import Collection

from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.cleaner import Cleaner
from bazaar.redaction.documents import Json, Unreadable, dump, parse
from bazaar.redaction.fast_path import is_clean
from bazaar.redaction.keys import is_personal_key

__all__ = ["REMOVED", "UNREADABLE", "VERSION", "AddressSet", "Json", "clean", "clean_json", "is_personal_key"]

VERSION: int = 5
"""Version of the cleaner. Raise it with every change of what is personal that is not one of words or settings."""

UNREADABLE = '{"unreadable": true}'
"""What is left of a document that cannot be read."""


def clean(metadata: Json, *, addresses: Collection[str] = ()) -> Json:
    """Return `metadata` without what is personal: a copy, or the very same object if there is nothing.

    `addresses` are e-mail addresses of data subjects, removed in whatever dress they stand. The argument is never
    changed. Depth is no limit: no recursion.
    """
    return Cleaner(AddressSet(addresses) if addresses else None).clean(metadata)


def clean_json(document: str) -> str | None:
    """Return the JSON text of a document without what is personal, or `None` where it holds nothing of it.

    Of a document that cannot be read nothing stays but a mark (`UNREADABLE`).
    """
    if is_clean(document):
        return None
    try:
        parsed = parse(document)
        cleaned = clean(parsed)
        return None if cleaned is parsed else dump(cleaned, like=document)
    except Unreadable:
        return UNREADABLE
