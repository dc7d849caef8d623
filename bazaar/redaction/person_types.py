"""Types of resources that are persons, for databases: they cannot split a type into its words."""

from functools import cache

from bazaar.redaction.lexicon import persons


@cache
def person_type_pattern() -> str:
    """Return a regular expression, in any case of letters, that few types meet beside those of persons.

    Every type for which `columns.is_person_type` is true meets it. What has other letters than ASCII does, too.
    """
    last = persons.PERSON | persons.PEOPLE | persons.PERSON_ALONE | persons.PERSON_TYPES
    last |= persons.DETAILS & persons.REFERENCES
    return rf"({'|'.join(sorted(last))}|(log|logged|sign|signed)[^a-z]*in)[^a-z]*$|[^ -~]"
