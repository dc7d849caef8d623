"""Lock a user for an erasure, so that the last superuser stays."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Q

from bazaar.deletion_errors import LastSuperuser, UnknownUser

if TYPE_CHECKING:
    from bazaar.models.users import User


def lock_user(pk: int) -> "User":
    """Lock a user for an erasure, or for the request of one, until the transaction ends.

    A superuser is locked together with all other active ones, in id order, so that of the last two only one can go.
    Raises `UnknownUser`, and `LastSuperuser` if no other active superuser exists.
    """
    users: models.Manager[User] = apps.get_model("bazaar", "User").objects
    superusers = Q(is_superuser=True, is_active=True)
    wanted = Q(pk=pk) | superusers if users.filter(superusers, pk=pk).exists() else Q(pk=pk)
    locked = {user.pk: user for user in users.select_for_update().filter(wanted).order_by("pk")}
    user = locked.pop(pk, None)
    if user is None:
        raise UnknownUser
    if user.is_superuser and user.is_active and not locked:
        raise LastSuperuser
    return user
