"""Who works in the admin, and on whom."""

import pytest

from tests.bazaar.admin.pages import logged_in
from tests.factories import UserFactory


@pytest.fixture
def admin():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def client(admin):
    return logged_in(admin)


@pytest.fixture
def person():
    return UserFactory(email="ann.canary@example.org", name="Ann Canary", bio="Canaries are my life.")
