"""Nothing of the person is left, nothing of anybody else is touched; shown by one search before and after."""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bazaar.erasure import Mode, collect, erase, searches, verify
from bazaar.erasure.inventory import DataCategory
from bazaar.searches.models import ErasureSearchPart
from bazaar.uploads import marked_for_removal, remove
from tests.bazaar.erasure.canary import ADDRESS, FORMER, Canary, everything, places

pytestmark = pytest.mark.django_db(transaction=True)

NEVER_PERSONAL = """
    bazaar.AuditLog.action bazaar.AuditLog.resource_type bazaar.Notification.type bazaar.Upload.mime_type
    maintenance.JobRun.details maintenance.JobRun.error maintenance.JobRun.host maintenance.JobRun.job
    maintenance.JobRun.machine
    maintenance.JobRun.message maintenance.JobRun.task_id maintenance.JobSetting.cron maintenance.JobSetting.job
"""
OTHERS_IN_ROWS_THAT_NAME_THE_PERSON = """
    bazaar.AuditLog.resource_id bazaar.Idea.description bazaar.Idea.looking_for bazaar.Idea.title
"""
CONTRIBUTIONS = """
    bazaar.Project.description bazaar.Project.repo_url bazaar.Project.title bazaar.Project.url bazaar.Upload.file
"""
WHEN_ANONYMISED = """
    bazaar.IdeaInterest.message bazaar.Invitation.email bazaar.Invitation.token_hash
    admin.LogEntry.change_message admin.LogEntry.object_id admin.LogEntry.object_repr
"""
KEPT = {
    Mode.DELETE: f"{NEVER_PERSONAL} {OTHERS_IN_ROWS_THAT_NAME_THE_PERSON} {CONTRIBUTIONS}",
    Mode.ANONYMISE: f"{NEVER_PERSONAL} {OTHERS_IN_ROWS_THAT_NAME_THE_PERSON} {CONTRIBUTIONS} {WHEN_ANONYMISED}",
}
"""All that may stay in rows that have to do with the person: written by hand, so that the inventory cannot vouch for
itself. Messages on an idea are other people's, on an idea of the person; entries in the log are those they made."""

STILL_NAME_THE_ANONYMISED = """
    admin.LogEntry.user bazaar.Collaborator.user bazaar.DeletionRequest.user bazaar.Idea.creator
    bazaar.IdeaInterest.user bazaar.IdeaUpvote.user bazaar.Invitation.invited_by bazaar.Upvote.user
    bazaar.User.invited_by maintenance.JobRun.cancel_requested_by maintenance.JobRun.requested_by
    maintenance.JobSetting.changed_by
"""


def search(canary, now):
    """Search as the job does, and return what was found for the person."""
    with transaction.atomic():
        searches.plan(now)
        for part in ErasureSearchPart.objects.all():
            searches.perform(part)
    return searches.found_for(canary.request)


def carry_out(canary, *, is_searched=False):
    now = timezone.now()
    searched = search(canary, now) if is_searched else None
    with transaction.atomic():
        evidence = erase(canary.request.pk, now, searched=searched, chunk=2)
    with transaction.atomic():
        remove(marked_for_removal())
    return evidence


@pytest.mark.parametrize("is_searched", [False, True])
@pytest.mark.parametrize("mode", Mode)
def test_nothing_of_the_person_is_left_and_nothing_of_others_is_touched(mode, is_searched):
    canary = Canary(mode)
    before = everything()
    for marker in [*canary.goes, *canary.kept, *canary.stays, ADDRESS, FORMER]:
        assert places(marker, before), f"{marker} was never there"

    carry_out(canary, is_searched=is_searched)

    after = everything()
    left = {marker: found for marker in canary.goes if (found := places(marker, after))}
    assert not left
    assert not places(ADDRESS, after)
    assert not places(FORMER, after)
    others = {**canary.kept, **canary.stays}
    lost = {marker: place for marker, place in others.items() if place not in places(marker, after)}
    assert not lost
    assert verify() == []


@pytest.mark.parametrize("mode", Mode)
def test_what_stays_is_what_may_stay(mode):
    canary = Canary(mode)

    others = {place for place in canary.kept.values() if place[0] == "bazaar.User" and place[1] != canary.person.pk}
    kept = {f"{model}.{column}" for model, _, column in set(canary.kept.values()) - others}
    assert kept == set(KEPT[mode].split())


def test_every_text_that_can_be_personal_had_a_marker():
    canary = Canary(Mode.DELETE)
    planted = {(model, column) for model, _, column in [*canary.goes.values(), *canary.stays.values()]}

    personal = {
        (policy.model, name)
        for policy in collect()
        if policy.category is not DataCategory.NOTHING
        for name in policy.fields
    }
    texts = {
        (label, name)
        for label, name in personal
        if not (field := apps.get_model(label)._meta.get_field(name)).is_relation
        and not field.choices
        and field.get_internal_type() in {"CharField", "TextField", "JSONField", "FileField", "GenericIPAddressField"}
    }
    addresses = {(label, name) for label, name in texts if name == "email"}
    assert texts - addresses <= planted


@pytest.mark.parametrize("mode", Mode)
def test_rows_name_the_person_only_where_a_contribution_needs_an_author(mode):
    canary = Canary(mode)

    carry_out(canary)

    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.label == "bazaar.User" and not model._meta.proxy
        if model._base_manager.filter(**{field.name: canary.person.pk}).exists()
    }
    assert columns == (set(STILL_NAME_THE_ANONYMISED.split()) if mode is Mode.ANONYMISE else set())


@pytest.mark.parametrize("mode", Mode)
def test_an_erasure_in_which_every_step_has_work_takes_110_statements_at_most(mode):
    canary, now = Canary(mode), timezone.now()
    searched = search(canary, now)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        erase(canary.request.pk, now, searched=searched)

    assert len(queries) <= 110


@pytest.mark.parametrize("mode", Mode)
def test_a_second_erasure_finds_nothing(mode):
    canary = Canary(mode)
    carry_out(canary)
    before = everything()

    assert carry_out(canary) is None
    assert everything() == before
