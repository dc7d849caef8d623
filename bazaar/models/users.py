"""Users, and the addresses that they once had."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from bazaar.deletion_errors import OnlyByErasure
from bazaar.fields import PLACEHOLDER_DOMAIN, NormalizedEmailField, is_lower_case, normalize_email
from bazaar.models.base import EditableRecord, Record

STAFF_FOR = timedelta(days=90)
"""Who takes away the rights of a colleague waits so long before a request for them needs no second person."""


class UserQuerySet(models.QuerySet["User"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: deleting the row alone would leave personal data in other tables. The database refuses it too."""
        raise OnlyByErasure


class UserManager(BaseUserManager["User"]):
    """Creates users by their e-mail address, and finds them by it in any case."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password, one that nobody can log in with."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who may do everything in the admin."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin, EditableRecord):
    """A member of the community, or a member of staff."""

    public_id = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Names the user where the row may be gone: in evidence and in audit entries. Never given out twice.",
    )
    email = NormalizedEmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    bio = models.TextField(blank=True)
    avatar = models.ForeignKey("Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_external = models.BooleanField(default=False, help_text="Not a member of the organisation.")
    invited_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="invitees")
    karma = models.PositiveIntegerField(default=0, editable=False)
    show_email_on_profile = models.BooleanField(default=False)
    include_in_search = models.BooleanField(default=True)
    show_activity_publicly = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    staff_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it stopped to be of staff; a trigger keeps it."
    )
    deletion_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymized_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "user"
        permissions = [("export_user", "Can export what is held about a user")]
        # An anonymised account holds no text that could mention somebody.
        indexes = [
            models.Index(
                fields=["updated_at"], condition=models.Q(anonymized_at=None), name="user_updated_at_unless_gone"
            )
        ]
        constraints = [
            is_lower_case("email", "user_email_is_lower_case"),
            models.CheckConstraint(
                condition=~models.Q(email__endswith=PLACEHOLDER_DOMAIN) | models.Q(anonymized_at__isnull=False),
                name="user_email_is_no_placeholder",
                violation_error_message=f"Addresses that end in {PLACEHOLDER_DOMAIN} are reserved.",
            ),
        ]

    # `AbstractBaseUser` answers with the address, and would come first.
    __str__ = Record.__str__

    def clean(self) -> None:
        self.email = normalize_email(self.email)

    def counts_as_staff(self, now: datetime) -> bool:
        """Return whether the account is of staff, or was within `STAFF_FOR` before `now`."""
        if self.is_staff or self.is_superuser:
            return True
        return self.staff_until is not None and now - self.staff_until <= STAFF_FOR

    def change_email(self, address: str) -> None:
        """Change the address. A trigger remembers the former one, so that rows which hold it are still found."""
        self.email = normalize_email(address)
        self.save(update_fields=["email", "updated_at"])

    def delete(self, *_args: Any, **_options: Any) -> tuple[int, dict[str, int]]:
        """Refuse: see `UserQuerySet.delete`."""
        raise OnlyByErasure


class UserFormerEmail(Record):
    """A former address of a user, with the time it was held; erased with the user.

    A trigger writes it (`bazaar.triggers`) at each change of the address. A row that holds an address belongs to the
    user who had the address when the row was made.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_emails")
    email = NormalizedEmailField(db_index=True)
    held_from = models.DateTimeField(null=True, blank=True, help_text="Unknown where empty.")
    held_until = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "former e-mail address"
        verbose_name_plural = "former e-mail addresses"
        constraints = [is_lower_case("email", "former_email_is_lower_case")]
