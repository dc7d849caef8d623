"""Whole documents: what is personal goes, everything else stays as it is, and cleaning twice is cleaning once."""

import copy
import json
import re

import pytest
from hypothesis import example, given, strategies as st

from bazaar.redaction import VERSION, clean
from bazaar.redaction.fast_path import is_clean
from bazaar.redaction.lexicon import data, persons, structures


@pytest.mark.parametrize("root", [None, True, 0, 1.5, "x", [], {}, [[]], [1, "a", None], {"a": [{}]}])
def test_any_root_will_do(root):
    assert clean(root) is root


def test_lists_are_cleaned():
    assert clean(["192.0.2.1", {"email": 1}, [["ann@example.org"]]]) == ["[removed]", {}, [["[removed]"]]]


def test_depth_is_no_limit():
    document = innermost = {}
    for _ in range(20_000):
        innermost["a"] = [{}]
        innermost = innermost["a"][0]
    assert clean(document) is document
    innermost["email"] = "x"
    innermost["kept"] = 1

    cleaned = clean(document)
    while "a" in cleaned:
        cleaned = cleaned["a"][0]

    assert cleaned == {"kept": 1}
    assert innermost == {"email": "x", "kept": 1}


def test_long_texts_take_little_time():
    for text in ("a" * 200_000 + "@", "@" * 100_000, "1." * 100_000, "a:" * 100_000, "%40" * 60_000, "a@b." * 50_000):
        clean(text)


def test_the_version_is_stored_as_a_positive_small_number():
    assert 0 < VERSION < 32_768


# Documents of harmless parts with personal parts planted in them: pairs of the dirty one and what must be left of it.

PLAIN_KEYS = st.sampled_from(["plan", "filename", "project_name", "rename_count", "a", "b", "items", "hostname", "x-y"])
PLAIN_TEXTS = st.sampled_from(["", "pro", "12:30:45", "v1.2.3.4", "std::map", "Chrome/120.0.0.0", "a b", "é"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PLAIN_TEXTS
PERSONAL_KEYS = st.sampled_from(["email", "userPhone", "LAST-NAME", "ip_address", "actorId", "invitedBy", "IPAddress"])
PERSONAL_TEXTS = st.sampled_from(["ann@example.org", "BEN@EXAMPLE.ORG", "192.0.2.77", "2001:db8::77", "[2001:db8::77]"])
AROUND = st.sampled_from(["", "by ", "(", "a, "]), st.sampled_from(["", " b", ")", ", c"])
TRACE = re.compile(r"@example\.org|192\.0\.2\.|2001:db8|secret", re.IGNORECASE)


@st.composite
def dirty_text(draw):
    before, after, text = draw(AROUND[0]), draw(AROUND[1]), draw(PERSONAL_TEXTS)
    return f"{before}{text}{after}", f"{before}[removed]{after}"


def planted(parts):
    """Extend pairs (dirty, clean) of documents to pairs of containers."""
    return lists_of(parts) | objects_of(parts)


def lists_of(parts):
    return st.lists(parts, max_size=4).map(lambda pairs: ([d for d, _ in pairs], [c for _, c in pairs]))


@st.composite
def objects_of(draw, parts):
    pairs = draw(st.dictionaries(PLAIN_KEYS, parts, max_size=4))
    entries = [(key, dirty, key, cleaned) for key, (dirty, cleaned) in pairs.items()]
    entries += [(key, ["secret", {"a": "secret"}], None, None) for key in draw(st.sets(PERSONAL_KEYS, max_size=2))]
    entries += [(key, 5, "[removed-1]", 5) for key in draw(st.sets(PERSONAL_TEXTS, max_size=1))]
    if draw(st.booleans()):
        entries = [entry for entry in entries if entry[0] not in pairs]
        entries += [("field", "phone", "field", "phone"), ("old", "secret", None, None), ("new", None, "new", None)]
    entries = draw(st.permutations(entries))
    return {e[0]: e[1] for e in entries}, {e[2]: e[3] for e in entries if e[2] is not None}


DOCUMENTS = st.recursive(SCALARS.map(lambda value: (value, value)) | dirty_text(), planted, max_leaves=25)


@given(DOCUMENTS)
def test_what_is_personal_goes_and_everything_else_stays(pair):
    dirty, expected = pair
    before = copy.deepcopy(dirty)

    cleaned = clean(dirty)

    assert cleaned == expected
    assert json.dumps(cleaned) == json.dumps(expected)
    assert not TRACE.search(json.dumps(cleaned))
    assert clean(cleaned) is cleaned
    assert dirty == before
    assert (cleaned is dirty) == (dirty == expected)


WORDS = st.sampled_from(
    sorted(
        structures.FIELD
        | structures.CHANGE
        | persons.PERSON
        | persons.IDS
        | data.VERSION
        | {"email", "by", "created", "count"}
    )
)
KEYS = st.lists(WORDS, min_size=1, max_size=3).map("_".join) | PERSONAL_TEXTS | st.text(max_size=5)
SCRAPS = st.sampled_from(
    [*"ab1f:.@[]%/- v", "::", "1.2.3.4", "ann@example.org", "2001:db8::1", "%40", "version", "email"]
)
TEXTS = st.lists(SCRAPS, max_size=8).map("".join) | KEYS | st.text()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(KEYS, parts, max_size=5),
    max_leaves=20,
)


@given(ANYTHING, st.lists(st.sampled_from(["root@localhost", "ann@example.org", "a@b"]), max_size=2))
@example({"name": "version", "value": "1.2.3.4"}, [])
@example({"field": "email a@example.count", "value": "x"}, [])
def test_cleaning_twice_is_cleaning_once(document, addresses):
    before = copy.deepcopy(document)

    cleaned = clean(document, addresses=addresses)

    assert clean(cleaned, addresses=addresses) is cleaned
    assert document == before


@given(
    DOCUMENTS.map(lambda pair: pair[0]) | ANYTHING, st.booleans(), st.sampled_from([None, (",", ":"), (" , ", " : ")])
)
@example([{"field": "email"}, {"old": "Ann"}], False, None)
@example({"x": ["x", ": y"], ":email": 1}, False, None)
@example({"path": "user/email", "old": "Ann"}, False, None)
def test_what_is_clean_at_a_glance_is_clean(document, is_ascii, separators):
    text = json.dumps(document, ensure_ascii=is_ascii, separators=separators)

    assert not is_clean(text) or clean(document) is document


@given(
    st.dictionaries(
        st.sampled_from(["plan", "filename", "id", "version", "old"]), st.integers(-999, 10**6) | st.just("a b")
    )
)
def test_plain_documents_are_clean_at_a_glance(document):
    assert is_clean(json.dumps({"project": document, "changes": [{"field": "title", "new": "A garden"}]}))
    assert not is_clean(json.dumps({"project": document, "changes": [{"field": "email", "new": "A garden"}]}))
    assert not is_clean(json.dumps({"author": document}))
