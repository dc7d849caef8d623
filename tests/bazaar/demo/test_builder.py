"""What the parts of the community share: dice that fall alike for a seed, and addresses that are unique."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from bazaar.demo import builder as module
from bazaar.demo.builder import NETWORKS, Builder, Team
from bazaar.models import Project, Role

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENTATION = [ip_network(f"{network}.0/24") for network in NETWORKS] + [ip_network("2001:db8::/32")]


def make(seed=1, scale=1.0):
    return Builder(seed=seed, scale=scale, now=NOW)


@pytest.mark.parametrize("scale", [0, -0.1])
def test_a_scale_is_above_zero(scale):
    with pytest.raises(ValueError, match="above 0"):
        make(scale=scale)


@pytest.mark.parametrize(("scale", "size"), [(1, 300), (2, 600), (0.05, 40), (0.0001, 40)])
def test_there_are_never_fewer_than_the_least(scale, size):
    assert make(scale=scale).size(300, least=40) == size


def test_a_seed_decides_all():
    def throw(builder):
        return (builder.token(), builder.uuid(), builder.ip(), builder.user_agent(), builder.faker.name())

    assert throw(make()) == throw(make())
    assert throw(make()) != throw(make(seed=2))


@given(st.integers())
def test_an_ip_address_is_nobodys(seed):
    address = ip_address(make(seed).ip())

    assert any(address in network for network in DOCUMENTATION)


@given(st.integers(), st.floats(0, 1_000), st.floats(0, 1_000))
def test_a_time_lies_between_its_limits(seed, first, second):
    builder, least, most = make(seed), min(first, second), max(first, second)
    start, end = NOW - timedelta(days=most), NOW - timedelta(days=least)

    assert start <= builder.days_ago(least, most) <= end
    assert start <= builder.between(start, end) <= end
    assert start <= builder.since(start) <= NOW


def test_years_are_calendar_years():
    assert Builder(seed=1, scale=1, now=datetime(2028, 2, 29, tzinfo=UTC)).years_ago(1) == datetime(
        2027, 2, 28, tzinfo=UTC
    )


def test_no_address_is_given_twice():
    builder = make()

    given = [builder.address("Ann", "O'Brien") for _ in range(3)] + [builder.address("Ann", domain="example.com")]

    assert given == ["ann.obrien@example.org", "ann.obrien2@example.org", "ann.obrien3@example.org", "ann@example.com"]
    assert len({builder.stranger() for _ in range(50)}) == 50


@pytest.mark.parametrize("size", [0, 2, 3, 9])
def test_a_sample_is_at_most_all(size):
    assert len(set(make().sample("abc", size))) == min(size, 3)


def people(*joined, last_login=None):
    return [SimpleNamespace(created_at=NOW - DAY * days, last_login=last_login) for days in joined]


@given(st.integers())
def test_a_member_had_joined_by_then(seed):
    builder = make(seed)
    builder.users = people(9, 5, 1)

    assert builder.member(NOW - DAY * 4) in builder.users[:2]
    assert builder.member(NOW - DAY * 99) == builder.users[0], "somebody was there from the beginning"


def test_a_member_who_has_gone_quiet_is_taken_only_where_nobody_else_is_found():
    builder = make()
    builder.users = people(9, 8, last_login=NOW - DAY * 7)

    assert builder.member(NOW) in builder.users


def team_of(*roles):
    members = [
        SimpleNamespace(user=f"user {number}", role=role, created_at=NOW + DAY * number)
        for number, role in enumerate(roles)
    ]
    return Team(Project(created_at=NOW), members)


def test_a_team_has_its_creator_and_those_who_had_come_by_then():
    team = team_of(Role.CREATOR, Role.ADVISOR, Role.CONTRIBUTOR)

    assert team.creator == "user 0"
    assert team.present(NOW + DAY) == ["user 0", "user 1"]
    assert team.present(NOW - DAY) == ["user 0"], "the creator is there at least"


@pytest.mark.parametrize(
    ("roles", "has_one"), [((Role.CREATOR, Role.ADVISOR), True), ((Role.CREATOR, Role.CREATOR), False)]
)
def test_a_team_may_have_two_creators(roles, has_one):
    assert team_of(*roles).has_one_creator is has_one


@given(st.integers())
def test_a_team_had_begun_by_then(seed):
    builder = make(seed)
    builder.teams = [SimpleNamespace(project=SimpleNamespace(created_at=NOW - DAY * days)) for days in (9, 5, 1)]

    assert builder.team(NOW - DAY * 4) in builder.teams[:2]
    assert builder.team(NOW - DAY * 99) == builder.teams[0]


@pytest.mark.parametrize("number", [0, 1, 3, 7])
def test_rows_are_inserted_in_chunks_and_counted(monkeypatch, number):
    monkeypatch.setattr(module, "CHUNK", 3)
    chunks = []
    model = SimpleNamespace(
        _default_manager=SimpleNamespace(bulk_create=chunks.append), _meta=SimpleNamespace(verbose_name="thing")
    )
    builder = make()

    builder.add(model, iter(range(number)))

    assert [row for chunk in chunks for row in chunk] == list(range(number))
    assert all(0 < len(chunk) <= 3 for chunk in chunks)
    assert builder.counts["thing"] == number
