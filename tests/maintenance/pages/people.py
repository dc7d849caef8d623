"""Staff with some permissions, and a client for each."""

from django.contrib.auth.models import Permission
from django.test import Client

from tests.factories import UserFactory

PERMISSIONS = ("view_jobrun", "run_job", "cancel_run", "schedule_job")


def person(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def client_of(user, **options):
    client = Client(**options)
    client.force_login(user)
    return client


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()
