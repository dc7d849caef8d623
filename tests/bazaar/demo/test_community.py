"""The demonstration community: always the same, invented throughout, and with work for every job."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest
from dateutil.relativedelta import relativedelta
from django.core.files.storage import default_storage
from django.db.models import F, Q

import bazaar.demo
from bazaar.demo import fill
from bazaar.karma import drifted
from bazaar.models import (
    AuditLog,
    ConsentRecord,
    DeletionRequest,
    Invitation,
    LoginAttempt,
    PushToken,
    Upload,
    User,
    UserFormerEmail,
)
from tests.bazaar.demo.community import MONTH, NOW, SMALL, fill_anew, filled_models, orphans, rows, situations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
DOCUMENTATION = [ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


@pytest.fixture
def community() -> dict[str, int]:
    return dict(fill(seed=1, scale=SMALL, now=NOW))


def texts() -> Iterator[str]:
    for table in rows(of_seed_only=False).values():
        for row in table:
            yield from (json.dumps(value) if isinstance(value, dict) else value for value in row if value)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_promised_situation_occurs_even_in_the_smallest_community(seed):
    fill(seed=seed, scale=0.01, now=NOW)

    assert [name for name, query in situations().items() if not query.exists()] == []


def test_no_model_of_the_domain_is_left_empty(community):
    assert [model._meta.label for model in filled_models() if not model._default_manager.exists()] == []


def test_it_returns_the_number_of_rows_of_each_model(community):
    assert community == {str(m._meta.verbose_name): m._default_manager.count() for m in filled_models()}


def test_the_same_seed_makes_the_same_community():
    first = fill_anew(seed=1)

    assert fill_anew(seed=1) == first


def test_another_seed_makes_another_community():
    first, second = fill_anew(seed=1), fill_anew(seed=2)

    assert [label for label in first if first[label] == second[label]] == []


def test_a_smaller_scale_makes_fewer_of_everything():
    larger, smaller = fill_anew(seed=1, scale=0.6), fill_anew(seed=1, scale=0.3)

    assert [label for label in larger if len(smaller[label]) >= len(larger[label])] == []


@pytest.mark.parametrize("scale", [0, -1])
def test_a_scale_that_makes_no_sense_is_refused(scale):
    with pytest.raises(ValueError, match="above 0"):
        fill(seed=1, scale=scale, now=NOW)


def test_it_tells_of_every_stage_in_a_sentence():
    told = []

    fill(seed=1, scale=SMALL, now=NOW, report=told.append)

    assert len(told) == len(set(told)) == len(bazaar.demo.STAGES)
    assert all(sentence.endswith(".") for sentence in told)


def test_a_failure_leaves_neither_rows_nor_files(monkeypatch, uploads):
    written = []

    def fail(world):
        written.extend(uploads.iterdir())
        raise RuntimeError

    monkeypatch.setattr(bazaar.demo, "STAGES", (*bazaar.demo.STAGES, ("It fails.", fail)))

    with pytest.raises(RuntimeError):
        fill(seed=1, scale=SMALL, now=NOW)

    assert len(written) > 10
    assert list(uploads.iterdir()) == []
    assert not any(rows().values())


def test_nobody_has_a_password_or_may_do_everything(community):
    users = list(User.objects.all())

    assert [user for user in users if user.has_usable_password() or user.is_superuser] == []


def test_all_addresses_are_of_the_domain_for_examples(community):
    found = [address for text in texts() if isinstance(text, str) for address in ADDRESS.findall(text)]

    assert len(found) > 100
    assert [address for address in found if not re.search(r"[@.]example\.org$", address)] == []


def test_no_address_belongs_to_two_members(community):
    addresses = [
        *User.objects.values_list("email", flat=True),
        *UserFormerEmail.objects.values_list("email", flat=True),
    ]

    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("model", [AuditLog, ConsentRecord, LoginAttempt])
def test_ip_addresses_are_of_the_networks_for_documentation(community, model):
    found = list(model.objects.exclude(ip_address=None).values_list("ip_address", flat=True))

    assert found
    assert [ip for ip in found if not any(ip_address(ip) in network for network in DOCUMENTATION)] == []


def test_a_fifth_of_the_audit_log_is_older_than_three_years(community):
    moments = list(AuditLog.objects.order_by("pk").values_list("created_at", flat=True))
    limit = NOW - relativedelta(years=3)

    assert moments == sorted(moments)
    assert sum(moment < limit for moment in moments) / len(moments) == pytest.approx(0.2, abs=0.01)


def test_old_audit_logs_hold_personal_metadata_at_every_depth(community):
    old = AuditLog.objects.filter(created_at__lt=NOW - relativedelta(years=1))
    metadata = dict(old.values_list("action", "metadata"))

    assert metadata["user.email_changed"]["to"].endswith("example.org")
    assert metadata["admin.user_viewed"]["results"][0]["name"]
    assert metadata["invitation.sent"]["invitations"][0]["email"]
    assert metadata["auth.rate_limited"]["client"]["forwarded_for"]
    assert metadata["moderation.report_filed"]["reports"][0]["reporter"]["fullName"]
    assert all("@" in address for address in metadata["newsletter.sent"]["bounced"])


def test_every_upload_has_its_file_but_one_that_nothing_shows(community):
    (lost,) = [upload for upload in Upload.objects.all() if not default_storage.exists(upload.file.name)]

    assert lost in orphans().filter(created_at__lt=NOW - MONTH)
    with Upload.objects.earliest("pk").file.open() as file:
        assert file.read().startswith(b"\x89PNG")


def test_the_rows_of_uploads_tell_the_size_of_their_files(community):
    uploads = [upload for upload in Upload.objects.all() if default_storage.exists(upload.file.name)]

    assert [upload for upload in uploads if upload.file.size != upload.size] == []
    assert len({upload.size for upload in uploads}) > 3


def test_some_old_files_are_known_to_no_row(community, uploads):
    strays = [path for path in uploads.iterdir() if not Upload.objects.filter(file=path.name).exists()]

    assert len(strays) > 1
    assert all(path.stat().st_mtime < (NOW - MONTH).timestamp() for path in strays)


def test_who_wants_to_be_deleted_knows_since_when(community):
    asked = dict(DeletionRequest.objects.filter(status="pending").values_list("user_pk", "requested_at"))

    assert dict(User.objects.exclude(deletion_requested_at=None).values_list("pk", "deletion_requested_at")) == asked


def test_the_karma_of_most_members_is_right(community):
    assert 0 < drifted().count() < User.objects.filter(karma__gt=0).count() / 2


def test_nothing_is_older_than_who_made_it_or_younger_than_now(community):
    assert not User.objects.filter(Q(created_at__gt=NOW) | Q(last_login__lt=F("created_at"))).exists()
    assert not PushToken.objects.filter(created_at__lt=F("user__created_at")).exists()
    assert not Invitation.objects.filter(created_at__lt=F("invited_by__created_at")).exists()
    assert not DeletionRequest.objects.filter(requested_at__lt=F("user__created_at")).exists()
    assert not AuditLog.objects.filter(created_at__gt=NOW).exists()
