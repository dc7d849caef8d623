"""Find the ids of persons in paths: `/users/4711/orders`, and who a home directory belongs to."""

import re
from collections.abc import Iterator

from bazaar.redaction.addresses import REMOVED, Mention
from bazaar.redaction.lexicon.persons import PEOPLE, PERSON

_STEP = re.compile(r"/(?P<whose>[A-Za-z][A-Za-z_.-]{2,40})(?=/(?P<id>[\w.:|~-]{1,128}))")
_WORD_AND_NUMBER = re.compile(r"[A-Za-z]{3,}[_-]?\d|v\d+(?:\.\d+)*|\d{4}-\d\d-\d\d|[A-Za-z]+\.\w+")
_HOME = re.compile(
    r"(?<![\w.])/home/(?P<home>[a-z_][\w.-]{0,31})/(?=[^\s\"']{0,200}\.\w)"
    r"|(?<![\w.])/Users/(?P<mac>[A-Za-z_][\w.-]{0,31})(?=/|\Z|[\s\"'])"
    r"|[A-Za-z]:\\{1,2}Users\\{1,2}(?P<win>[^\\/:*?\"<>|\n]{1,40})(?=\\|\Z|[\"'])"
)
_NOBODY = frozenset(
    {"public", "shared", "default", "runner", "ubuntu", "app", "node", "root", "circleci", "vsts", "user"}
)
_PERSONS = PERSON | PEOPLE | {"profile", "profiles", "contact", "contacts", "session", "sessions"}
_LAST_WORD = re.compile(r"[_.-]|(?<=[a-z])(?=[A-Z])")


def may_hold_person(text: str) -> bool:
    """Tell whether the id of a person may stand in a path; a no is certain."""
    if "/" in text:
        for whose, found in _STEP.findall(text):
            if _is_persons(whose, found):
                return True
    return ("/home/" in text or "Users" in text) and _HOME.search(text) is not None


def find_in_paths(text: str) -> Iterator[Mention]:
    """Yield the ids of persons in the paths of a text, and the names of home directories."""
    for step in _STEP.finditer(text):
        if _is_persons(*step.groups()):
            yield Mention(*step.span("id"), "path")
    for home in _HOME.finditer(text) if "/home/" in text or "Users" in text else ():
        group = home.lastgroup or ""
        if home[group] != REMOVED and home[group].casefold() not in _NOBODY:
            yield Mention(*home.span(group), "home")


def _is_persons(whose: str, found: str) -> bool:
    """Tell whether a step of a path is the id of one of those that the step before names."""
    if whose not in _PERSONS and ((whose.islower() and whose.isalpha()) or not _means_persons(whose)):
        return False
    return any(map(str.isdigit, found)) and not _WORD_AND_NUMBER.fullmatch(found)


def _means_persons(step: str) -> bool:
    return step.lower() in _PERSONS or _LAST_WORD.split(step)[-1].lower() in _PERSONS
