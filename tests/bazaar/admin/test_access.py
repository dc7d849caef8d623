"""What is held about a person, in the admin."""

import io
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from bazaar.models import AuditLog
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


@pytest.fixture
def url():
    user = factories.UserFactory(email="ann@example.org")
    factories.PushTokenFactory.create_batch(3, user=user)
    return reverse("admin:bazaar_held", args=[user.pk])


def staff_with(*codenames):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_the_page_counts_by_category_and_names_nobody(client, url):
    client.force_login(staff_with("view_user"))
    page = client.get(url).content.decode()
    assert "Log-in and devices" in page
    assert "<td>3</td>" in page
    assert "ann@example.org" not in page
    assert "Download" not in page


def test_the_download_needs_a_permission_of_its_own_and_is_logged(client, url):
    client.force_login(staff_with("view_user"))
    assert client.post(url).status_code == 403
    assert not AuditLog.objects.filter(action="account.exported").exists()
    operator = staff_with("view_user", "export_user")
    client.force_login(operator)
    answer = client.post(url)
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert b"ann@example.org" in archive.read("data.json")
    assert AuditLog.objects.get(action="account.exported").user == operator
    assert LogEntry.objects.filter(user=operator).exists()


def test_nobody_sees_it_without_permission(client, url):
    client.force_login(staff_with("view_upload"))
    assert client.get(url).status_code == 403


def test_a_user_who_is_not_there_is_not_found(client):
    client.force_login(staff_with("view_user"))
    assert client.get(reverse("admin:bazaar_held", args=[404])).status_code == 404
