"""What tests do in the lists of users and of deletion requests."""

from django.contrib.admin import helpers
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages

from bazaar.models import DeletionRequest, User
from tests.bazaar.admin.pages import url
from tests.factories import UserFactory

USERS = url(User, "changelist")
REQUESTS = url(DeletionRequest, "changelist")
ACTIONS = [
    (USERS, "request_deletion"),
    (USERS, "request_full_deletion"),
    (REQUESTS, "approve_requests"),
    (REQUESTS, "cancel_requests"),
]
NEEDED = {"approve_requests": "add_deletionrequest", "cancel_requests": "change_deletionrequest"}


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def choose(client, address, action, rows, **more):
    """Choose rows in a list, and an action."""
    return client.post(address, {"action": action, "index": 0, helpers.ACTION_CHECKBOX_NAME: pks(rows), **more})


def confirm(client, address, action, rows, **more):
    """Send what the form of the page that asks sends."""
    data = {"action": action, "confirmed": "yes", "channel": "email", helpers.ACTION_CHECKBOX_NAME: pks(rows), **more}
    return client.post(address, data)


def pks(rows):
    return [row.pk for row in rows]


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def words_of(user):
    return [user.email, user.name, user.bio]
