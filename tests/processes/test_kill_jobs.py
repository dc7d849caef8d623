"""`kill -9` in the middle of the other jobs that are more than a rule about age; the end is that of one quiet run."""

import os
from datetime import UTC, datetime

import pytest

from bazaar.models import AuditLog, Collaborator, Project, Role, Upload, Upvote, User
from tests.bazaar.jobs.twins import Twins, differences

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # the ids of twins begin anew there
    pytest.mark.django_db(transaction=True),
]

LONG_AGO = datetime(2024, 3, 1, tzinfo=UTC)
ROWS = 4_000


def people(count):
    return User.objects.bulk_create(
        User(email=f"user-{number}@example.org", public_id=f"{number:032x}", created_at=LONG_AGO)
        for number in range(count)
    )


def logs_to_anonymise(rows):
    """Every kind of log: with somebody, with an address in it, clean, and too young."""

    def populate():
        users = people(10)
        kinds = [
            {"user": users[0], "ip_address": "192.0.2.1", "metadata": {"field": "status"}},
            {"metadata": {"list": [{"email": "ann@example.org"}, {"note": "from 192.0.2.7"}], "kept": 1}},
            {"resource_type": "user", "resource_id": "7"},
            {"metadata": {"field": "status"}},
            {"user": users[1], "created_at": users[0].created_at.replace(year=2100)},
        ]
        AuditLog.objects.bulk_create(
            AuditLog(**{"action": f"action-{number}", "created_at": LONG_AGO, **kinds[number % len(kinds)]})
            for number in range(rows)
        )

    return populate


def files_to_remove(uploads, rows):
    """Files that nothing shows, some of which have gone already, beside some that somebody shows."""

    def populate():
        users = people(rows // 10)
        rows_of_files = Upload.objects.bulk_create(
            Upload(file=f"{number}.png", mime_type="image/png", size=number, created_at=LONG_AGO)
            for number in range(rows)
        )
        for number, upload in enumerate(rows_of_files):
            if number % 7:
                (uploads / upload.file.name).write_bytes(b"%d" % number)
        for user, upload in zip(users, rows_of_files[::10], strict=True):
            user.avatar = upload
        User.objects.bulk_update(users, ["avatar"])
        (uploads / "unknown.png").write_bytes(b"x")
        os.utime(uploads / "unknown.png", (LONG_AGO.timestamp(),) * 2)

    return populate


def karma_to_repair(rows):
    """Creators and contributors of projects with votes: of three, one's karma is right and two are off."""

    def populate():
        users = people(rows)
        projects = Project.objects.bulk_create(
            Project(title=str(number), is_featured=number % 5 == 0, created_at=LONG_AGO) for number in range(rows // 2)
        )
        Collaborator.objects.bulk_create(
            Collaborator(project=project, user=users[2 * number + place], role=role, created_at=LONG_AGO)
            for number, project in enumerate(projects)
            for place, role in enumerate((Role.CREATOR, Role.CONTRIBUTOR))
        )
        Upvote.objects.bulk_create(
            Upvote(project=project, user=users[(number + n) % rows], created_at=LONG_AGO)
            for number, project in enumerate(projects)
            for n in range(number % 6)
        )
        User.objects.bulk_update(users_off(users), ["karma"], batch_size=1_000)

    return populate


def users_off(users):
    for number, user in enumerate(users):
        user.karma = number % 3 * 100
    return users


def assert_killed_is_quiet(twins, kills, *, at_least=(), at_most=()):
    quiet, quiet_counts = twins.undisturbed()
    killed, killed_counts = twins.disturbed(kills)

    assert twins.mid_kills, "no run was killed in the middle"
    assert differences(quiet, killed) == {}
    for name in at_least:
        assert killed_counts.pop(name) >= quiet_counts.pop(name) > 0
    for name in at_most:
        assert 0 < killed_counts.pop(name) <= quiet_counts.pop(name)
    assert killed_counts == quiet_counts
    assert quiet_counts["items"] > 0
    twins.assert_runs_are_exact()


@pytest.fixture
def kills(long_form):
    return 30 if long_form else 3


@pytest.fixture
def twins(uploads, start, expire, chance):
    return lambda name, populate: Twins(name, populate, uploads, start, expire, chance)


def test_anonymising_logs(twins, kills, long_form):
    rows = 5 * ROWS if long_form else ROWS

    assert_killed_is_quiet(twins("anonymize-audit-logs", logs_to_anonymise(rows)), kills)

    assert not AuditLog.objects.filter(created_at=LONG_AGO, cleaned_version=0).exclude(action="x").exists()


def test_removing_files(twins, kills, uploads, long_form):
    rows = 2 * ROWS if long_form else ROWS // 2
    job = twins("cleanup-orphaned-files", files_to_remove(uploads, rows))

    # A killed run leaves rows whose files are gone: the next run counts them as missing, and not their bytes.
    assert_killed_is_quiet(job, kills, at_least=["missing"], at_most=["bytes"])

    left = set(Upload.objects.values_list("file", flat=True))
    assert len(left) == rows // 10
    assert {path.name for path in uploads.iterdir()} - {"unknown.png"} <= left
    assert (uploads / "unknown.png").exists()


def test_repairing_karma(twins, kills, long_form):
    rows = 4 * ROWS if long_form else ROWS

    assert_killed_is_quiet(twins("recalculate-karma", karma_to_repair(rows)), kills)
