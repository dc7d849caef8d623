"""The admin pages of users."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from bazaar.admin.users import ADMINISTRATOR
from bazaar.deletion_errors import LastSuperuser
from bazaar.models import User, UserFormerEmail
from tests.bazaar.admin.pages import get, logged_in, posted, url
from tests.factories import PASSWORD, ProjectFactory, UserFactory, UserFormerEmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def helper():
    """A member of staff who may view and change users, and no more."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="bazaar", codename__endswith="_user"))
    return user


def save(client, user, **changes):
    address = url(User, "change", user.pk)
    return client.post(address, posted(get(client, address), **changes))


def test_a_user_is_added_with_an_address_and_a_password(client):
    added = client.post(
        url(User, "add"),
        {"email": " New@Example.org", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    user = User.objects.get(email="new@example.org")
    assert added.status_code == 302
    assert authenticate(username="new@example.org", password=PASSWORD) == user
    assert "example.org" not in str(LogEntry.objects.values().get())


def test_an_address_that_is_taken_is_refused_whatever_its_case(client):
    UserFactory(email="ann@example.org")

    refused = client.post(
        url(User, "add"),
        {"email": "ANN@example.org", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert "email" in refused.context["adminform"].form.errors
    assert User.objects.filter(email="ann@example.org").count() == 1


def test_a_password_is_changed_on_a_page_of_its_own(client):
    user, new = UserFactory(), "another horse battery"
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    assert address in get(client, url(User, "change", user.pk)).content.decode()

    changed = client.post(address, {"usable_password": "true", "password1": new, "password2": new})

    user.refresh_from_db()
    assert changed.status_code == 302
    assert user.check_password(new)
    assert "horse" not in str(LogEntry.objects.values().get())


def test_a_changed_address_is_remembered_and_everything_else_is_saved(client):
    user = UserFactory(email="before@example.org", name="Before")

    assert save(client, user, email="After@Example.org", name="After").status_code == 302

    user.refresh_from_db()
    assert (user.email, user.name) == ("after@example.org", "After")
    assert list(user.former_emails.values_list("email", flat=True)) == ["before@example.org"]
    entry = LogEntry.objects.values().get()
    assert "Email" in entry["change_message"]
    assert "example.org" not in str(entry)


@pytest.mark.parametrize("address", ["same@example.org", "SAME@example.org"])
def test_an_address_that_stays_the_same_is_not_remembered(client, address):
    user = UserFactory(email="same@example.org")

    assert save(client, user, email=address, name="After").status_code == 302

    user.refresh_from_db()
    assert (user.email, user.name) == ("same@example.org", "After")
    assert not UserFormerEmail.objects.exists()


def test_a_user_page_shows_former_addresses_and_no_form_for_them(client):
    former = UserFormerEmailFactory()

    page = get(client, url(User, "change", former.user.pk))

    (inline,) = page.context["inline_admin_formsets"]
    assert former.email in page.content.decode()
    assert (inline.has_add_permission, inline.has_change_permission, inline.formset.can_delete) == (False,) * 3


def test_what_the_site_computes_is_shown_and_cannot_be_set(client):
    user = UserFactory(karma=4711)
    computed = [field.name for field in User._meta.fields if not field.editable]
    before = User.objects.values(*computed).get(pk=user.pk)
    assert before["karma"] == 4711

    page = get(client, url(User, "change", user.pk))
    moment = {"deletion_requested_at": "2020-01-01", "deleted_at": "2020-01-01", "anonymized_at": "2020-01-01"}
    assert save(client, user, karma=1, public_id="0" * 32, created_at="2020-01-01", **moment).status_code == 302

    assert "4711" in page.content.decode()
    assert str(user.public_id) in page.content.decode()
    assert not set(computed) & set(page.context["adminform"].form.fields)
    after = User.objects.values(*computed).get(pk=user.pk)
    assert after | {"updated_at": None} == before | {"updated_at": None}


def test_a_user_cannot_be_deleted(client):
    user = UserFactory()

    assert client.post(url(User, "delete", user.pk), {"post": "yes"}).status_code == 403
    client.post(url(User, "changelist"), {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"})

    assert User.objects.filter(pk=user.pk).exists()


def test_deleting_a_project_leaves_its_people(client):
    project = ProjectFactory()
    user = project.collaborators.create(user=UserFactory()).user

    assert client.post(url(type(project), "delete", project.pk), {"post": "yes"}).status_code == 302

    assert not type(project).objects.exists()
    assert User.objects.filter(pk=user.pk).exists()


def test_an_anonymised_user_is_not_filled_in_again(client):
    user = UserFactory(anonymized_at=timezone.now())

    assert get(client, url(User, "change", user.pk)).context["has_change_permission"] is False
    assert client.post(url(User, "change", user.pk), {"email": "a@example.org"}).status_code == 403


def test_staff_cannot_give_rights(helper):
    user, group = UserFactory(), Group.objects.create(name="Editors")

    saved = save(logged_in(helper), user, name="After", is_superuser="on", is_staff="on", groups=[group.pk])

    user.refresh_from_db()
    assert saved.status_code == 302
    assert user.name == "After"
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


@pytest.mark.parametrize("rights", [{}, {"is_superuser": True}])
def test_staff_can_set_the_password_of_a_member_but_not_of_a_superuser(helper, rights):
    user, new = UserFactory(**rights), "another horse battery"
    address = reverse("admin:auth_user_password_change", args=[user.pk])

    answer = logged_in(helper).post(address, {"usable_password": "true", "password1": new, "password2": new})

    user.refresh_from_db()
    assert answer.status_code == (403 if rights else 302)
    assert user.check_password(PASSWORD if rights else new)


def test_a_superuser_gives_rights(client):
    user = UserFactory()

    assert save(client, user, is_staff="on").status_code == 302

    user.refresh_from_db()
    assert user.is_staff


@pytest.mark.parametrize("right", ADMINISTRATOR)
def test_the_last_active_superuser_stays_one(right):
    last = UserFactory(is_staff=True, is_superuser=True)
    UserFactory(is_staff=True, is_superuser=True, is_active=False)

    refused = save(logged_in(last), last, name="After", **{right: ""})

    assert refused.context["adminform"].form.errors[right] == [LastSuperuser.message]
    last.refresh_from_db()
    assert getattr(last, right)
    assert last.name != "After"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("right", ADMINISTRATOR)
def test_one_of_two_superusers_may_go(client, right):
    other = UserFactory(is_staff=True, is_superuser=True)

    assert save(client, other, **{right: ""}).status_code == 302

    other.refresh_from_db()
    assert not getattr(other, right)


def test_the_last_active_superuser_is_changed_otherwise_like_anybody():
    last = UserFactory(is_staff=True, is_superuser=True)

    assert save(logged_in(last), last, name="After").status_code == 302

    last.refresh_from_db()
    assert (last.name, last.is_superuser) == ("After", True)
