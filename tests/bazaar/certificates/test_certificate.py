"""A certificate says what was done, by category, and nothing of the person."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from bazaar.certificates.certificate import NotCarriedOut, certificate_of
from bazaar.certificates.document import as_html, as_lines
from bazaar.certificates.find import erasures_of
from bazaar.deletion_requests import make_request
from bazaar.erasure import Mode
from bazaar.models import DeletionRequest
from maintenance.engine.runner import run_now
from maintenance.models import JobRun, Pause
from tests import factories
from tests.bazaar.erasure.canary import ADDRESS, FORMER, Canary

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


@pytest.fixture(params=list(Mode))
def canary(request):
    canary = Canary(request.param)
    Pause.objects.all().delete()
    DeletionRequest.objects.filter(pk=canary.request.pk).update(scheduled_for=timezone.now() - timedelta(days=1))
    assert run_now("finalize-deletions").success
    canary.request.refresh_from_db()
    return canary


def test_it_says_what_was_asked_promised_and_done(canary, settings):
    settings.BACKUP_RETENTION_DAYS = 10
    request = canary.request
    certificate = certificate_of(request)
    assert certificate.is_proven
    assert certificate.mode == canary.mode
    assert certificate.completed_at == request.completed_at
    assert certificate.run == JobRun.objects.get(job="finalize-deletions").pk
    assert certificate.backups_expire_on == (request.completed_at + timedelta(days=10)).date()
    assert certificate.ledger.confirmation == certificate.ledger.entry + 1
    assert certificate.columns_searched > 100
    assert certificate.told["closing_mail"] == "sent"
    assert "Told of the end: sent at" in "\n".join(as_lines(certificate))


def test_every_row_of_the_evidence_is_in_a_category(canary):
    certificate = certificate_of(canary.request)
    evidence = canary.request.evidence
    assert sum(line.deleted for line in certificate.categories) == sum(evidence["rows_deleted"].values()) > 0
    assert sum(line.changed for line in certificate.categories) == sum(evidence["rows_changed"].values())
    stays = " ".join(line.stays for line in certificate.categories)
    assert ("[Deleted User]" in stays) == (canary.mode == Mode.ANONYMISE)


def test_no_form_says_anything_of_the_person(canary):
    certificate = certificate_of(canary.request)
    forms = [json.dumps(certificate.as_json(), default=str), as_html(certificate), "\n".join(as_lines(certificate))]
    for form in forms:
        assert str(canary.request.public_id) in form
        for marker in [*canary.goes, ADDRESS, FORMER, ADDRESS.lower(), FORMER.lower(), "bazaar."]:
            assert marker not in form


def test_it_is_a_page_and_a_command(canary, client, capsys):
    admin = factories.UserFactory(is_staff=True, is_superuser=True)
    client.force_login(admin)
    url = reverse("admin:bazaar_certificate", args=[canary.request.pk])
    assert (
        f'href="{url}"'
        in client.get(reverse("admin:bazaar_deletionrequest_change", args=[canary.request.pk])).content.decode()
    )
    page = client.get(url)
    assert page.status_code == 200
    assert "Certificate of deletion" in page.content.decode()
    call_command("deletions", "certificate", canary.request.pk, form="html")
    assert "<style>" in capsys.readouterr().out
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.get(url).status_code == 403


def test_what_was_not_carried_out_is_not_certified(client):
    request = make_request(factories.UserFactory())
    with pytest.raises(NotCarriedOut):
        certificate_of(request)


def test_an_erasure_is_found_by_every_address(canary):
    for address in (ADDRESS, ADDRESS.upper(), FORMER):
        [found] = erasures_of(address)
        assert (found.request, found.is_proven, found.mode) == (canary.request.pk, True, canary.mode)
        assert f"request {canary.request.pk}" in str(found)
    assert erasures_of("nobody@example.org") == []


def test_the_admin_finds_a_request_by_the_address_of_an_erased_person(canary, client):
    client.force_login(factories.UserFactory(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:bazaar_deletionrequest_changelist"), {"q": FORMER})
    assert [row.pk for row in page.context["cl"].queryset] == [canary.request.pk]
