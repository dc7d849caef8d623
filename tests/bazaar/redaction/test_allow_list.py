"""The allow-list: a value is kept where its key and its kind are in the table, and nothing else is."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.allow_list import BOOLEAN, FILE_TYPE, ID, NUMBER, VERSION, Choice, Each, Id, Text, is_key, keep


@pytest.mark.parametrize(
    ("kind", "held", "refused"),
    [
        (NUMBER, [0, -1, 1.5], [True, "1", None, [1]]),
        (BOOLEAN, [True, False], [0, 1, "true", None]),
        (Choice("a", "b"), ["a", "b"], ["c", "", "A", 1, None]),
        (Text(r"[a-z]+"), ["abc"], ["", "a b", "abc\n", "A", 7]),
        (ID, [7, 0, "0f8f-ad5b", "a" * 64], [True, "", "ann", "a" * 65, "a\n", 1.5, None]),
        (Id("a-z"), ["ann", 7], ["Ann", "7a"]),
        (VERSION, ["1", "v1.2.3.4", "1.2-beta.1"], ["", "1.2.3.4.5", "version", "1.2 "]),
        (FILE_TYPE, ["image/png", ".png", "pdf"], ["ann/png", "secret-name.png", ""]),
    ],
    ids=str,
)
def test_a_kind_holds_its_values_alone(kind, held, refused):
    assert [value for value in held if not kind.holds(value)] == []
    assert [value for value in refused if kind.holds(value)] == []


KEYS = {"size": NUMBER, "inside": {"id": ID}, "all": Each(NUMBER), "people": Each({"id": ID})}


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        ({"size": 1}, {"size": 1}),
        ({"size": "1"}, {}),
        ({"name": "Ann"}, {}),
        ({"inside": {"id": 7, "name": "Ann"}}, {"inside": {"id": 7}}),
        ({"inside": 7}, {}),
        ({"all": [1, "Ann", 2]}, {"all": [1, 2]}),
        ({"all": {"width": 1, "Ann Smith": 2, "height": "x"}}, {"all": {"width": 1}}),
        ({"all": "Ann"}, {}),
        ({"people": [{"id": 1, "name": "Ann"}, "Ben"]}, {"people": [{"id": 1}]}),
        ([1, 2], {}),
        ("Ann", {}),
        (None, {}),
    ],
)
def test_only_what_the_table_says_is_kept(document, kept):
    assert keep(document, KEYS) == kept


def test_a_document_that_keeps_all_is_the_same_object():
    document = {"size": 1, "inside": {"id": 7}}

    assert keep(document, KEYS) is document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "id", "name"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_keeping_twice_is_keeping_once(document):
    kept = keep(document, KEYS)

    assert keep(kept, KEYS) == kept
    assert not isinstance(document, dict) or kept.keys() <= document.keys() & KEYS.keys()


@pytest.mark.parametrize("text", ["size", "userId", "http.status-code", "x_1"])
def test_a_name_of_a_key_is_one(text):
    assert is_key(text)


@pytest.mark.parametrize("text", ["", "Ann", "ann smith", "ann@example.org", "1st", "a" * 62, "a\n"])
def test_a_value_that_is_used_as_a_key_is_none(text):
    assert not is_key(text)
