"""What the holder of a single permission can come to do by way of other accounts: nothing more."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse

from bazaar.models import DeletionRequest, Project, User
from tests.bazaar.admin.pages import logged_in, url
from tests.bazaar.admin.permissions import name_of, permissions, send
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "another horse battery"
SOUGHT = ("run_job", "view_jobrun", "change_group", "change_user", "add_deletionrequest")


class World:
    """Accounts with every kind of right, and an actor with one permission."""

    def __init__(self, *given, is_superuser=False):
        run, view, schedule = (
            Permission.objects.get(codename=name) for name in ("run_job", "view_jobrun", "schedule_job")
        )
        self.everybody = Group.objects.create(name="Everybody")
        self.schedulers = Group.objects.create(name="Schedulers")
        self.schedulers.permissions.add(schedule)
        self.actor = UserFactory(is_staff=True, is_superuser=is_superuser)
        self.actor.user_permissions.set(given)
        self.actor.groups.add(self.everybody)
        self.others = {
            "superuser": UserFactory(is_staff=True, is_superuser=True),
            "operator": UserFactory(is_staff=True),
            "inactive operator": UserFactory(is_staff=True, is_active=False),
            "inactive superuser": UserFactory(is_staff=True, is_active=False, is_superuser=True),
            "member of a group": UserFactory(is_staff=True),
            "no staff any more": UserFactory(),
            "staff without rights": UserFactory(is_staff=True),
            "member": UserFactory(),
        }
        for name in ("operator", "inactive operator", "no staff any more"):
            self.others[name].user_permissions.add(run, view)
        self.others["member of a group"].groups.add(self.schedulers)
        self.accounts = {"self": self.actor, **self.others}

    def post(self, address, data):
        send(self.actor, address, data)

    def attack(self):
        """Try to gain rights on every page that could give any."""
        everything = list(Permission.objects.filter(codename__in=SOUGHT).values_list("pk", flat=True))
        groups = [str(group.pk) for group in (self.everybody, self.schedulers)]
        self.post(url(Group, "add"), {"name": "Mine", "permissions": everything})
        for group in groups:
            self.post(url(Group, "change", group), {"name": f"Group {group}", "permissions": everything})
        new = {"usable_password": "true", "password1": NEW, "password2": NEW}
        self.post(url(User, "add"), {"email": "mine@example.org", "is_superuser": "on", "is_staff": "on", **new})
        for account in (*self.accounts.values(), *User.objects.filter(email="mine@example.org")):
            for active in ("", "on") if account is not self.actor else ("on",):
                sent = {
                    "email": f"taken-{account.pk}@example.org",
                    "name": "Taken",
                    "is_active": active,
                    "is_staff": "on",
                    "is_superuser": "on",
                    "groups": groups,
                    "user_permissions": everything,
                    **{f"former_emails-{part}_FORMS": "0" for part in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")},
                }
                self.post(url(User, "change", account.pk), sent)
                if account.pk != self.actor.pk:
                    address = reverse("admin:auth_user_password_change", args=[account.pk])
                    self.post(address, new)
        for action in ("request_deletion", "request_full_deletion"):
            sent = {"action": action, "_selected_action": [a.pk for a in self.others.values()]}
            sent |= {"confirmed": "1", "channel": "email"}
            self.post(url(User, "changelist"), sent)

    def reached(self):
        """Return the permissions that the actor can use now, and whether they can be a superuser."""
        mine = [User.objects.get(pk=self.actor.pk)]
        for user in User.objects.exclude(pk=self.actor.pk):
            if user.check_password(NEW) or user.email.startswith("taken-"):
                user.is_active = True  # somebody may activate it
                mine.append(user)
        return {name for user in mine for name in user.get_all_permissions()}, any(u.is_superuser for u in mine)

    def states(self):
        """Return the others with rights, as the database has them."""
        rights = [user.pk for name, user in self.others.items() if name not in {"member", "staff without rights"}]
        return list(User.objects.filter(pk__in=rights).order_by("pk").values())


@pytest.fixture
def fast_passwords():
    assert django_settings.PASSWORD_HASHERS[0].endswith("MD5PasswordHasher")


def test_the_attacks_work_for_a_superuser(fast_passwords):
    world = World(is_superuser=True)
    before = world.states()

    world.attack()

    assert world.others["operator"].check_password(PASSWORD)
    assert User.objects.get(pk=world.others["operator"].pk).check_password(NEW)
    assert world.states() != before
    assert world.everybody.permissions.count() == len(SOUGHT)
    assert DeletionRequest.objects.count() > 5
    assert world.reached() == ({name_of(permission) for permission in permissions()}, True)


def test_no_permission_leads_to_another_one(fast_passwords):
    numbers = list(permissions())
    assert len(numbers) > 100
    gained, changed = {}, []
    for permission in numbers:
        with transaction.atomic():
            world = World(permission)
            before = world.states()
            world.attack()
            reached, is_superuser = world.reached()
            if reached - {name_of(permission)} or is_superuser:
                gained[name_of(permission)] = reached
            refused = DeletionRequest.objects.filter(user__in=[row["id"] for row in before])
            if world.states() != before or refused.exists():
                changed.append(name_of(permission))
            transaction.set_rollback(True)

    assert gained == {}
    assert changed == []


def test_all_permissions_but_a_superusers_do_not_lead_to_a_superuser(fast_passwords):
    world = World(*permissions())
    superusers = User.objects.filter(is_superuser=True)
    before = list(superusers.order_by("pk").values())
    assert len(before) == 2

    world.attack()

    assert list(superusers.order_by("pk").values()) == before
    assert world.reached()[1] is False
    assert not world.everybody.permissions.exists()


def test_whoever_may_change_users_still_changes_those_without_rights(fast_passwords):
    world = World(*Permission.objects.filter(codename__in=["change_user", "view_user"]))

    world.attack()

    for name in ("member", "staff without rights"):
        user = User.objects.get(pk=world.others[name].pk)
        assert user.email.startswith("taken-")
        assert user.check_password(NEW)
        assert not user.is_superuser
        assert not user.user_permissions.exists()


def test_objects_of_the_site_are_no_rights():
    """A permission to change projects, for instance, changes them."""
    holder = UserFactory(is_staff=True)
    holder.user_permissions.add(Permission.objects.get(codename="add_project"))
    sent = {"title": "New", "description": "x", "status": Project._meta.get_field("status").choices[0][0]}

    assert logged_in(holder).post(url(Project, "add"), sent).status_code == 302
    assert Project.objects.filter(title="New").exists()
