"""Template filters and tags for states, times and figures."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import time_text
from maintenance.core.states import CROSS, GOOD, PAUSE, JobState, Level, MarkedChoices, Status, Trigger
from maintenance.health.check_result import CheckResult
from maintenance.pages import formatting, navigation, overview

register = template.Library()


@register.filter
def state(status: str) -> SafeString:
    """Show the icon and the label of a state."""
    return _marked(Status(status))


@register.filter
def icon(status: str) -> SafeString:
    """Show the icon of a state; its label stands beside it."""
    return _drawn(Status(status).mark.icon)


@register.filter
def tone_icon(tone: str) -> SafeString:
    """Show the icon of a tone."""
    return _drawn({mark.tone: mark.icon for mark in (GOOD, PAUSE, CROSS)}[tone])


def _drawn(path: str) -> SafeString:
    return format_html('<svg class="mb-icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', path)


@register.filter
def trigger(value: str) -> str:
    """Show the label of a trigger."""
    return str(Trigger(value).label)


@register.filter
def duration(length: timedelta | None) -> str:
    """Show a duration; a dash where there is none."""
    return formatting.DASH if length is None else time_text.duration(length)


@register.filter
def figure(number: int | None) -> str:
    """Show a number with separators of thousands; a dash where there is none."""
    return formatting.figure(number)


@register.filter
def rate(value: float | None) -> str:
    """Show items per second."""
    if value is None:
        return formatting.DASH
    return _("%(rate)s per second") % {"rate": f"{value:,.0f}" if value >= 10 else f"{value:.2g}"}  # noqa: PLR2004


@register.filter
def with_code(sentence: str) -> SafeString:
    """Show the parts of a sentence between backticks as code."""
    parts = sentence.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


@register.simple_tag
def moment(value: datetime | None, now: datetime | None = None) -> SafeString | str:
    """Show a time in UTC, with its distance from `now`; a dash where there is none."""
    if value is None:
        return formatting.DASH
    shown = _time(value, time_text.minute(value))
    if now is None:
        return shown
    return format_html('{} <span class="mb-quiet">({})</span>', shown, time_text.relative(value, now))


@register.simple_tag
def day(value: datetime) -> SafeString:
    """Show the day of a time; the element has the time itself."""
    return _time(value, time_text.day(value))


@register.simple_tag
def clock(value: datetime) -> SafeString:
    """Show the time of day of a time; the element has the time itself."""
    return _time(value, time_text.clock_second(value))


@register.simple_tag
def age(value: datetime, now: datetime) -> SafeString:
    """Show the distance of a time from `now`; the element has the time itself."""
    return _time(value, time_text.relative(value, now))


def _time(value: datetime, shown: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', time_text.machine(value), shown)


@register.filter
def level(value: str) -> SafeString:
    """Show the icon and the label of a level."""
    return _marked(Level(value))


@register.filter
def job_state(value: str) -> SafeString:
    """Show the icon and the label of the state of a job."""
    return _marked(JobState(value))


def _marked(shown: MarkedChoices | Status) -> SafeString:
    return format_html(
        '<span class="mb-state mb-{}">{}{}</span>', shown.mark.tone, _drawn(shown.mark.icon), shown.label
    )


@register.filter
def sentence(text: str) -> SafeString:
    """Show a sentence of the program: SQLSTATEs in words, and without the commands that have a button."""
    return with_code(formatting.for_page(text))


@register.filter
def with_links(result: CheckResult) -> SafeString:
    """Show the sentence of a result, and link its job and its run."""
    addresses = {}
    if result.job:
        addresses[result.job] = reverse("admin:maintenance_job", args=[result.job])
    if result.run:
        addresses[f"run {result.run}"] = reverse("admin:maintenance_jobrun_change", args=[result.run])
    if not addresses:
        return sentence(result.sentence)
    names = "|".join(map(re.escape, addresses))
    parts = re.split(rf"\b({names})\b", result.sentence, flags=re.IGNORECASE)
    return format_html_join("", "{}", ((_linked(part, addresses),) for part in parts))


def _linked(part: str, addresses: Mapping[str, str]) -> SafeString:
    address = addresses.get(part.lower())
    return format_html('<a href="{}">{}</a>', address, part) if address else sentence(part)


@register.simple_tag
def button(label: str, view: str, *args: Any, kind: str = "", what: str = "", **sent: Any) -> SafeString:
    """Show a button of the page's form, which posts to an action. `sent` stands in the address; blank values do not."""
    query = urlencode({name: value for name, value in sent.items() if value})
    address = reverse(f"admin:maintenance_{view}", args=args) + (f"?{query}" if query else "")
    name = format_html('<span class="visually-hidden"> ({})</span>', what) if what else ""
    look = f"mb-button mb-button-{kind}" if kind else "mb-button"
    html = '<button type="submit" form="act" formaction="{}" class="{}">{}{}</button>'
    return format_html(html, address, look, label, name)


@register.simple_tag(takes_context=True)
def person(context: dict[str, Any], user: Any) -> SafeString | str:
    """Show an account, with a link for who may view it; without an account, who else it may have been."""
    if user is None:
        return _("on the command line, or by an account that is gone")
    meta = user._meta
    if not admin.site.is_registered(type(user)) or not context["request"].user.has_perm(
        f"{meta.app_label}.view_{meta.model_name}"
    ):
        return str(user)
    return format_html(
        '<a href="{}">{}</a>', reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[user.pk]), user
    )


@register.simple_tag(takes_context=True)
def tabs(context: dict[str, Any]) -> list[navigation.Tab]:
    """Return the tabs of the pages."""
    return navigation.tabs(context["request"])


@register.simple_tag(takes_context=True)
def apps(context: dict[str, Any]) -> list[navigation.App]:
    """Return the list of apps, with the pages as entries."""
    return navigation.apps(context["request"], context["app_list"])


@register.simple_tag(takes_context=True)
def first_page(context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page of the admin. The blocks of the page share it."""
    request = context["request"]
    if not hasattr(request, "first_page"):
        request.first_page = overview.first_page(request.user)
    page: dict[str, Any] = request.first_page
    return page
