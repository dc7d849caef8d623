"""The texts of alerts: the sentences of the health report, and links to the pages where `SITE_URL` is set."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.utils.translation import gettext as _, ngettext

from maintenance.alert_models import AlertKind, Trouble
from maintenance.conf import settings
from maintenance.reporting.links import link_to

LONGEST_TITLE = 200
MOST = 20
"""The largest number of errors that a message spells out."""


def title_of(kind: AlertKind, troubles: Sequence[Trouble], remaining: int = 0) -> str:
    """Return the title: where it is, and what."""
    number = len(troubles)
    errors = ngettext("%(number)d error", "%(number)d errors", number) % {"number": number}
    if kind == AlertKind.TEST:
        what = _("test message")
    elif kind == AlertKind.REMINDER:
        what = _("still %(errors)s") % {"errors": errors}
    elif kind == AlertKind.TROUBLE:
        what = errors
    elif remaining:
        what = _("%(errors)s resolved, %(remaining)d remaining") % {"errors": errors, "remaining": remaining}
    else:
        what = _("healthy again, %(errors)s resolved") % {"errors": errors}
    return f"{site()}: {what}"[:LONGEST_TITLE]


def site() -> str:
    """Return the name of the site, or of the machine where `SITE_URL` is not set."""
    return urlsplit(settings.SITE_URL).netloc or socket.gethostname()


def of_trouble(troubles: Sequence[Trouble], known: Sequence[Trouble]) -> str:
    """Return the text of a message about errors; `known` are those that were told before, and last."""
    parts = [_paragraph(trouble) for trouble in troubles[:MOST]]
    parts += _more(troubles)
    if known:
        parts.append("\n".join([_("Told before, and not resolved:"), *_sentences(known)]))
    return "\n\n".join(parts)


def of_recovery(troubles: Sequence[Trouble], remaining: Sequence[Trouble]) -> str:
    parts = ["\n".join([_("Resolved:"), *_sentences(troubles)])]
    if remaining:
        parts.append("\n".join([_("Not resolved:"), *_sentences(remaining)]))
    if link := link_to("admin:maintenance_jobs"):
        parts.append(link)
    return "\n\n".join(parts)


def of_test() -> str:
    return _("This is a test of `manage.py alerts test`: the channel works.")


def _paragraph(trouble: Trouble) -> str:
    link = link_to("admin:maintenance_job", trouble.job) if trouble.job else link_to("admin:maintenance_cluster")
    return "\n".join(line for line in (trouble.sentence, trouble.remedy, link) if line)


def _sentences(troubles: Sequence[Trouble]) -> list[str]:
    return [f"- {trouble.sentence}" for trouble in troubles[:MOST]] + _more(troubles)


def _more(troubles: Sequence[Trouble]) -> list[str]:
    rest = len(troubles) - MOST
    return [_("And %(number)d more: see `manage.py doctor`.") % {"number": rest}] if rest > 0 else []
