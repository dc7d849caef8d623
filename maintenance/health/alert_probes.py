"""The health check of the channels of alerts: it reads what became of their messages."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from maintenance.alert_models import AlertDelivery, AlertStatus
from maintenance.core import channels
from maintenance.core.latest_rows import is_latest
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext

FAILING = (AlertStatus.QUEUED, AlertStatus.UNSURE, AlertStatus.GIVEN_UP)


def probe_alerts(_context: HealthContext) -> Iterator[CheckResult]:
    """Find channels whose last attempt failed. A channel that is not configured any more has no messages to send."""
    names = [channel.name for channel in channels.configured()]
    if not names:
        return
    attempted = AlertDelivery.objects.exclude(attempts=0).exclude(status=AlertStatus.OBSOLETE)
    for row in AlertDelivery.objects.filter(is_latest(attempted, "channel", names)).order_by("channel"):
        if row.status in FAILING:
            sentence = _("The alert channel %(channel)s did not confirm its last message (%(reason)s).")
            remedy = _("Correct ALERT_URLS or the channel; `manage.py alerts test` tries it.")
            yield CheckResult.warning(
                "alert-not-sent", sentence % {"channel": row.channel, "reason": row.reason}, remedy
            )
