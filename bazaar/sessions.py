"""Session engine: Django's database sessions, with the user in a column of their own.

Without the column, ending all sessions of one person means decoding the payload of every session there is.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from bazaar.models.sessions import Session


class SessionStore(DatabaseStore):
    """`SESSION_ENGINE = "bazaar.sessions"`."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        user_id = data.get(SESSION_KEY)
        session.user_id = int(user_id) if user_id else None
        return session
