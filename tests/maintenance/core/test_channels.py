import pytest

from maintenance.core.channels import configured

SECRET = "Tr0ub4dor"
URL = f"mailtos://ann:{SECRET}@mail.example.org?to=ops@example.org,more@example.org"


def test_nothing_is_configured_by_default(settings):
    settings.ALERT_URLS = []
    assert configured() == []


@pytest.mark.parametrize(
    "together", [[URL, "json://a.example.org"], f"{URL}, json://a.example.org", f" {URL} json://a.example.org,"]
)
def test_addresses_are_separated_by_commas_or_spaces_and_may_have_commas(settings, together):
    settings.ALERT_URLS = together
    assert [channel.url for channel in configured()] == [URL, "json://a.example.org"]


def test_a_name_shows_the_scheme_alone(settings):
    settings.ALERT_URLS = [URL, "json://a.example.org", URL]
    first, second = configured()
    assert first.name.startswith("mailtos-")
    assert second.name.startswith("json-")
    assert SECRET not in repr(first)
    assert "example.org" not in first.name


def test_two_addresses_of_a_scheme_have_two_names(settings):
    settings.ALERT_URLS = ["json://a.example.org", "json://b.example.org"]
    assert len({channel.name for channel in configured()}) == 2
