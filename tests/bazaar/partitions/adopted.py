"""A plugin of pytest: all tests find the audit log partitioned, with a partition for each month of the last year."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def _adopted(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    from django.db import connection
    from django.utils import timezone

    from bazaar.partitions import adoption, layout, months

    with django_db_blocker.unblock():
        adoption.adopt(timezone.now() - timedelta(days=365))
        months.extend(layout.read(), timezone.now(), tries=1)
        connection.close()
    yield
    with django_db_blocker.unblock():
        assert layout.read().is_partitioned
        connection.close()
