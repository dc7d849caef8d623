"""Rows for tests, each with everything that it needs. Addresses are under example.org, and texts name nobody."""

import base64
import hashlib
from datetime import timedelta

import factory
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory, Password

from bazaar import models
from bazaar.sessions import SessionStore

PASSWORD = "correct horse battery"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64)"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYPhfDwACggF/yWU3jgAAAABJRU5ErkJggg=="
)
"""A picture of one pixel, which is stored as it is."""


def from_now(**duration):
    """A moment that lies `duration` after the row was made (or before it, where that is negative)."""
    return factory.LazyFunction(lambda: timezone.now() + timedelta(**duration))


def digest(word):
    """What the database keeps of a token: 64 characters."""
    return hashlib.sha256(word.encode()).hexdigest()


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User

    email = factory.Sequence("user-{}@example.org".format)
    name = factory.Sequence("User {}".format)
    bio = "Builds things."
    password = Password(PASSWORD)


class UserFormerEmailFactory(DjangoModelFactory):
    class Meta:
        model = models.UserFormerEmail

    user = factory.SubFactory(UserFactory)
    email = factory.Sequence("former-{}@example.org".format)


class UploadFactory(DjangoModelFactory):
    """An upload with its file; `content` and `client_name` are what the client sent."""

    class Meta:
        model = models.Upload

    class Params:
        content = PNG
        client_name = factory.Sequence("picture-{}.png".format)

    file = factory.LazyAttribute(lambda upload: ContentFile(upload.content, name=upload.client_name))
    original_name = factory.SelfAttribute("client_name")
    mime_type = "image/png"
    size = factory.LazyAttribute(lambda upload: len(upload.content))
    uploaded_by = factory.SubFactory(UserFactory)


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = models.Project

    title = factory.Sequence("Project {}".format)
    description = "A thing that many need."
    url = factory.Sequence("https://projects.example.org/{}".format)
    repo_url = factory.Sequence("https://code.example.org/{}".format)


class CollaboratorFactory(DjangoModelFactory):
    class Meta:
        model = models.Collaborator

    user = factory.SubFactory(UserFactory)
    project = factory.SubFactory(ProjectFactory)


class UpvoteFactory(DjangoModelFactory):
    class Meta:
        model = models.Upvote

    user = factory.SubFactory(UserFactory)
    project = factory.SubFactory(ProjectFactory)


class IdeaFactory(DjangoModelFactory):
    class Meta:
        model = models.Idea

    title = factory.Sequence("Idea {}".format)
    description = "What if there were one?"
    looking_for = "Somebody who can draw."
    creator = factory.SubFactory(UserFactory)


class IdeaInterestFactory(DjangoModelFactory):
    class Meta:
        model = models.IdeaInterest

    user = factory.SubFactory(UserFactory)
    idea = factory.SubFactory(IdeaFactory)
    message = "I can draw."


class IdeaUpvoteFactory(DjangoModelFactory):
    class Meta:
        model = models.IdeaUpvote

    user = factory.SubFactory(UserFactory)
    idea = factory.SubFactory(IdeaFactory)


class NotificationFactory(DjangoModelFactory):
    class Meta:
        model = models.Notification

    user = factory.SubFactory(UserFactory)
    actor = factory.SubFactory(UserFactory)
    type = "upvote"
    title = "A vote for your project"
    body = "Somebody likes your project."
    data = factory.Dict({"count": 1})


class PushTokenFactory(DjangoModelFactory):
    class Meta:
        model = models.PushToken

    user = factory.SubFactory(UserFactory)
    token = factory.Sequence(lambda n: f"push-{digest(f'push {n}')}")
    platform = models.PushToken.Platform.IOS


class RefreshTokenFactory(DjangoModelFactory):
    class Meta:
        model = models.RefreshToken

    user = factory.SubFactory(UserFactory)
    token_hash = factory.Sequence(lambda n: digest(f"refresh {n}"))
    expires_at = from_now(days=30)


class MagicLinkTokenFactory(DjangoModelFactory):
    class Meta:
        model = models.MagicLinkToken

    email = factory.Sequence("magic-{}@example.org".format)
    token_hash = factory.Sequence(lambda n: digest(f"magic {n}"))
    expires_at = from_now(minutes=15)


class LoginAttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.LoginAttempt

    user = factory.SubFactory(UserFactory)
    email = factory.SelfAttribute("user.email")
    success = True
    ip_address = "192.0.2.1"
    user_agent = USER_AGENT


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = models.Invitation

    email = factory.Sequence("invited-{}@example.org".format)
    invited_by = factory.SubFactory(UserFactory)
    project = factory.SubFactory(ProjectFactory)
    token_hash = factory.Sequence(lambda n: digest(f"invitation {n}"))
    expires_at = from_now(days=14)


class ConsentRecordFactory(DjangoModelFactory):
    class Meta:
        model = models.ConsentRecord

    user = factory.SubFactory(UserFactory)
    consent_type = "newsletter"
    granted = True
    ip_address = "192.0.2.1"
    user_agent = USER_AGENT


class AuditLogFactory(DjangoModelFactory):
    class Meta:
        model = models.AuditLog

    user = factory.SubFactory(UserFactory)
    action = "project.updated"
    resource_type = "project"
    resource_id = factory.Sequence(str)
    ip_address = "192.0.2.1"
    user_agent = USER_AGENT
    metadata = factory.Dict({"field": "status"})


class DeletionRequestFactory(DjangoModelFactory):
    class Meta:
        model = models.DeletionRequest

    user = factory.SubFactory(UserFactory)
    user_pk = factory.SelfAttribute("user.pk")
    scheduled_for = from_now(days=settings.DELETION_GRACE_DAYS)


class SessionFactory(DjangoModelFactory):
    """A session of somebody who is logged in."""

    class Meta:
        model = models.Session

    user = factory.SubFactory(UserFactory)
    session_key = factory.Sequence(lambda n: digest(f"session {n}")[:32])
    session_data = factory.LazyAttribute(lambda session: SessionStore().encode({SESSION_KEY: str(session.user.pk)}))
    expire_date = from_now(days=14)


FACTORIES = {item._meta.model: item for item in DjangoModelFactory.__subclasses__() if item.__module__ == __name__}


def make(model, **fields):
    """Make a row of any of the domain's models."""
    return FACTORIES[model](**fields)
