"""Why an account cannot be deleted: each error is a sentence for the person who asked."""

from typing import ClassVar

from django.utils.translation import gettext


class DeletionError(Exception):
    """The account cannot be deleted."""

    message: ClassVar[str]
    """The reason, as a sentence for the person who made the request."""

    def __init__(self) -> None:
        super().__init__(gettext(self.message))


class UnknownUser(DeletionError):
    message = "There is no user with this id."


class LastSuperuser(DeletionError):
    message = "This is the last active superuser. Make another user a superuser first."


class StaffAreAnonymised(DeletionError):
    message = (
        "Staff are anonymised only, because what they did in the admin stays. Ask for that, or end their role first."
    )


class AlreadyRequested(DeletionError):
    message = "The user has an open deletion request. Cancel that one first, or let it be carried out."


class AlreadyErased(DeletionError):
    message = "The user has been anonymised already."


class OnlyByErasure(DeletionError):
    message = "A user is deleted by an erasure only: make a deletion request (`manage.py deletions request USER_ID`)."


class RightsBeyondYours(DeletionError):
    message = "The account has rights that you lack, so you cannot request its deletion."


class SamePerson(DeletionError):
    message = "Who entered the request, and whom it is about, cannot approve it: a second person has to."


class NothingToApprove(DeletionError):
    message = "The deletion request does not wait for an approval."


class NotPending(DeletionError):
    message = "The deletion request is not open any more: it was carried out or cancelled."
