"""When the person was told: by the mail at the request, the reminder, and the last mail; or why they were not."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bazaar.models import DeletionRequest
from maintenance.core.time_text import minute

Notice = DeletionRequest.ClosingNotice


def told_by(request: DeletionRequest) -> list[tuple[str, str]]:
    """Return for each of the three mails its name, and when it was sent or why it was not."""
    return [
        (_("Told of the request"), _of_request(request)),
        (_("Reminded"), _of_reminder(request)),
        (_("Told of the end"), _of_end(request)),
    ]


def as_json(request: DeletionRequest) -> dict[str, Any]:
    """Return the same for programs: the times of the mails, and what became of the last one."""
    return {
        "request_mail_at": request.notified_at,
        "reminder_at": request.reminded_at,
        "closing_mail_at": request.closing_notice_at,
        "closing_mail": request.closing_notice or "unknown",
        "in_words": [f"{name}: {text}" for name, text in told_by(request)],
    }


def _of_request(request: DeletionRequest) -> str:
    if request.notified_at:
        return _sent(request.notified_at)
    return _("not sent") if request.notice_due_at else _("no: no mail was configured")


def _of_reminder(request: DeletionRequest) -> str:
    if request.reminded_at:
        return _sent(request.reminded_at)
    if request.notice_due_at:
        return _("not sent")
    return _("no: none was due") if request.notified_at else _("no: no mail was configured")


def _of_end(request: DeletionRequest) -> str:
    at = request.closing_notice_at
    words = {
        Notice.NOT_CONFIGURED: _("no: no mail was configured"),
        Notice.QUEUED: _("not yet: the mail waits for another attempt"),
        Notice.NOT_SENT: _("not sent: the mail server did not take it"),
        Notice.SENT: _sent(at) if at else _("sent"),
        Notice.UNSURE: _("%(sent)s; nobody knows whether it arrived") % {"sent": _sent(at)} if at else _("unknown"),
    }
    return words[Notice(request.closing_notice)] if request.closing_notice else _("unknown")


def _sent(moment: datetime) -> str:
    return _("sent at %(time)s") % {"time": minute(moment)}
