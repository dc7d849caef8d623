"""The pattern for databases finds every type of a person, and few others."""

import re

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.columns import is_person_type
from bazaar.redaction.lexicon import persons
from bazaar.redaction.person_types import person_type_pattern


def meets_pattern(spelling):
    return bool(re.search(person_type_pattern(), spelling, re.IGNORECASE))


WORDS = sorted(
    persons.PERSON
    | persons.PEOPLE
    | persons.PERSON_ALONE
    | persons.PERSON_TYPES
    | persons.ROLE_OF_PERSON
    | persons.DETAILS
    | {"logged", "log", "in", "sign", "signed", "signin", "project", "count", "ipv4", "ids", "IDs", "ü", "7"}
)


@given(
    st.lists(
        st.sampled_from(WORDS).flatmap(lambda word: st.sampled_from([word, word.title(), word.upper()])), max_size=4
    ),
    st.sampled_from(["", "_", "-", ".", "/", ":", " ", "7"]),
    st.sampled_from(["", "_", "\n", "1", "é", "s"]),
)
def test_every_type_of_a_person_meets_the_pattern_for_databases(parts, between, behind):
    spelling = between.join(parts) + behind

    assert meets_pattern(spelling) or not is_person_type(spelling)


@given(st.text(max_size=12))
def test_whatever_is_taken_for_a_person_meets_the_pattern(text):
    assert meets_pattern(text) or not is_person_type(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "project",
        "user_count",
        "job_run",
        "deletion_request",
        "index",
        "userscript",
        "user_agent",
        "profile_picture",
    ],
)
def test_a_thing_does_not_meet_it(spelling):
    assert not meets_pattern(spelling)
