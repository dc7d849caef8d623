"""The search of the maintenance pages leads to deletion requests, for people who may view them."""

import pytest
from django.urls import reverse

from bazaar.deletion_requests import make_request
from bazaar.request_search import hits_of
from tests.factories import UserFactory
from tests.maintenance.pages.people import client_of, person

pytestmark = pytest.mark.django_db

JOBS = reverse("admin:maintenance_jobs")


@pytest.fixture
def request_of_somebody():
    return make_request(UserFactory())


def test_a_request_is_found_by_its_number_and_its_public_id(request_of_somebody):
    address = reverse("admin:bazaar_deletionrequest_change", args=[request_of_somebody.pk])
    client = client_of(person("view_jobrun", "view_deletionrequest"))

    for words in (request_of_somebody.pk, request_of_somebody.public_id):
        assert client.get(JOBS, {"q": str(words)}).url == address


def test_who_may_not_view_requests_finds_none(request_of_somebody):
    client = client_of(person("view_jobrun"))

    assert client.get(JOBS, {"q": str(request_of_somebody.public_id)}).status_code == 200


@pytest.mark.parametrize("words", ["", "cleanup", "9" * 30, "-1", "\u0663", "00000000-0000-0000-0000-000000000000"])
def test_other_words_find_nothing(request_of_somebody, words):
    assert hits_of(UserFactory(is_staff=True, is_superuser=True), words) == []
