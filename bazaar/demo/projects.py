"""Projects, those who work on them, and those who like them."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.text import slugify

from bazaar.demo import sample_texts
from bazaar.demo.builder import Builder, Team
from bazaar.demo.pictures import new_upload
from bazaar.models import Collaborator, Project, Role, Upload, Upvote, User


def make_projects(builder: Builder) -> None:
    """Projects in the order in which they began, each with a team, some with a picture."""
    begun = sorted(
        builder.between(builder.years_ago(4), builder.now - timedelta(days=1))
        for _ in range(builder.size(90, least=12))
    )
    creators = [builder.member(when) for when in begun]
    projects = [_project(builder, creator) for creator in creators]
    for project in builder.sample(projects, builder.size(11, least=2)):
        project.is_featured = True
    images: list[Upload] = []
    for when, creator, project in zip(begun, creators, projects, strict=True):
        project.created_at = when
        if builder.chance(0.5):
            project.image = new_upload(builder, creator, when, f"{slugify(project.title)}.png")
            images.append(project.image)
    builder.add(Upload, images)
    builder.add(Project, projects)
    builder.teams = [_team(builder, project, creator) for project, creator in zip(projects, creators, strict=True)]
    builder.add(Collaborator, (member for team in builder.teams for member in team.members))
    builder.add(Upvote, _upvotes(builder))


def _project(builder: Builder, creator: User) -> Project:
    title = sample_texts.title(builder)
    return Project(
        title=title,
        description=sample_texts.description(builder, creator.email),
        url=f"https://{slugify(title)}.example.org/" if builder.chance(0.5) else "",
        repo_url=f"https://code.example.org/{slugify(creator.name)}/{slugify(title)}" if builder.chance(0.6) else "",
        status=Project.Status.LAUNCHED if builder.chance(0.6) else Project.Status.BUILDING,
    )


def _team(builder: Builder, project: Project, creator: User) -> Team:
    """The creator, one time in ten a second one, and up to five who help, every third of them with advice."""
    others = [user for user in builder.sample(builder.users, builder.random.randrange(7)) if user != creator]
    roles = [Role.ADVISOR if number % 3 == 1 else Role.CONTRIBUTOR for number in range(len(others))]
    if others and builder.chance(0.1):
        roles[0] = Role.CREATOR
    return Team(
        project,
        [
            Collaborator(
                user=user,
                project=project,
                role=role,
                created_at=builder.since(max(user.created_at, project.created_at)),
            )
            for user, role in zip([creator, *others], [Role.CREATOR, *roles], strict=True)
        ],
    )


def _upvotes(builder: Builder) -> Iterator[Upvote]:
    """Few projects are liked by many, most by some."""
    for team in builder.teams:
        votes = int(len(builder.users) * 0.25 * builder.random.random() ** 2 / max(1.0, builder.scale)) + 1
        for user in builder.sample(builder.users, votes):
            start = max(user.created_at, team.project.created_at)
            yield Upvote(user=user, project=team.project, created_at=builder.since(start))
