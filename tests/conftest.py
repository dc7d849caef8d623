"""Fixtures that all tests may use."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of the tests that start and kill processes")


@pytest.fixture
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether process tests should take their time."""
    return bool(request.config.getoption("--long"))
