"""What becomes of the person, of their contributions, uploads and role, and of other people's karma."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.forms import model_to_dict
from django.utils import timezone

from bazaar.deletion_errors import LastSuperuser
from bazaar.erasure import Mode
from bazaar.karma import karma_of
from bazaar.models import (
    Project,
    Upload,
    User,
)
from tests.bazaar.erasure.rows import columns, entry_about
from tests.factories import (
    CollaboratorFactory,
    IdeaFactory,
    IdeaInterestFactory,
    IdeaUpvoteFactory,
    InvitationFactory,
    ProjectFactory,
    UploadFactory,
    UpvoteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


# What becomes of the person


def test_an_anonymised_user_is_nobody(erase_user):
    user = UserFactory(
        invited_by=UserFactory(),
        avatar=UploadFactory(),
        karma=5,
        is_external=True,
        last_login=NOW,
        show_email_on_profile=True,
    )
    user.groups.add(Group.objects.create(name="editors"))

    erase_user(user, now=NOW)

    gone = User.objects.get(pk=user.pk)
    assert gone.email == f"deleted-{user.pk}@deleted.invalid"
    assert gone.name == "[Deleted User]"
    assert not gone.has_usable_password()
    assert gone.anonymized_at == NOW
    assert not gone.groups.exists()
    nothing = ("avatar", "invited_by", "last_login", "deletion_requested_at", "deleted_at")
    assert columns(gone, *nothing) == dict.fromkeys(nothing)
    no = ("is_active", "is_staff", "is_superuser", "is_external", "include_in_search", "show_email_on_profile")
    assert columns(gone, *no) == dict.fromkeys(no, False)
    assert (gone.bio, gone.karma, gone.show_activity_publicly) == ("", 0, False)
    assert gone.public_id == user.public_id


def test_contributions_stay_when_the_person_is_anonymised(erase_user):
    user = UserFactory()
    rows = [
        CollaboratorFactory(user=user, role="creator"),
        IdeaFactory(creator=user),
        UpvoteFactory(user=user),
        IdeaUpvoteFactory(user=user),
    ]
    interest = IdeaInterestFactory(user=user)

    erase_user(user)

    for row in rows:
        assert model_to_dict(type(row).objects.get(pk=row.pk)) == model_to_dict(row)
    interest.refresh_from_db()
    assert (interest.user_id, interest.message) == (user.pk, "")


def test_only_their_address_leaves_the_text_of_a_contribution(erase_user):
    user = UserFactory(email="ann@example.org")
    text = "Write to ANN@example.org, joann@example.org or ann@example.org.uk. (ann@example.org)"
    project = CollaboratorFactory(user=user, project__description=text).project
    idea = IdeaFactory(creator=user, title="ann@example.org has one")

    erase_user(user)

    project.refresh_from_db()
    idea.refresh_from_db()
    assert project.description == "Write to [removed], joann@example.org or ann@example.org.uk. ([removed])"
    assert idea.title == "[removed] has one"


def test_a_full_deletion_takes_all_that_is_theirs(erase_user):
    user = UserFactory()
    project = CollaboratorFactory(user=user, role="creator").project
    CollaboratorFactory(project=project, role="contributor")
    UpvoteFactory(project=project)
    InvitationFactory(project=project)
    graduated = IdeaFactory(graduated_to=project)
    idea = IdeaFactory(creator=user)
    IdeaInterestFactory(idea=idea)
    UpvoteFactory(user=user)

    evidence = erase_user(user, anonymize=False)

    assert not User.objects.filter(pk=user.pk).exists()
    assert not Project.objects.filter(pk=project.pk).exists()
    graduated.refresh_from_db()
    assert graduated.graduated_to is None
    assert evidence.changes.deleted == {
        "bazaar.User": 1,
        "bazaar.Project": 1,
        "bazaar.Collaborator": 2,
        "bazaar.Upvote": 2,
        "bazaar.Invitation": 1,
        "bazaar.Idea": 1,
        "bazaar.IdeaInterest": 1,
    }
    assert evidence.changes.changed == {"bazaar.Idea": 1, "bazaar.DeletionRequest": 1}


def test_a_project_with_another_creator_stays_with_what_belongs_to_it(erase_user):
    user = UserFactory()
    project = CollaboratorFactory(user=user, role="creator").project
    other = CollaboratorFactory(project=project, role="creator")
    vote, invitation = UpvoteFactory(project=project), InvitationFactory(project=project)

    erase_user(user, anonymize=False)

    assert list(project.collaborators.all()) == [other]
    assert list(project.upvotes.all()) == [vote]
    assert list(project.invitations.all()) == [invitation]


def test_a_project_on_which_they_only_worked_stays(erase_user):
    user = UserFactory()
    project = CollaboratorFactory(user=user, role="contributor").project

    erase_user(user, anonymize=False)

    assert Project.objects.filter(pk=project.pk).exists()


# Uploads


def test_uploads_are_condemned_and_lose_their_owner(erase_user):
    user = UserFactory(avatar=UploadFactory(uploaded_by=None))
    upload, other = UploadFactory(uploaded_by=user), UploadFactory()

    evidence = erase_user(user, now=NOW)

    assert evidence.changes.files_marked == 2
    for condemned in Upload.objects.filter(pk__in=[upload.pk, user.avatar_id]):
        found = columns(condemned, "condemned_at", "uploaded_by", "original_name")
        assert found == {"condemned_at": NOW, "uploaded_by": None, "original_name": ""}
        assert condemned.file.storage.exists(condemned.file.name)
    assert Upload.objects.get(pk=other.pk).condemned_at is None


@pytest.mark.parametrize("anonymize", [True, False])
def test_an_image_that_a_kept_project_shows_stays_without_owner_and_name(erase_user, anonymize):
    user = UserFactory()
    image = UploadFactory(uploaded_by=user)
    project = ProjectFactory(image=image)

    erase_user(user, anonymize=anonymize)

    image.refresh_from_db()
    assert (image.condemned_at, image.uploaded_by, image.original_name) == (None, None, "")
    project.refresh_from_db()
    assert project.image == image


def test_the_image_of_a_project_that_goes_goes_too(erase_user):
    user = UserFactory()
    image = UploadFactory(uploaded_by=user)
    CollaboratorFactory(user=user, role="creator", project=ProjectFactory(image=image))

    erase_user(user, anonymize=False)

    image.refresh_from_db()
    assert image.condemned_at


# Staff


def test_the_last_active_superuser_is_refused(erase_user):
    admin = UserFactory(is_staff=True, is_superuser=True)
    UserFactory(is_superuser=True, is_active=False)

    with pytest.raises(LastSuperuser):
        erase_user(admin)

    admin.refresh_from_db()
    assert admin.is_active


def test_a_superuser_who_is_not_the_last_goes(erase_user):
    admin = UserFactory(is_staff=True, is_superuser=True)
    UserFactory(is_superuser=True)

    assert erase_user(admin)


def test_staff_are_anonymised_whatever_was_asked_and_keep_their_entries(erase_user):
    staff = UserFactory(is_staff=True)
    entry = entry_about(UserFactory(), staff)

    evidence = erase_user(staff, anonymize=False)

    assert evidence.mode is Mode.ANONYMISE
    assert LogEntry.objects.get(pk=entry.pk).user_id == staff.pk
    assert User.objects.get(pk=staff.pk).name == "[Deleted User]"


# Karma


def test_the_karma_of_those_who_lose_votes_and_projects_is_right_afterwards(erase_user):
    user = UserFactory()
    voted = CollaboratorFactory(role="creator")
    UpvoteFactory(user=user, project=voted.project)
    UpvoteFactory(project=voted.project)
    theirs = CollaboratorFactory(user=user, role="creator").project
    partner = CollaboratorFactory(project=theirs, role="contributor")
    for _ in range(2):
        UpvoteFactory(project=theirs)
    for person in (voted.user, partner.user):
        person.karma = karma_of(person.pk)
        person.save()
    assert (voted.user.karma, partner.user.karma) == (2, 1)

    evidence = erase_user(user, anonymize=False)

    assert evidence.karma_recounted == 2
    assert [User.objects.get(pk=person.pk).karma for person in (voted.user, partner.user)] == [1, 0]
