"""What a process remembers about the keys of objects: little, and nothing that is personal."""

import pytest

from bazaar.redaction import clean, clean_json, fast_path, keys, objects
from tests.bazaar.redaction.memory import REMEMBERED, forget

PERSONAL = ["ann@example.org", "user-1742", "Ann Example", "+493012345678", "ann" * 20, "größe", "4711"]


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    forget()
    yield
    forget()


@pytest.mark.parametrize("personal", PERSONAL)
def test_no_key_is_remembered_that_may_be_personal(personal):
    document = {"plan": {personal: 1, "title": 2}, "field": personal, "tags": [personal, "art"], "name": personal}
    clean(document)
    clean_json(str(document).replace("'", '"'))

    assert objects._objects
    assert personal not in str(REMEMBERED)


@pytest.mark.parametrize("name", ["Annabel", "annabel"])
def test_no_value_is_remembered(name):
    clean({"field": name, "name": name, "type": name, "tags": [name, name, "x", "y"]})
    clean_json(f'{{"field": "{name}", "title": "{name}", "tags": ["{name}"]}}')

    assert fast_path._quiet or fast_path._said
    assert name not in str(REMEMBERED)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(keys, "KEYS_REMEMBERED", 50)
    monkeypatch.setattr(objects, "OBJECTS_REMEMBERED", 50)
    for first in "abcdefghij":
        for second in "abcdefghijklmnop":
            clean_json(f'{{"{first}x{second}": 1, "plan": {{"{second}y{first}": "a.b.c.d"}}}}')
            clean({f"{first}x{second}": 1})

    assert all(len(remembered) <= 50 for remembered in REMEMBERED)
    assert objects._objects


def test_the_same_keys_in_another_order_tell_the_same():
    assert clean({"field": "email", "old": "a", "new": "b"}) == {"field": "email"}
    assert clean({"new": "b", "field": "email", "old": "a"}) == {"field": "email"}
    assert clean({"field": "title", "old": "a", "new": "b"}) == {"field": "title", "old": "a", "new": "b"}
