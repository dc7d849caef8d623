"""The domain's admin pages, by subject."""

from bazaar.admin import (  # noqa: F401 - each module registers its pages
    audit,
    consent,
    credentials,
    deletions,
    groups,
    holds,
    ideas,
    invitations,
    notifications,
    projects,
    sessions,
    uploads,
    users,
)
