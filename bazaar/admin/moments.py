"""Times on the admin's pages: in UTC, to the minute, with the machine-readable form."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from maintenance.core import time_text


def in_utc(moment: datetime) -> SafeString:
    """Return a time as HTML."""
    return format_html('<time datetime="{}">{}</time>', time_text.machine(moment), time_text.minute(moment))


def moment(name: str, description: Any) -> Callable[[Any, Any], str]:
    """Return a method of an admin page that shows the time `name` of a row, or what the page shows for nothing."""

    @admin.display(description=description, ordering=name)
    def show(page: Any, row: Any) -> str:
        value = getattr(row, name)
        return in_utc(value) if value else str(page.get_empty_value_display())

    return show
