"""How states, times and figures are shown on the pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core.states import CROSS, GOOD, PAUSE, Level, Status, Trigger
from maintenance.pages import formatting, overview

register = template.Library()


@register.filter
def state(status: str) -> SafeString:
    """Show a state as its sign and its word."""
    shown = Status(status)
    return format_html('<span class="mb-state mb-{}">{}{}</span>', shown.mark.tone, icon(status), shown.label)


@register.filter
def icon(status: str) -> SafeString:
    """Show the sign of a state alone; its word stands beside it."""
    return _drawn(Status(status).mark.icon)


@register.filter
def tone_icon(tone: str) -> SafeString:
    """Show the sign that goes with a verdict."""
    return _drawn({mark.tone: mark.icon for mark in (GOOD, PAUSE, CROSS)}[tone])


def _drawn(path: str) -> SafeString:
    return format_html('<svg class="mb-icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', path)


@register.filter
def trigger(value: str) -> str:
    """Say who or what started a run."""
    return str(Trigger(value).label)


@register.filter
def took(length: timedelta | None) -> str:
    """Say how long something took."""
    return formatting.duration(length)


@register.filter
def figure(number: int | None) -> str:
    """Show a number with its thousands apart; a dash where there is none."""
    return "–" if number is None else f"{number:,}"


@register.filter
def rate(value: float | None) -> str:
    """Show items a second."""
    if value is None:
        return "–"
    return _("%(rate)s a second") % {"rate": f"{value:,.0f}" if value >= 10 else f"{value:.2g}"}  # noqa: PLR2004


@register.filter
def with_code(sentence: str) -> SafeString:
    """Show as code what stands between backticks, as the command line's sentences have it."""
    parts = sentence.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


@register.simple_tag
def moment(value: datetime | None, now: datetime | None = None) -> SafeString | str:
    """Show a time in UTC, and how far it is from `now`; a dash where there is none."""
    if value is None:
        return "–"
    value = value.astimezone(UTC)
    shown = format_html('<time datetime="{}">{}</time>', f"{value:%Y-%m-%dT%H:%M:%SZ}", formatting.minute(value))
    if now is None:
        return shown
    return format_html('{} <span class="mb-quiet">({})</span>', shown, formatting.relative(value, now))


@register.simple_tag
def age(value: datetime, now: datetime) -> SafeString:
    """Show how long ago a time was; the time itself is in the element."""
    return format_html('<time datetime="{}">{}</time>', f"{value:%Y-%m-%dT%H:%M:%SZ}", formatting.relative(value, now))


@register.filter
def level(value: str) -> SafeString:
    """Show how bad a verdict is, as its sign and its word."""
    shown = Level(value)
    return format_html(
        '<span class="mb-state mb-{}">{}{}</span>', shown.mark.tone, _drawn(shown.mark.icon), shown.label
    )


@register.filter
def with_link(sentence: str, job: str) -> SafeString:
    """Show a sentence with its code, and a link where it names its job."""
    before, name, after = sentence.partition(job) if job else (sentence, "", "")
    if not name:
        return with_code(sentence)
    address = reverse("admin:maintenance_job", args=[job])
    return format_html('{}<a href="{}">{}</a>{}', with_code(before), address, name, with_code(after))


@register.simple_tag
def first_page() -> dict[str, Any]:
    """Return what the first page of the admin says about the jobs."""
    return overview.first_page()
