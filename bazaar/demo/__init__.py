"""A demonstration community for an empty database: some hundred members who do not exist, and four years of history.

It has something for every maintenance job to do, and something next to it that the job has to leave alone. Nothing in
it is real: names are made up, e-mail addresses end in example.org, IP addresses and telephone numbers come from ranges
that are kept for documentation and drama. Nobody in it has a password.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction

from bazaar.demo.builder import Builder
from bazaar.demo.credentials import make_credentials
from bazaar.demo.deletion_requests import request_deletions
from bazaar.demo.history import write_history
from bazaar.demo.ideas import make_ideas
from bazaar.demo.invitations import send_invitations
from bazaar.demo.karma import drift_karma
from bazaar.demo.notifications import notify
from bazaar.demo.people import make_members
from bazaar.demo.pictures import forget_pictures
from bazaar.demo.projects import make_projects

STAGES: tuple[tuple[str, Callable[[Builder], None]], ...] = (
    ("Members introduce themselves.", make_members),
    ("Projects find their teams and their votes.", make_projects),
    ("Ideas find people who are interested.", make_ideas),
    ("Invitations are sent, and often not answered.", send_invitations),
    ("Phones and browsers are connected.", make_credentials),
    ("Members are notified.", notify),
    ("Four years of audit log are written.", write_history),
    ("Karma is counted, and some of it drifts.", drift_karma),
    ("Some members ask to be deleted.", request_deletions),
    ("Pictures are forgotten in the storage.", forget_pictures),
)


def _silence(_sentence: str) -> None:
    pass


def fill(*, seed: int, scale: float, now: datetime, report: Callable[[str], None] = _silence) -> Mapping[str, int]:
    """Fill the database with a community, in one transaction, and the default storage with its pictures.

    The same `seed`, `scale` and `now` make the same rows, except for what must not be guessed or is the clock's:
    stored file names, invitation tokens, session keys, unusable passwords and `updated_at`. `scale` 1 is some three
    hundred members. `report` is told a sentence as each stage begins. Returns the number of rows by the verbose name
    of their model. When it fails, nothing is left in the database, and no file in the storage.
    """
    builder = Builder(seed=seed, scale=scale, now=now)
    with ExitStack() as clean_up:
        clean_up.callback(_remove_files, builder)
        with transaction.atomic():
            for sentence, stage in STAGES:
                report(sentence)
                stage(builder)
        clean_up.pop_all()
    return dict(builder.counts)


def _remove_files(builder: Builder) -> None:
    for name in builder.files:
        default_storage.delete(name)
