"""Rows of the community for the tests of pages, commands and health checks, which run the jobs of `bazaar`."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bazaar.models import PushToken, User


@pytest.fixture
def tokens() -> Callable[[int], list[PushToken]]:
    """Make so many push tokens that are long past any limit."""

    def make(count: int) -> list[PushToken]:
        user, _ = User.objects.get_or_create(email="owner@example.org")
        offset = PushToken.objects.count()
        return PushToken.objects.bulk_create(
            PushToken(
                user=user,
                token=f"token-{offset + number}",
                platform=PushToken.Platform.IOS,
                last_used_at=datetime(2020, 1, 1, tzinfo=UTC),
            )
            for number in range(count)
        )

    return make
