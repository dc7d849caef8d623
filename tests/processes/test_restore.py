"""A restore drill with real commands, dumps and files: after the replay, every person is as decided."""

import json

import pytest

from tests.processes.catalogue import differences

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
PEOPLE = ("took_back", "erased", "erased_before", "released", "asked", "deleted", "held", "free")
PAST = "2020-01-01 00:00:00+00:00"
MAKE = """
from bazaar.models import *
for number, name in enumerate({names}):
    user = User.objects.create_user(f"{{name}}@example.org", name=name.title())
    LoginAttempt.objects.create(user=user, email=user.email, success=True)
    PushToken.objects.create(user=user, token=name, platform="ios")
    print(user.pk)
"""


def test_after_a_restore_and_a_replay_every_person_is_as_decided(own_database, manage):
    manage("migrate", "--verbosity=0")
    made = manage("shell", "--no-imports", "-c", MAKE.format(names=PEOPLE)).split()
    ids = dict(zip(PEOPLE, made, strict=True))

    def ask(name, *options):
        return manage("deletions", "request", ids[name], *options, "--json")["id"]

    def let_be_due(*requests):
        own_database.execute(
            f"UPDATE bazaar_deletionrequest SET scheduled_for = '{PAST}' WHERE id IN ({', '.join(map(str, requests))})"
        )

    def hold(name):
        return manage("holds", "set", ids[name], "--reason", "authority", "--review", "2999-01-01", "--json")["id"]

    taken_back, erased = ask("took_back"), ask("erased")
    let_be_due(ask("erased_before"))
    lasting = hold("released")
    manage("finalize_deletions")

    own_database.dump()

    manage("deletions", "cancel", taken_back, "--reason", "changed_mind")
    ask("asked")
    let_be_due(erased, ask("deleted", "--full"))
    ask("held")
    hold("held")
    manage("holds", "release", lasting)
    manage("finalize_deletions")
    as_decided = people_of(own_database)

    own_database.restore()
    assert people_of(own_database) != as_decided, "the backup is older"
    for refused in (["finalize_deletions"], ["deletions", "request", ids["free"]]):
        assert "ledger replay" in manage(*refused, status=78)
    assert "job-refuses" in json.dumps(manage("doctor", "--json", status=1))

    manage("migrate", "--verbosity=0")
    planned = manage("ledger", "replay", "--dry-run", "--json")
    done = manage("ledger", "replay", "--json")
    assert done["done"] == planned["done"] == {"cancelled": 1, "erasing": 2, "held": 1, "released": 1, "requested": 3}
    assert done["conflicts"] == []
    manage("finalize_deletions")

    assert people_of(own_database) == as_decided
    assert manage("ledger", "replay", "--json")["entries"] == 0
    assert people_of(own_database) == as_decided
    assert manage("personal_data", "verify", "--json") == []
    assert manage("ledger", "check", "--json")["breaks"] == []
    assert "@example.org" not in manage("ledger", "export")


def test_a_restored_backup_has_the_schema_and_the_schedules_of_its_database(own_database, manage):
    manage("migrate", "--verbosity=0")
    manage("jobs", "schedule", "cleanup-push-tokens", "7 5 * * 3")
    manage("jobs", "disable", "cleanup-invitations")
    rows = (
        "SELECT id, name, func, args, kwargs, schedule_type, repeats, next_run, cron FROM django_q_schedule ORDER BY id"
    )
    schedules, schema = own_database.execute(rows), own_database.schema()
    assert "7 5 * * 3" in str(schedules)
    assert len([name for name in schema if "trigger " in name]) > 10

    own_database.dump()
    own_database.restore()

    assert differences(own_database.schema(), schema) == {}
    assert own_database.execute(rows) == schedules
    manage("migrate", "--verbosity=0")
    manage("sync_schedules")
    assert differences(own_database.schema(), schema) == {}
    assert own_database.execute(rows) == schedules


def people_of(own_database):
    """Return what has been decided of whom, and whether they are still there."""
    state = """
        SELECT people.name, people.is_active, requests.status, requests.anonymize_contributions, holds.status
        FROM bazaar_user people
        LEFT JOIN bazaar_deletionrequest requests ON requests.user_id = people.id
        LEFT JOIN holds_hold holds ON holds.user_id = people.id
        ORDER BY people.id
    """
    return own_database.execute(state)
