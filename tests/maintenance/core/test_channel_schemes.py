import pytest

from maintenance.core import channel_schemes


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the modules that the library imports
def test_the_schemes_are_those_of_the_library():
    from apprise.manager_plugins import NotificationManager

    assert set(NotificationManager().schemas()) == channel_schemes.SCHEMES - channel_schemes.WEB


@pytest.mark.parametrize("address", ["mailtos://host", "JSON://host", "https://hooks.slack.com/services/a/b/c"])
def test_an_address_of_a_channel_is_known(address):
    assert channel_schemes.is_known(address)


@pytest.mark.parametrize("address", ["", "host", "://host", "mailto:ann@example.org", "sclak://host", "ftp://host"])
def test_any_other_address_is_not(address):
    assert not channel_schemes.is_known(address)
