"""Numbers with what they count, in the singular and in the plural."""

from collections.abc import Mapping

Noun = tuple[str, str]
"""A noun in the singular and in the plural."""
BYTES = ("byte", "bytes")


def counted(number: int, noun: Noun) -> str:
    """Return a number with its noun: `1 job`, `2,000 jobs`."""
    return f"{number:,} {named(number, noun)}"


def named(number: int, noun: Noun) -> str:
    """Return the form of a noun, or of a verb, that goes with a number."""
    return noun[0] if number == 1 else noun[1]


def among(counts: Mapping[str, int], nouns: Mapping[str, Noun]) -> str:
    """Return the sentence on the parts of a count: `Among them: 1 login attempt, 3 sessions.`; empty without any."""
    parts = [counted(counts[kind], noun) for kind, noun in nouns.items() if counts.get(kind)]
    return f"Among them: {', '.join(parts)}." if parts else ""
