"""The record of processing: complete, the person first, and a page that stands alone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils.html import escape

from bazaar import checks
from bazaar.access.record import COLUMNS, NOT_SEARCHED, as_html, as_markdown, record_of_processing
from bazaar.erasure import collect
from bazaar.processing import PROCESSING
from tests import factories


def test_every_personal_model_has_a_purpose_a_basis_a_limit_and_recipients():
    rows = record_of_processing(collect(), personal_only=True)
    assert len(rows) > 100
    for row in rows:
        assert all(row[name] for name in ("category", "purpose", "basis", "limit", "recipients")), row
    assert checks.check_purposes() == []


def test_a_personal_model_without_a_line_is_told(monkeypatch):
    monkeypatch.delitem(PROCESSING, "bazaar.Session")
    [message] = checks.check_purposes()
    assert (message.id, "bazaar.Session" in message.msg) == ("bazaar.E016", True)


def test_the_person_comes_first_and_nothing_is_lost():
    rows = record_of_processing(collect())
    assert rows[0]["model"] == "bazaar.User"
    fields = {(policy.model, name) for policy in collect() for name in policy.fields}
    assert {(row["model"], row["field"]) for row in rows} == fields


def test_what_is_not_searched_stands_in_every_form_and_in_the_document(capsys):
    document = (Path(settings.BASE_DIR) / "docs" / "erasure.md").read_text()
    table = document.partition("| not searched | why |\n| --- | --- |\n")[2].partition("\n\n")[0]
    assert [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()] == [what for what, _ in NOT_SEARCHED]
    for what, _why in NOT_SEARCHED:
        assert any(what in line for line in as_markdown([]))
        assert escape(what) in as_html([])
    call_command("personal_data")
    assert "Not searched:" in capsys.readouterr().out
    assert tuple(record_of_processing(collect())[0]) == COLUMNS


@pytest.mark.django_db
def test_it_is_a_page_in_the_admin(client):
    client.force_login(factories.UserFactory(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:bazaar_record"))
    assert page.status_code == 200
    assert "Art. 6(1)(b)" in page.content.decode()
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.get(reverse("admin:bazaar_record")).status_code == 403
