"""The legend of the bars."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from maintenance.core.states import Status
from maintenance.pages.charts import PITCH, shape


def legend() -> list[tuple[SafeString, str]]:
    """Return the shape and the name of each state."""
    return [
        (
            format_html(
                '<svg class="mb-sample" viewBox="-1 0 {} 30" aria-hidden="true">{}</svg>', PITCH, shape(status, 18, 30)
            ),
            str(status.label),
        )
        for status in Status
    ]
