"""A page is light enough for a phone at half past four, in every state in which it is shown in the documents."""

import pytest

from maintenance.core import registry
from tests.browser.scenes import scenes
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("empty_cache")]

MOST = 60_000
"""Bytes before they are compressed."""
MOST_SENT = 20_000
"""Bytes that are sent. The first page of the admin is a view of Django's, which compresses nothing."""
ASKED = {"what-if"}
"""An answer that a person asked for once, with a row for each of 28 days and 30 runs."""


def test_every_page_of_the_operator_is_light(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert len(registry.all_jobs()) >= 9
    weights = {}

    for scene in scenes():
        if scene.name not in ASKED and ("maintenance/" in scene.address or scene.name == "index"):
            whole, sent = client.get(scene.address), client.get(scene.address, headers={"accept-encoding": "gzip"})
            weights[scene.name] = len(whole.content), len(sent.content)

    assert {"jobs", "job", "retention", "cluster", "run-failed", "runs"} <= weights.keys()
    assert {name: weight for name, weight in weights.items() if weight[0] > MOST} == {}
    assert {name: weight for name, weight in weights.items() if weight[1] > MOST_SENT and name != "index"} == {}
