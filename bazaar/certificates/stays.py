"""What an erasure leaves, by category and mode, in words for the person, with the reason and the limit.

A test compares it with the inventory: a category of which the inventory keeps something has a sentence here.
"""

from django.utils.translation import gettext as _, gettext_lazy

from bazaar.certificates.limits import longest_limit
from bazaar.erasure import Mode, collect
from bazaar.erasure.actions import KEEP
from bazaar.ledger.choices import RecordCategory
from bazaar.processing import category_of

EVIDENCE = gettext_lazy("this request as evidence, with random ids, dates and numbers, because we have to prove it")
STAYS = {
    Mode.ANONYMISE: {
        RecordCategory.ACCOUNT: gettext_lazy(
            "an empty account without name, address and log-in, because contributions that stay belong to it"
        ),
        RecordCategory.INVITATIONS: gettext_lazy(
            "answered invitations, as sent by [Deleted User], because they show how others came to a project"
        ),
        RecordCategory.CONTRIBUTIONS: gettext_lazy(
            "projects, ideas, votes and collaborations, shown as made by [Deleted User], because others build on them"
        ),
        RecordCategory.FILES: gettext_lazy("pictures that a project shows, without owner and name"),
        RecordCategory.ACTIVITY: gettext_lazy(
            "log entries without name and address, and what staff did in the admin, to trace errors and abuse"
        ),
        RecordCategory.REQUESTS: EVIDENCE,
        RecordCategory.OPERATION: gettext_lazy("which jobs a member of staff started or stopped, as [Deleted User]"),
    },
    Mode.DELETE: {
        RecordCategory.FILES: gettext_lazy("pictures that a project of others shows, without owner and name"),
        RecordCategory.ACTIVITY: gettext_lazy("log entries without name and address, to trace errors and abuse"),
        RecordCategory.REQUESTS: EVIDENCE,
    },
}


def what_stays(category: RecordCategory, mode: Mode) -> str:
    """Return what stays of a category, why, and for how long; empty where nothing does."""
    sentence = STAYS[mode].get(category)
    if sentence is None:
        return ""
    limit = longest_limit(kept_limits(mode).get(category, ()))
    return _("%(what)s; for at most %(limit)s") % {"what": sentence, "limit": limit} if limit else str(sentence)


def kept_limits(mode: Mode) -> dict[RecordCategory, list[str]]:
    """Return the categories of which the inventory keeps something of the person, with the settings of the limits."""
    kept: dict[RecordCategory, list[str]] = {}
    for policy in collect():
        is_found = policy.is_personal and policy.selector is not None and not policy.selector.is_search
        if is_found and policy.action(mode) is KEEP:
            kept.setdefault(category_of(policy.model), []).extend(policy.limits)
    return kept
