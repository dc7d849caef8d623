"""Who may act on whose account: nobody gains a right through another person's account."""

from django.contrib.auth.models import Permission
from django.db.models import Q

from bazaar.models import User


def has_rights_beyond(account: User, actor: User) -> bool:
    """Return whether an account has a right that `actor` lacks.

    The rights of an inactive account count too: a person who activates it, or sets its password, comes to have them.
    """
    if actor.is_superuser:
        return False
    if account.is_superuser or (account.is_staff and not actor.is_staff):
        return True
    return bool(_permissions_of(account) - _permissions_of(actor))


def _permissions_of(user: User) -> set[int]:
    rows = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(rows.values_list("pk", flat=True))
