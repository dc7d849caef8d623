"""Ideas, who would like to take part in them, and who likes them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.community import words
from bazaar.community.world import World
from bazaar.models import Idea, IdeaInterest, IdeaUpvote


def make_ideas(world: World) -> None:
    """Ideas with interests and votes; some are closed, some became projects."""
    begun = sorted(
        world.between(world.years_ago(4), world.now - timedelta(days=1)) for _ in range(world.size(120, least=12))
    )
    ideas = [_idea(world, when) for when in begun]
    for idea in world.sample(ideas, world.size(18, least=2)):
        idea.status = Idea.Status.GRADUATED
        idea.graduated_to = world.random.choice([team.project for team in world.teams])
    world.add(Idea, ideas)
    world.add(IdeaInterest, _interests(world, ideas))
    world.add(IdeaUpvote, _upvotes(world, ideas))


def _idea(world: World, when: datetime) -> Idea:
    creator = world.member(when)
    title = words.idea(world)
    contact = f" Talk to me: {creator.email}." if world.chance(0.1) else ""
    return Idea(
        title=title,
        description=f"{title}. Nobody seems to have tried it here yet.{contact}",
        looking_for=words.needs(world),
        creator=creator,
        status=Idea.Status.CLOSED if world.chance(0.2) else Idea.Status.OPEN,
        created_at=when,
    )


def _interests(world: World, ideas: list[Idea]) -> Iterator[IdeaInterest]:
    for idea in ideas:
        for user in world.sample(world.users, world.random.randrange(5)):
            if user == idea.creator:
                continue
            yield IdeaInterest(
                user=user,
                idea=idea,
                message=words.interest(world, idea.creator.name, user.email) if world.chance(0.9) else "",
                created_at=world.since(max(user.created_at, idea.created_at)),
            )


def _upvotes(world: World, ideas: list[Idea]) -> Iterator[IdeaUpvote]:
    for idea in ideas:
        for user in world.sample(world.users, world.random.randrange(13)):
            start = max(user.created_at, idea.created_at)
            yield IdeaUpvote(user=user, idea=idea, created_at=world.since(start))
