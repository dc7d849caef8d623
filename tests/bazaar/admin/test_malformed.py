"""Whatever a member of staff sends to any list of the admin, the answer is no error of the server.

Everything is generated: each registered page, each field and each look-up that Django has for it, hostile values.
"""

import itertools
import random
import re

import pytest
from django.contrib import admin
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.db.models import Field
from django.urls import reverse

from maintenance.pages.guard import GuardedAdmin
from tests.bazaar.admin.pages import logged_in, url
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGES = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
every_list = pytest.mark.parametrize(("model", "page"), PAGES, ids=[model._meta.label for model, _ in PAGES])
HOSTILE = [
    "",
    "abc",
    "(a",
    r"(.*)(.*)(.*)\1\2x",
    "'",
    "\\",
    "%",
    "-1",
    "1.5",
    "1e999",
    "nan",
    "9" * 30,
    "9" * 5_000,
    "0001-01-01",
    "9999-99-99",
    "2026-02-30",
    "10000-01-01 00:00",
    "2026-01-01T00:00:00+99:00",
    "::1/129",
    "999.1.1.1",
    "{}",
    "[[",
    "ß" * 300,
    "\u202e\ud7ff\U0010ffff",
    "true,false",
    "x" * 20_000,
    "\x00",
]
FINE = {200, 302, 400, 403, 404, 405}


@pytest.fixture
def client():
    client = logged_in(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    return client


def assert_fine(answer, *sent):
    assert answer.status_code in FINE, (answer.status_code, *(str(part)[:100] for part in sent))


@pytest.fixture
def some(long_form):
    """Choose some values for each place, another choice for each; all in the long form."""
    dice = random.Random(7)
    return lambda values, number=2: values if long_form else dice.sample(values, number)


def lookups_of(model):
    """Yield every path of up to two relations with every look-up that Django has for its field."""
    for field in model._meta.get_fields():
        related = getattr(field, "related_model", None)
        names = [field.name]
        if related:
            names += [f"{field.name}__{other.name}" for other in related._meta.get_fields()]
        for name in [*names, "pk"]:
            for lookup in ["", *Field.get_lookups(), *getattr(related or field, "class_lookups", {})]:
                yield f"{name}__{lookup}" if lookup else name


@every_list
def test_every_list_is_guarded(model, page):
    assert isinstance(page, GuardedAdmin)


@every_list
def test_a_list_filters_by_what_it_offers_and_by_nothing_else(client, rf, model, page):
    address = url(model, "changelist")
    request = rf.get(address)
    request.user = UserFactory.build(is_superuser=True)
    offered = page.offered_lookups(request)
    others = sorted(set(lookups_of(model)) - offered)
    assert len(others) > 30
    assert not {name for name in offered if name.rpartition("__")[2] in {"regex", "iregex", "contains", "startswith"}}

    assert not [name for name in others if page.lookup_allowed(name, "x", request)]
    for name in random.Random(model._meta.label).sample(others, 6):
        assert client.get(address, {name: "x"}).status_code == 400


@every_list
def test_what_a_list_links_to_it_offers(client, model, page, rf):
    text = client.get(url(model, "changelist")).content.decode()
    links = re.findall(r'href="(\?[^"]+)"', text)
    for link in links:
        answer = client.get(f"{url(model, 'changelist')}{link.replace('&amp;', '&')}")
        assert answer.status_code == 200, link


@every_list
def test_no_value_of_a_filter_is_an_error(client, model, page, rf, some):
    address = url(model, "changelist")
    request = rf.get(address)
    request.user = UserFactory.build(is_superuser=True)
    places = sorted(page.offered_lookups(request))
    for name, value in ((name, value) for name in places for value in some(HOSTILE)):
        assert_fine(client.get(address, {name: value}), name, value)
        if page.date_hierarchy and name.endswith("__year"):
            for part in ("month", "day"):
                sent = {name: "2026", f"{page.date_hierarchy}__month": "2", f"{page.date_hierarchy}__{part}": value}
                assert_fine(client.get(address, sent), sent)


@every_list
def test_no_value_of_a_parameter_of_lists_is_an_error(client, model, page, some):
    address = url(model, "changelist")
    names = (SEARCH_VAR, ORDER_VAR, PAGE_VAR, ALL_VAR, "_facets", "_to_field", "_popup", "_changelist_filters", "e")
    values = [*HOSTILE, "a " * 90, "1." * 9_000, "-1.-1.--1"]
    for name, value in ((name, value) for name in names for value in some(values)):
        assert_fine(client.get(address, {name: value}), name, value)
    assert_fine(client.get(address, {"e": "1", f"{page.date_hierarchy}__year": "99999999"}), "e")


@every_list
def test_no_key_in_an_action_is_an_error(client, model, page, some):
    address = url(model, "changelist")
    actions = ["delete_selected", "no_such_action", *map(str, page.actions or ())]
    for action, key in ((action, key) for action in actions for key in some(HOSTILE)):
        for more in ({}, {"confirmed": "1", "post": "yes"}, {"index": key, "select_across": key}):
            sent = {"action": action, "_selected_action": key, **more}
            assert_fine(client.post(address, sent), sent)


@every_list
def test_no_key_in_an_address_is_an_error(client, model, page, some):
    values = [value for value in HOSTILE if value]
    for view, value in ((view, value) for view in ("change", "delete", "history") for value in some(values)):
        address = url(model, view, value)
        assert_fine(client.get(address), address)
        assert_fine(client.post(address, {"post": "yes"}), address)


@pytest.mark.parametrize("name", ["admin:autocomplete", "admin:view_on_site", "admin:app_list"])
def test_no_value_of_the_other_pages_is_an_error(client, name):
    if name == "admin:autocomplete":
        for key, value in itertools.product(("app_label", "model_name", "field_name", "term", "page"), HOSTILE):
            sent = {"app_label": "bazaar", "model_name": "collaborator", "field_name": "user", "term": "a", key: value}
            assert_fine(client.get(reverse(name), sent), sent)
    elif name == "admin:view_on_site":
        for kind, value in itertools.product(("1", "9" * 30), [value for value in HOSTILE if value]):
            assert_fine(client.get(f"/admin/r/{kind}/{value[:200]}/"), kind, value)
    else:
        for value in HOSTILE:
            assert_fine(client.get(f"/admin/{value[:200]}/"), value)
