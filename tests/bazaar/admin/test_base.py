"""The domain's admin pages. What holds for all of them is tested for all that are registered."""

import re

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget
from django.db import connection
from django.db.models import ForeignKey
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bazaar.admin.base import SECRETS, RecordedAdmin
from bazaar.models import (
    AuditLog,
    ClosingMail,
    ConsentRecord,
    DeletionRequest,
    LoginAttempt,
    PushToken,
    Session,
    Upload,
    User,
)
from tests.bazaar.admin.pages import get, logged_in, posted, url
from tests.factories import FACTORIES, ProjectFactory, UploadFactory, UserFactory, make

pytestmark = pytest.mark.django_db

MODELS = set(apps.get_app_config("bazaar").get_models())
PAGES = [page for model, page in admin.site._registry.items() if model in MODELS]
SECRET_FIELDS = [(model, f.name) for model in MODELS for f in model._meta.fields if f.name in SECRETS]
MARKER = "zaphod"
WITHOUT_PAGE = {ClosingMail}
"""A queue of encrypted addresses: the page of the deletion request says what became of the mail."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.opts.model_name)
every_secret = pytest.mark.parametrize(("model", "name"), sorted(SECRET_FIELDS, key=str))


@pytest.fixture
def staff():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def client(staff):
    return logged_in(staff)


def make_whole(model):
    """Make a row that has something to refer to in every foreign key."""
    row = make(model)
    empty = [f for f in model._meta.fields if isinstance(f, ForeignKey) and getattr(row, f.attname) is None]
    for field in empty:
        setattr(row, field.name, make(field.related_model))
    row.save()
    return row


def allows(page, staff, what):
    request = RequestFactory().get("/")
    request.user = staff
    return getattr(page, f"has_{what}_permission")(request)


def test_every_model_has_pages_or_stands_on_those_of_another_model():
    inlines = {inline.model for page in PAGES for inline in page.inlines}

    assert {page.model for page in PAGES} | inlines | WITHOUT_PAGE == MODELS
    assert set(FACTORIES) | WITHOUT_PAGE == MODELS


@every_page
def test_the_list_shows_a_row_and_leads_to_its_page(client, page):
    row = make_whole(page.model)

    listed = get(client, url(page.model, "changelist"))

    assert row in listed.context["cl"].result_list
    if page.list_display_links is None:
        assert str(row.pk) not in listed.content.decode()
        assert client.get(url(page.model, "change", row.pk)).status_code == 403
        assert client.get(url(page.model, "history", row.pk)).status_code == 403
    else:
        assert url(page.model, "change", row.pk) in listed.content.decode()
        get(client, url(page.model, "change", row.pk))
        get(client, url(page.model, "history", row.pk))


@every_page
@pytest.mark.parametrize("what", ["add", "delete"])
def test_a_page_answers_where_it_is_allowed_and_only_there(client, staff, page, what):
    row = make(page.model)
    address = url(page.model, what, *([row.pk] if what == "delete" else []))

    assert client.get(address).status_code == (200 if allows(page, staff, what) else 403)


@every_page
def test_a_search_finds_rows_by_every_field_that_it_looks_at(client, page):
    row = make_whole(page.model)
    assert page.search_fields
    for field in page.search_fields:
        value = row
        for part in re.sub(r"^=|__(exact|startswith)$", "", field).split("__"):
            value = getattr(value, part)
        for term in {str(value), str(value).upper()} if "email" in field else {str(value)}:
            found = client.get(url(page.model, "changelist"), {"q": term})
            assert row in found.context["cl"].result_list, (field, term)
    found = client.get(url(page.model, "changelist"), {"q": "nobody-and-nothing"})
    assert found.status_code == 200
    assert not found.context["cl"].result_list


@every_page
def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_three(client, page):
    def queries(rows):
        while page.model.objects.count() < rows:
            make_whole(page.model)
        with CaptureQueriesContext(connection) as captured:
            listed = get(client, url(page.model, "changelist"))
        assert len(listed.context["cl"].result_list) >= rows
        return len(captured)

    queries(1)  # content types are read once

    assert queries(3) == queries(30)


@every_page
def test_no_form_lists_all_rows_of_another_model(client, staff, page):
    request = RequestFactory().get("/")
    request.user = staff
    fields = page.get_form(request, make(page.model), change=True).base_fields.values()
    for field in fields:
        if isinstance(field, forms.ModelChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField):
            widget = getattr(field.widget, "widget", field.widget)
            assert isinstance(widget, AutocompleteSelect | ForeignKeyRawIdWidget)


def test_every_field_with_the_name_of_a_secret_is_one():
    names = {field.name for model in MODELS for field in model._meta.fields}

    assert {name for name in names if re.search("token|hash|password|secret|session_", name)} == SECRETS


@every_secret
def test_a_secret_is_in_the_database_and_on_no_page(client, model, name):
    row = make(model)
    secret = model.objects.values_list(name, flat=True).get(pk=row.pk)
    parts = [part[:6] for part in re.split(r"\W", secret) if len(part) >= 16]
    assert parts

    addresses = [url(page.model, "changelist") for page in PAGES]
    addresses += [url(model, view, row.pk) for view in ("change", "history", "delete")]
    if model is User:
        addresses += [reverse("admin:auth_user_password_change", args=[row.pk])]
    pages = [client.get(address).content.decode() for address in addresses]

    assert row in get(client, url(model, "changelist")).context["cl"].result_list
    assert [(part, page) for page in pages for part in parts if part in page] == []


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        *((model, f"{name}__startswith") for model, name in sorted(SECRET_FIELDS, key=str)),
        (Session, "pk__gt"),
        (User, "sessions__gt"),
        (PushToken, "user__password__startswith"),
    ],
)
def test_a_secret_cannot_be_guessed_through_the_address_of_a_list(client, model, lookup):
    make(model)
    assert model.objects.filter(**{lookup: ""}).exists()

    assert client.get(url(model, "changelist"), {lookup: ""}).status_code == 400


def test_other_columns_can_be_used_in_the_address_of_a_list(client):
    token = make(PushToken)
    make(PushToken)

    found = client.get(url(PushToken, "changelist"), {"user__id__exact": token.user.pk})

    assert list(found.context["cl"].result_list) == [token]


@pytest.mark.parametrize("model", [AuditLog, ConsentRecord, DeletionRequest, LoginAttempt, Session, Upload])
def test_history_is_neither_written_nor_changed_by_hand(client, model):
    row = make(model)
    before = model.objects.values().get(pk=row.pk)

    assert client.post(url(model, "add"), {}).status_code == 403
    assert client.post(url(model, "change", row.pk), {"user": "", "success": ""}).status_code == 403
    assert model.objects.values().get(pk=row.pk) == before


@pytest.mark.parametrize("page", [page for page in PAGES if not isinstance(page, RecordedAdmin)], ids=str)
def test_the_admin_log_of_a_change_has_no_values(client, page):
    row = make(page.model)
    form = get(client, url(page.model, "change", row.pk))
    texts = {forms.EmailField: f"{MARKER}@example.org", forms.URLField: f"https://{MARKER}.example.org/"}
    texts |= {forms.JSONField: f'{{"note": "{MARKER}"}}', forms.CharField: MARKER}
    fields = form.context["adminform"].form.fields.items()
    changes = {name: texts[type(field)] for name, field in fields if type(field) in texts}

    assert client.post(url(page.model, "change", row.pk), posted(form, **changes)).status_code == 302

    stored = page.model.objects.values().get(pk=row.pk)
    assert all(MARKER in str(stored[name]) for name in changes)
    entry = LogEntry.objects.values().get()
    assert entry["object_repr"] == str(row)
    assert all(page.opts.get_field(name).verbose_name in entry["change_message"].lower() for name in changes)
    assert MARKER not in str(entry)


@every_page
def test_the_admin_log_of_a_deletion_names_no_person(client, staff, page):
    row = make(page.model)
    expected, pk = str(row), row.pk
    if not allows(page, staff, "delete"):
        assert client.post(url(page.model, "delete", pk), {"post": "yes"}).status_code == 403
        assert page.model.objects.filter(pk=pk).exists()
        return

    assert client.post(url(page.model, "delete", pk), {"post": "yes"}).status_code == 302

    assert not page.model.objects.filter(pk=pk).exists()
    assert LogEntry.objects.get().object_repr == expected


def test_an_upload_is_shown_by_name_without_a_link_to_it(client):
    upload = UploadFactory()
    for address in (url(Upload, "changelist"), url(Upload, "change", upload.pk)):
        page = get(client, address).content.decode()
        assert upload.file.name in page
        assert f'href="{upload.file.url}"' not in page
        assert 'type="file"' not in page


def test_a_marked_upload_is_refused_with_a_sentence(client):
    upload, project = UploadFactory(condemned_at="2026-01-01T00:00Z"), ProjectFactory()
    address = url(type(project), "change", project.pk)

    refused = client.post(address, posted(get(client, address), image=upload.pk))

    assert "image" in refused.context["adminform"].form.errors
