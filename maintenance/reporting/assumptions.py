"""Assumed values of age limits: what may be assumed, by the rules that hold for the settings themselves."""

from collections.abc import Iterable
from difflib import get_close_matches

from django.conf import settings as django_settings

from maintenance.conf import assuming, settings
from maintenance.core import registry
from maintenance.core.errors import InvalidAssumption
from maintenance.engine.preflight import faults_of_settings


def assumed_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values by their settings. Raises `InvalidAssumption`: the program would not start with them."""
    values: dict[str, str] = {}
    for name, value in pairs:
        _verify_name(name)
        if name in values:
            raise InvalidAssumption(f"{name} is named twice: assume one value.")
        values[name] = value
    present = faults_of_settings()
    with assuming(values):
        faults = [fault for fault in faults_of_settings() if fault not in present]
    if faults:
        raise InvalidAssumption(" ".join(faults))
    return values


def _verify_name(name: str) -> None:
    limits = registry.age_limits()
    if name in limits:
        return
    listed = "(`manage.py retention` lists the age limits)"
    if name in settings.ENVIRONMENT_VARIABLES or (name.isupper() and hasattr(django_settings, name)):
        raise InvalidAssumption(f"The setting {name} is no age limit {listed}.")
    likely = get_close_matches(name.upper(), limits, n=1)
    meant = f"did you mean {likely[0]}?" if likely else "name an age limit."
    raise InvalidAssumption(f"There is no setting {name} {listed}: {meant}")
