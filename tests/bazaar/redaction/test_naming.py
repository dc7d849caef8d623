"""What the value of a key names: a datum, in whatever spelling, or the kind of a person."""

import pytest

from bazaar.redaction import facts as f
from bazaar.redaction.naming import happened_to_person, may_name_field, named_by_value, named_kind


@pytest.mark.parametrize("name", ["email", "Last name", "sn", "uid", ["plan", "phone"], {"name": "email"}])
def test_a_personal_datum_is_named(name):
    assert named_by_value(name) & f.PERSONAL


@pytest.mark.parametrize("name", ["plan", "created_at", 7, None, [], "x" * 200])
def test_anything_else_is_not(name):
    assert not named_by_value(name) & f.SOMEBODY


@pytest.mark.parametrize("kind", ["User", "App\\Models\\User", "contact", "profile", "teamMember"])
def test_kinds_of_persons(kind):
    assert named_kind(kind) & f.PERSON


@pytest.mark.parametrize("kind", ["project", "instance_profile", "order"])
def test_kinds_of_things(kind):
    assert not named_kind(kind) & f.PERSON


def test_events():
    assert happened_to_person("customer.updated")
    assert not happened_to_person("order.updated")
    assert may_name_field("telephone1")
    assert not may_name_field("the telephone is new")
