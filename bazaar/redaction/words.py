"""Split a key into its words."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from django.conf import settings

from bazaar.redaction.lexicon import data, persons

_SEPARATORS = re.compile(r"[\W\d_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IP_VERSION = re.compile(r"(?i:ipv[46])(?![a-z])")
_PLURALS = re.compile(r"(?<![A-Z])(?:ID|IP|UID|UUID|GUID|PK)(?=s(?![a-z]))")
_KNOWN = (
    data.ALWAYS
    | data.LAST
    | persons.PERSON
    | persons.PEOPLE
    | persons.ROLE_OF_PERSON
    | persons.IDS
    | persons.DONE
    | persons.NAME_OF_PEOPLE
    | data.RUN_TOGETHER
    | data.PLACES
    | {word for phrase in data.PHRASES for word in phrase if word not in data.NO_PART}
)
_USER_BEHIND = re.compile(r"([a-z]{1,12})(users?)(name|id)?")
_SIGN_IN = frozenset({"sign", "signin", "signed", "log", "logged"})
_SIGNED_IN = re.compile(r"\b(?:(?:sign|log|signed|logged) in|signin)\b")
_LONGEST = 40  # letters; nobody runs more than that together, and taking a word to pieces takes time
_LONGEST_KEY = 256  # characters; what stands behind is no key


def words(key: str) -> tuple[str, ...]:
    """Split a key at separators, digits and humps, and words run together into the words that they are made of.

    `userIPAddress`, `USER-IP-ADDRESS` and `user.ip_address` are ("user", "ip", "address"), and so is `useripaddress`.
    `filename` stays one word: `file` is none of the words that matter.
    """
    if key.isalpha() and key.islower() and key.isascii():
        return _as_words(_taken_apart(key[:_LONGEST_KEY]))
    plain = "".join(c for c in unicodedata.normalize("NFKD", key[:_LONGEST_KEY]) if not unicodedata.combining(c))
    plain = _PLURALS.sub(lambda match: f"_{match[0].title()}", _IP_VERSION.sub("_ip_", plain))
    found: list[str] = []
    for part in _SEPARATORS.split(plain):
        for word in _HUMPS.split(part):
            if word:
                found.extend(_taken_apart(word.casefold()))
    return _as_words(found)


def _as_words(found: Sequence[str]) -> tuple[str, ...]:
    """Return words with `login` in place of `sign in` and its like, and `geoip` in one."""
    if _SIGN_IN.isdisjoint(found):
        return tuple(" ".join(found).replace("geo ip", "geoip").split()) if "geo" in found else tuple(found)
    return tuple(_SIGNED_IN.sub("login", " ".join(found)).split())


@cache
def own_words() -> frozenset[str]:
    """Return the site's own words for what is personal (`AUDIT_PERSONAL_WORDS`), as keys have them."""
    return frozenset(word for own in getattr(settings, "AUDIT_PERSONAL_WORDS", ()) for word in words(own))


def _taken_apart(word: str) -> Sequence[str]:
    """Split a word into known ones, the fewest that will do; a word that is known or cannot be split stays whole."""
    if word in _KNOWN or len(word) > _LONGEST:
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for start in range(len(word)):
        before = best[start]
        if before is None:
            continue
        for end in range(start + 1, len(word) + 1):
            here = best[end]
            if word[start:end] in _KNOWN and (here is None or len(before) + 1 < len(here)):
                best[end] = (*before, word[start:end])
    return best[-1] or _with_user_behind(word)


def _with_user_behind(word: str) -> Sequence[str]:
    """Split a word for a user from what is run together with it: `suser`, `enduser`, `osusername`."""
    match = _USER_BEHIND.fullmatch(word)
    return [part for part in match.groups() if part] if match else (word,)
