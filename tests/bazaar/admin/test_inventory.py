"""The inventory of personal data as a page of the admin."""

import csv
import json
import re
from html import unescape
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bazaar.erasure import collect
from bazaar.erasure.table import rows_of
from bazaar.models import DeletionRequest
from tests.bazaar.admin.pages import logged_in, url
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:bazaar_inventory")
ROWS = rows_of(collect())


def with_permission(*codenames):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return logged_in(user)


@pytest.fixture
def client():
    return with_permission("view_deletionrequest")


def shown(client, **asked):
    """The rows of the page, in the command's form."""
    answer = client.get(PAGE, asked)
    assert answer.status_code == 200
    found = []
    for model, body in re.findall(
        r'class="inventory-model">(.+?)</th></tr>(.*?)</tbody>', answer.content.decode(), re.DOTALL
    ):
        cells = re.findall(r"<tr>\s*<th[^>]*><code>(.*?)</code></th>\s*" + 4 * r"<td>(.*?)</td>\s*", body, re.DOTALL)
        for field, kind, found_by, anonymise, delete in cells:
            holds, _, note = kind.partition("<br><small>")
            values = (model, field, holds, found_by.replace("–", ""), anonymise, delete, note.removesuffix("</small>"))
            found.append(dict(zip(ROWS[0], map(unescape, values), strict=True)))
    return found


def test_the_page_is_what_the_command_prints(client, capsys):
    call_command("personal_data", "--json")
    printed = json.loads(capsys.readouterr().out)

    def in_one_order(rows):
        return sorted(tuple(row[name] for name in ROWS[0]) for row in rows)

    assert in_one_order(shown(client)) == in_one_order(printed), "the command has the person first"
    assert len(printed) == len(ROWS) > 100


@pytest.mark.parametrize("model", ["", ROWS[0]["model"]])
def test_its_files_have_the_rows_that_it_shows(client, model):
    page = client.get(PAGE, {"model": model}).content.decode()
    links = dict.fromkeys(unescape(link) for link in re.findall(r'href="(\?[^"]*format=[^"]*)"', page))
    assert len(links) == 2

    from_csv, from_json = (client.get(PAGE + link) for link in links)

    rows = [row for row in ROWS if model in {"", row["model"]}]
    assert json.loads(from_json.content) == rows
    assert list(csv.DictReader(StringIO(from_csv.content.decode(), newline=""))) == rows
    assert "attachment" in from_csv.headers["Content-Disposition"]


@pytest.mark.parametrize("model", [row["model"] for row in ROWS[:: len(ROWS) // 4]])
def test_it_is_filtered_by_model(client, model):
    assert shown(client, model=model) == [row for row in ROWS if row["model"] == model] != []


@pytest.mark.parametrize("action", sorted({ROWS[0]["delete"], ROWS[0]["anonymise"], ROWS[1]["anonymise"]}))
def test_it_is_filtered_by_what_happens_in_either_mode(client, action):
    wanted = [row for row in ROWS if action in {row["anonymise"], row["delete"]}]

    assert shown(client, happens=action) == wanted != []


def test_filters_go_together(client):
    row = next(row for row in ROWS if row["model"] == "bazaar.User")
    asked = {"model": row["model"], "holds": row["holds"], "happens": row["delete"]}

    found = shown(client, **asked)

    assert row in found
    assert len(found) < len(shown(client, model=row["model"]))


def test_what_no_field_has_filters_nothing_and_is_told(client):
    page = client.get(PAGE, {"model": "bazaar.Nothing"}).content.decode()

    assert "errornote" in page
    assert shown(client, model="bazaar.Nothing") == ROWS


def test_filters_that_leave_nothing_say_so(client):
    other = next(row["model"] for row in ROWS if row["model"] != "bazaar.Session")
    holds = next(row["holds"] for row in ROWS if row["model"] == "bazaar.Session")
    none = {"model": other, "holds": holds}
    assert not [row for row in ROWS if (row["model"], row["holds"]) == (other, holds)]

    assert "No field is like that." in client.get(PAGE, none).content.decode()


def test_it_is_read_only_and_needs_the_permission(client):
    assert Client().get(PAGE).status_code == 302
    everything_else = Permission.objects.exclude(content_type__model="deletionrequest")
    assert with_permission(*everything_else.values_list("codename", flat=True)).get(PAGE).status_code == 403
    assert client.post(PAGE).status_code == 405


def test_the_list_of_requests_leads_to_it_and_it_leads_back(client):
    requests = url(DeletionRequest, "changelist")

    assert f'href="{PAGE}"' in client.get(requests).content.decode()
    assert f'href="{requests}"' in client.get(PAGE).content.decode()


def test_it_costs_few_queries_and_has_no_script_or_style_of_its_own(client):
    with CaptureQueriesContext(connection) as captured:
        page = client.get(PAGE).content.decode()
    assert len(captured) < 20
    ours = page[page.index('class="inventory"') : page.index('id="footer"')]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script", ours)
