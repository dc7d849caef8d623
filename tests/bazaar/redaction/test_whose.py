"""Whose a datum is, told by what stands beside and above it."""

import json

import pytest

from bazaar.redaction import clean, clean_json


@pytest.mark.parametrize(
    ("document", "cleaned"),
    [
        ({"id": 5, "first_name": "Ann", "plan": "pro"}, {"plan": "pro"}),
        ({"id": 5, "project_name": "x"}, {"id": 5, "project_name": "x"}),
        ({"target_type": "User", "target_label": "Ann", "entity_type": "Project", "entity_id": 6},
         {"target_type": "User", "entity_type": "Project", "entity_id": 6}),
        ({"type": "contact", "id": "5", "name": "Ann"}, {"type": "contact"}),
        ({"assigned_to": "Ann", "moved_to": "done"}, {"moved_to": "done"}),
        ({"http_referrer": "https://www.example.org/", "referrer": "ann"}, {"http_referrer": "https://www.example.org/"}),
        ({"geo": {"city_name": "Kiel", "country": "DE"}, "project": {"city": "Kiel"}},
         {"geo": {"country": "DE"}, "project": {"city": "Kiel"}}),
        ({"merchant_account_code": "Acme", "account_code": "x"}, {"merchant_account_code": "Acme"}),
        ({"plan": {"nickname": "Gold"}, "nickname": "annie"}, {"plan": {"nickname": "Gold"}}),
        ({"name": "POST /login", "span": 1}, {"name": "POST /login", "span": 1}),
        ({"fieldname": "PHONE", "oldvalue": "1", "code": "x"}, {"fieldname": "PHONE", "code": "x"}),
        ({"ipPort": 80, "sex": "f"}, {"ipPort": 80}),
        ({"table": "users", "old": {"last_name": "Rot", "plan": "free"}}, {"table": "users", "old": {"plan": "free"}}),
        ({"resourceType": "Patient", "id": "p", "active": True}, {"resourceType": "Patient", "active": True}),
        ({"url": "https://www.example.org/?uid=77&tab=1"}, {"url": "https://www.example.org/?uid=[removed]&tab=1"}),
        ({"dn": "uid=ann,ou=people,dc=example,dc=org"}, {"dn": "uid=[removed],ou=people,dc=example,dc=org"}),
        ({"dn": "CN=Ann Example,OU=Users,DC=example"}, {"dn": "CN=[removed],OU=Users,DC=example"}),
        ({"dn": "cn=dev,ou=groups,dc=example"}, {"dn": "cn=dev,ou=groups,dc=example"}),
        ({"card": [["fn", {}, "text", "Ann"], ["org", {}, "text", "Acme"]]},
         {"card": [["fn", {}, "text", "[removed]"], ["org", {}, "text", "Acme"]]}),
        ({"oid": "urn:oid:2.5.4.42"}, {"oid": "urn:oid:2.5.4.42"}),
    ],
)  # fmt: skip
def test_what_stands_around_a_datum_tells_whose_it_is(document, cleaned):
    assert clean(document) == cleaned
    assert clean_json(json.dumps(document)) == (None if document == cleaned else json.dumps(cleaned))
    assert clean(cleaned) is cleaned
