"""Web sessions, with the user in a column (see `bazaar.sessions`)."""

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.module_loading import import_string


class Session(AbstractBaseSession):
    """A browser that is logged in, or that came by."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )

    objects = BaseSessionManager()  # type: ignore[misc] # the base class declares a class variable

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return "session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        # By the setting, because the store imports this model.
        store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store
