"""Ideas, who is interested in them, and who likes them."""

from django.conf import settings
from django.db import models

from bazaar.models.base import EditableRecord, Record
from bazaar.models.projects import Project


class Idea(EditableRecord):
    """Something that could become a project."""

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        GRADUATED = "graduated"

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    looking_for = models.TextField(blank=True)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ideas")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    graduated_to = models.ForeignKey(
        Project, on_delete=models.SET_NULL, null=True, blank=True, related_name="graduated_from"
    )

    class Meta:
        verbose_name = "idea"
        indexes = [models.Index(fields=["updated_at"], name="idea_updated_at")]


class IdeaInterest(Record):
    """A user who would like to take part in an idea, with a word to its creator."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idea_interests")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="interests")
    message = models.TextField(blank=True)

    class Meta:
        verbose_name = "idea interest"
        indexes = [models.Index(fields=["created_at"], name="idea_interest_created_at")]
        constraints = [models.UniqueConstraint(fields=["user", "idea"], name="interest_once_per_idea")]


class IdeaUpvote(Record):
    """A user's vote for an idea."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idea_upvotes")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="upvotes")

    class Meta:
        verbose_name = "idea upvote"
        constraints = [models.UniqueConstraint(fields=["user", "idea"], name="idea_upvote_once_per_idea")]
