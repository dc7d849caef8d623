"""Requests for staff wait for a second person, whoever enters them; nobody else's do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from bazaar.approvals import approve, missing
from bazaar.deletion_errors import NothingToApprove, NotPending, RightsBeyondYours, SamePerson
from bazaar.deletion_requests import make_request
from bazaar.erasure import erase
from bazaar.holds.service import set_hold
from bazaar.models import AuditLog, DeletionRequest, User
from bazaar.models.users import STAFF_FOR
from bazaar.redaction import clean
from maintenance.engine.runner import run_now
from tests.factories import DeletionRequestFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=40)


@pytest.fixture
def boss():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def second():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def colleague():
    return UserFactory(is_staff=True)


def request_for(user, **options):
    return make_request(user, now=LONG_AGO, **options)


def carry_out(request):
    with transaction.atomic():
        return erase(request.pk, NOW)


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {"is_staff": True, "is_active": False}])
@pytest.mark.parametrize("channel", DeletionRequest.Channel.values)
def test_staff_of_any_kind_need_a_second_person_however_the_request_came_in(boss, fields, channel):
    user = UserFactory(**fields)

    assert request_for(user, by=boss, channel=channel).needs_approval


@pytest.mark.parametrize("channel", [value for value in DeletionRequest.Channel.values if value != "site"])
def test_one_for_staff_that_nobody_answers_for_needs_a_second_person(colleague, channel):
    assert request_for(colleague, channel=channel).needs_approval


def test_others_and_those_who_ask_for_themselves_need_nobody(boss, colleague):
    assert not request_for(UserFactory(), by=boss, channel="letter").needs_approval
    assert not request_for(colleague, by=colleague, channel="in_person").needs_approval
    assert not request_for(UserFactory(is_staff=True)).needs_approval, "by the person, on the site"


def test_nobody_is_erased_before_the_approval_and_somebody_is_after(boss, second, colleague):
    request = request_for(colleague, by=boss)
    assert not DeletionRequest.objects.past_date(NOW).exists()
    assert carry_out(request) is None
    assert User.objects.get(pk=colleague.pk).anonymized_at is None

    approve(request, by=second, now=NOW)

    assert (request.approved_by, request.approved_at) == (second, NOW)
    assert DeletionRequest.objects.due(NOW).get() == request
    assert carry_out(request)
    assert User.objects.get(pk=colleague.pk).anonymized_at


@pytest.mark.django_db(transaction=True)
def test_a_run_leaves_what_waits_alone_and_does_the_others(boss, second, colleague):
    waiting, free = request_for(colleague, by=boss), request_for(UserFactory(), by=boss)

    assert run_now("finalize-deletions").success
    free.refresh_from_db()
    waiting.refresh_from_db()
    assert (waiting.status, free.status, waiting.attempts) == ("pending", "completed", 0)

    approve(waiting, by=second)
    assert run_now("finalize-deletions").success
    waiting.refresh_from_db()
    assert waiting.status == "completed"
    assert (waiting.verified_by, waiting.approved_by) == (boss, second), "who decided stays"


def test_neither_who_entered_it_nor_the_person_is_the_second_one(boss):
    other = UserFactory(is_staff=True, is_superuser=True)
    request = request_for(other, by=boss)

    for by in (boss, other):
        with pytest.raises(SamePerson):
            approve(request, by=by)

    request.refresh_from_db()
    assert request.is_awaiting_approval
    assert not AuditLog.objects.filter(action="deletion.approved").exists()


def test_who_has_fewer_rights_than_the_person_is_not_the_second_one(boss, second):
    helper = UserFactory(is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="add_deletionrequest"))
    request = request_for(second, by=boss)

    with pytest.raises(RightsBeyondYours):
        approve(request, by=helper)

    request.refresh_from_db()
    assert request.is_awaiting_approval


@pytest.mark.parametrize("status", ["completed", "cancelled", "unproven"])
def test_what_is_over_is_not_approved(second, status):
    request = DeletionRequestFactory(needs_approval=True, status=status)

    with pytest.raises(NotPending):
        approve(request, by=second)


def test_an_approval_is_given_once_and_only_where_it_is_needed(boss, second, colleague):
    with pytest.raises(NothingToApprove):
        approve(DeletionRequestFactory(), by=second)
    request = request_for(colleague, by=boss)
    approve(request, by=second)

    with pytest.raises(NothingToApprove):
        approve(request, by=UserFactory(is_superuser=True))

    request.refresh_from_db()
    assert request.approved_by == second


def test_one_under_a_hold_can_be_approved_and_stays_held(boss, second, colleague):
    request = request_for(colleague, by=boss)
    set_hold(colleague, reason="legal_claim", review_on=NOW.date() + timedelta(days=9))
    request.refresh_from_db()
    assert request.status == "held"

    approve(request, by=second)

    assert request.status == "held"
    assert not DeletionRequest.objects.due(NOW).exists()


def test_the_audit_log_names_the_second_person(boss, second, colleague):
    request = request_for(colleague, by=boss)

    approve(request, by=second)

    entry = AuditLog.objects.get(action="deletion.approved")
    assert (entry.user, entry.subject, entry.resource_id) == (second, colleague, str(request.pk))
    assert clean(entry.metadata) is entry.metadata


def test_the_doctor_names_requests_that_nobody_approves(boss, second, colleague):
    assert missing() == []
    future = DeletionRequestFactory(needs_approval=True)
    assert missing() == [], f"{future} has time"
    request = request_for(colleague, by=boss)

    [finding] = missing()
    assert finding.id == "bazaar.W023"
    assert finding.msg.endswith(f": {request.pk}.")

    approve(request, by=second)
    assert missing() == []


def test_the_doctor_names_the_first_of_many():
    requests = [DeletionRequestFactory(needs_approval=True, scheduled_for=LONG_AGO) for _ in range(7)]

    [finding] = missing()

    assert finding.msg.endswith(f": {', '.join(str(one.pk) for one in requests[:5])} and others.")


# Those who were of staff


def demote(user):
    User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}])
@pytest.mark.parametrize("by_save", [True, False])
def test_who_loses_the_rights_of_staff_first_needs_a_second_person_all_the_same(boss, fields, by_save):
    user = UserFactory(**fields)
    if by_save:
        user.is_staff = user.is_superuser = False
        user.save()
        user.save()  # the instance does not know what the trigger wrote
    else:
        user = demote(user)

    request = request_for(user, by=boss, channel="letter")

    assert request.needs_approval
    assert carry_out(request) is None


def test_who_keeps_one_of_the_rights_is_still_of_staff(boss):
    user = UserFactory(is_staff=True, is_superuser=True)
    User.objects.filter(pk=user.pk).update(is_superuser=False)

    assert User.objects.get(pk=user.pk).staff_until is None
    assert request_for(user, by=boss).needs_approval


@pytest.mark.parametrize(("more", "needs"), [(-1, True), (1, False)])
def test_who_was_of_staff_counts_so_for_some_time(boss, more, needs):
    user = UserFactory(staff_until=timezone.now() - STAFF_FOR - timedelta(hours=more))

    assert request_for(user, by=boss).needs_approval is needs


def test_nobody_takes_the_time_back(boss, colleague):
    user = demote(colleague)
    until = user.staff_until
    assert until is not None

    for value in (None, LONG_AGO):
        User.objects.filter(pk=user.pk).update(staff_until=value)
        assert User.objects.get(pk=user.pk).staff_until == until
        user.staff_until = value
        user.save()
        assert User.objects.get(pk=user.pk).staff_until == until

    assert request_for(user, by=boss).needs_approval


def test_an_erasure_leaves_no_such_time(boss, second, colleague):
    request = request_for(demote(colleague), by=boss)
    approve(request, by=second, now=NOW)

    assert carry_out(request)

    assert User.objects.get(pk=colleague.pk).staff_until is None
