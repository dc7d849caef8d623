"""Projects, those who work on them, and those who like them."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.text import slugify

from bazaar.community import words
from bazaar.community.pictures import new_upload
from bazaar.community.world import Team, World
from bazaar.models import Collaborator, Project, Role, Upload, Upvote, User


def make_projects(world: World) -> None:
    """Projects in the order in which they began, each with a team, some with a picture."""
    begun = sorted(
        world.between(world.years_ago(4), world.now - timedelta(days=1)) for _ in range(world.size(90, least=12))
    )
    creators = [world.member(when) for when in begun]
    projects = [_project(world, creator) for creator in creators]
    for project in world.sample(projects, world.size(11, least=2)):
        project.is_featured = True
    images: list[Upload] = []
    for when, creator, project in zip(begun, creators, projects, strict=True):
        project.created_at = when
        if world.chance(0.5):
            project.image = new_upload(world, creator, when, f"{slugify(project.title)}.png")
            images.append(project.image)
    world.add(Upload, images)
    world.add(Project, projects)
    world.teams = [_team(world, project, creator) for project, creator in zip(projects, creators, strict=True)]
    world.add(Collaborator, (member for team in world.teams for member in team.members))
    world.add(Upvote, _upvotes(world))


def _project(world: World, creator: User) -> Project:
    title = words.title(world)
    return Project(
        title=title,
        description=words.description(world, creator.email),
        url=f"https://{slugify(title)}.example.org/" if world.chance(0.5) else "",
        repo_url=f"https://code.example.org/{slugify(creator.name)}/{slugify(title)}" if world.chance(0.6) else "",
        status=Project.Status.LAUNCHED if world.chance(0.6) else Project.Status.BUILDING,
    )


def _team(world: World, project: Project, creator: User) -> Team:
    """The creator, one time in ten a second one, and up to five who help, every third of them with advice."""
    others = [user for user in world.sample(world.users, world.random.randrange(7)) if user != creator]
    roles = [Role.ADVISOR if number % 3 == 1 else Role.CONTRIBUTOR for number in range(len(others))]
    if others and world.chance(0.1):
        roles[0] = Role.CREATOR
    return Team(
        project,
        [
            Collaborator(
                user=user, project=project, role=role, created_at=world.since(max(user.created_at, project.created_at))
            )
            for user, role in zip([creator, *others], [Role.CREATOR, *roles], strict=True)
        ],
    )


def _upvotes(world: World) -> Iterator[Upvote]:
    """Few projects are liked by many, most by some."""
    for team in world.teams:
        votes = int(len(world.users) * 0.25 * world.random.random() ** 2 / max(1.0, world.scale)) + 1
        for user in world.sample(world.users, votes):
            start = max(user.created_at, team.project.created_at)
            yield Upvote(user=user, project=team.project, created_at=world.since(start))
