"""Projects, who works on them, and who likes them."""

from django.conf import settings
from django.db import models

from bazaar.models.base import EditableRecord, Record


class Project(EditableRecord):
    """Something that members build together."""

    class Status(models.TextChoices):
        BUILDING = "building"
        LAUNCHED = "launched"

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    url = models.URLField(blank=True)
    repo_url = models.URLField(blank=True)
    image = models.ForeignKey("Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.BUILDING)
    is_featured = models.BooleanField(default=False)

    class Meta:
        verbose_name = "project"
        indexes = [
            models.Index(fields=["id"], condition=models.Q(is_featured=True), name="project_featured"),
            models.Index(fields=["updated_at"], name="project_updated_at"),
        ]


class Role(models.TextChoices):
    """What somebody is to a project."""

    CREATOR = "creator"
    CONTRIBUTOR = "contributor"
    ADVISOR = "advisor"


class Collaborator(Record):
    """A user's part in a project."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="collaborations")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="collaborators")
    role = models.CharField(max_length=12, choices=Role, default=Role.CONTRIBUTOR)

    class Meta:
        verbose_name = "collaborator"
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="collaborator_once_per_project")]


class Upvote(Record):
    """A user's vote for a project."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="upvotes")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="upvotes")

    class Meta:
        verbose_name = "upvote"
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="upvote_once_per_project")]
