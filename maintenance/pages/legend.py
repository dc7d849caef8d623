"""What the shapes of the bars mean."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from maintenance.pages.bars import PITCH, shape
from maintenance.pages.words import STATES, Words


def legend() -> list[tuple[SafeString, Words]]:
    """Return each state's shape with its name."""
    return [
        (
            format_html(
                '<svg class="mb-sample" viewBox="-1 0 {} 30" aria-hidden="true">{}</svg>', PITCH, shape(status, 18, 30)
            ),
            state.word,
        )
        for status, state in STATES.items()
    ]
