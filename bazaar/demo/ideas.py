"""Ideas, who would like to take part in them, and who likes them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.demo import sample_texts
from bazaar.demo.builder import Builder
from bazaar.models import Idea, IdeaInterest, IdeaUpvote


def make_ideas(builder: Builder) -> None:
    """Ideas with interests and votes; some are closed, some became projects."""
    begun = sorted(
        builder.between(builder.years_ago(4), builder.now - timedelta(days=1))
        for _ in range(builder.size(120, least=12))
    )
    ideas = [_idea(builder, when) for when in begun]
    for idea in builder.sample(ideas, builder.size(18, least=2)):
        idea.status = Idea.Status.GRADUATED
        idea.graduated_to = builder.random.choice([team.project for team in builder.teams])
    builder.add(Idea, ideas)
    builder.add(IdeaInterest, _interests(builder, ideas))
    builder.add(IdeaUpvote, _upvotes(builder, ideas))


def _idea(builder: Builder, when: datetime) -> Idea:
    creator = builder.member(when)
    title = sample_texts.idea(builder)
    contact = f" Talk to me: {creator.email}." if builder.chance(0.1) else ""
    return Idea(
        title=title,
        description=f"{title}. Nobody seems to have tried it here yet.{contact}",
        looking_for=sample_texts.needs(builder),
        creator=creator,
        status=Idea.Status.CLOSED if builder.chance(0.2) else Idea.Status.OPEN,
        created_at=when,
    )


def _interests(builder: Builder, ideas: list[Idea]) -> Iterator[IdeaInterest]:
    for idea in ideas:
        for user in builder.sample(builder.users, builder.random.randrange(5)):
            if user == idea.creator:
                continue
            yield IdeaInterest(
                user=user,
                idea=idea,
                message=sample_texts.interest(builder, idea.creator.name, user.email) if builder.chance(0.9) else "",
                created_at=builder.since(max(user.created_at, idea.created_at)),
            )


def _upvotes(builder: Builder, ideas: list[Idea]) -> Iterator[IdeaUpvote]:
    for idea in ideas:
        for user in builder.sample(builder.users, builder.random.randrange(13)):
            start = max(user.created_at, idea.created_at)
            yield IdeaUpvote(user=user, idea=idea, created_at=builder.since(start))
