"""Markers in everything that can hold something about a person, planted by the inventory, and the search for them.

Every way in which the inventory finds rows gets a row of its own, with a marker of its own in each text, JSON and file
column. What is to become of a marker follows from the lines that find its row. The search reads every column of every
table, decoded, and every file; it is the same before and after.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from django_q.models import OrmQ, Task
from picklefield import PickledObjectField

from bazaar.erasure.actions import KEEP, REDACT, REDACT_CODE, REDACT_NAMES, REMOVE_FILE
from bazaar.erasure.identity import identity_of
from bazaar.erasure.inventory import collect, steps
from bazaar.erasure.scope import Mode, Scope
from bazaar.fields import NormalizedEmailField
from bazaar.models import (
    Collaborator,
    DeletionRequest,
    Idea,
    Invitation,
    Project,
    PushToken,
    Session,
    Upload,
    User,
    UserFormerEmail,
)
from bazaar.sessions import SessionStore
from maintenance.core.queue_packages import SignedPackage
from maintenance.models import Pause

ADDRESS = "Ann.Canary@Example.org"
FORMER = "Ann.Before@Example.org"
NOBODY = 10**9
"""An id that no user has."""


# The search


def everything():
    """Return every column of every row, decoded, and every file: {(model or "file", key, column): text}."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy:
            continue
        for row in model._base_manager.all():
            for column in model._meta.concrete_fields:
                found[model._meta.label, row.pk, column.name] = decoded(row, column)
    for name in default_storage.listdir("")[1]:
        found["file", name, "name and content"] = f"{name} {content(name)}"
    return found


def content(name):
    with default_storage.open(name) as file:
        return file.read().decode(errors="replace")


def decoded(row, column):
    value = getattr(row, column.attname)
    if isinstance(row, OrmQ) and column.name == "payload":
        return repr(SignedPackage.loads(value))
    if isinstance(row, Session) and column.name == "session_data":
        return json.dumps(SessionStore().decode(value), ensure_ascii=False)
    if isinstance(column, models.FileField):
        return f"{value} {content(value.name)}" if default_storage.exists(value.name) else value.name
    if isinstance(column, models.JSONField):
        return json.dumps(value, ensure_ascii=False)
    return repr(value) if isinstance(column, PickledObjectField) else str(value)


def places(word, found):
    """Return where `word` stands, whatever its case."""
    return {place for place, text in found.items() if word.casefold() in text.casefold()}


# The markers


@dataclass
class Canary:
    """A person with markers, neighbours with markers, and what is to become of each marker in the given mode."""

    mode: Mode
    goes: dict = field(default_factory=dict)
    kept: dict = field(default_factory=dict)
    """What stays in the person's rows: contributions, and columns that say nothing of a person."""
    stays: dict = field(default_factory=dict)
    """What others have, in rows that no line finds, or that merely mention the person."""

    addresses = frozenset({ADDRESS.lower(), FORMER.lower()})

    def __post_init__(self):
        self._numbers = count(1)
        self.other = User.objects.create_user("other@example.org", name="Other")
        self.person = self._row(User, {"email": ADDRESS})
        self.avatar = self._row(Upload, {})
        User.objects.filter(pk=self.person.pk).update(avatar=self.avatar)
        self.alone, self.together = self._row(Project, {}), self._row(Project, {"image": self._row(Upload, {})})
        Upload.objects.filter(pk=self.together.image_id).update(uploaded_by=self.person)
        for project, user in ((self.alone, self.person), (self.together, self.person), (self.together, self.other)):
            Collaborator.objects.create(project=project, user=user, role="creator")
        self.idea = self._row(Idea, {"creator": self.person})
        self.device = self._row(PushToken, {"user": self.person})
        self.request = DeletionRequest.objects.create(
            user=self.person,
            user_pk=self.person.pk,
            anonymize_contributions=self.mode is Mode.ANONYMISE,
            scheduled_for=timezone.now() - timedelta(days=1),
        )
        self.steps = steps(collect())
        mine = [self.person, self.avatar, self.alone, self.together, self.idea, self.device, *self._rows_found()]
        mentioning = [self._row(s.model, self._others(s.model), [*s.actions(self.mode)]) for s in self._searches()]
        neighbours = [self._row(model, self._others(model)) for model in self._models()]
        scope = Scope(identity_of([self.person.pk]), self.mode, timezone.now())
        for row in [*mine, Upload.objects.get(pk=self.together.image_id)]:
            self._foretell(row, scope)
        for row in [*mentioning, *neighbours]:
            searched = scope.redactor().has_address(json.dumps(decoded_row(row)))
            (self.goes if searched and isinstance(row, Task | OrmQ | Session) else self.stays).update(markers_of(row))

    def _searches(self):
        return [step for step in self.steps if step.selector.is_search]

    def _models(self):
        """Return the models of which everybody can have a row."""
        return sorted(
            {step.model for step in self.steps} - {Collaborator, Pause},
            key=lambda model: model._meta.label,
        )

    def _rows_found(self):
        for step in self.steps:
            if step.selector.is_search or step.model is Pause:
                continue
            for way in step.selector.text.split(", or "):
                for fields in self._found(way, step.model):
                    yield self._row(step.model, self._others(step.model) | fields)

    def _found(self, way, model):
        """Return the columns that make rows be found in a way that the inventory describes in words."""
        if way in {"the person", "it is their avatar", "the person is its only creator", "the person works on it"}:
            return []  # they are there
        name, _, rest = way.partition(" is ")
        if model in {Collaborator, DeletionRequest} or (model is Idea and name == "creator"):
            return []
        known = {
            "the object is the person": [self._entry(self.person)],
            "the resource is the person": [{"resource_type": "user", "resource_id": str(self.person.pk)}],
            "the object is a row that goes with the person": [self._entry(self.device)],
        }
        by_end = {
            "the person": [{name: self.person} | ({"accepted_at": timezone.now()} if model is Invitation else {})],
            "the person, and nobody has answered": [{name: self.person, "accepted_at": None}],
            "an address of theirs": [{name: ADDRESS}, {name: FORMER}],
            "theirs": [{name: self.idea}],
            "one of which the person is the only creator": [{name: self.alone}],
        }
        if way not in known and rest not in by_end:
            raise AssertionError(f"The canary does not know how to make a row of {model} where {way}: teach it.")
        found = known.get(way) or by_end[rest]
        return [fields | {"email": FORMER} for fields in found] if model is UserFormerEmail else found

    def _entry(self, row):
        return {"content_type": ContentType.objects.get_for_model(row), "object_id": str(row.pk)}

    def _others(self, model):
        """Return what a row needs that is somebody else's."""
        fields = {}
        for column in model._meta.concrete_fields:
            if column.is_relation and not column.null:
                fields[column.name] = self._somebodys(column.related_model)
        return fields

    def _somebodys(self, model):
        return (
            User.objects.create_user(f"somebody-{next(self._numbers)}@example.org")
            if model is User
            else self._row(model, self._others(model))
        )

    def _row(self, model, fields, mentioning=()):
        """Make a row with a marker in each column that can hold a text; some mention the person's address besides."""
        values = {}
        for column in model._meta.concrete_fields:
            if column.name not in fields:
                mention = ADDRESS if column.name in mentioning else ""
                values |= value(column, f"mark{next(self._numbers):04}x", mention)
        if model is DeletionRequest and "user_pk" not in fields:
            values["user_pk"] = NOBODY
        if model is Session:
            user = fields.get("user")
            values["session_data"] = SessionStore().encode({SESSION_KEY: user and user.pk, "m": values["session_data"]})
        (row,) = model._base_manager.bulk_create([model(**values | fields)])  # no signals: the queue's look into a task
        if isinstance(row, User):
            User.objects.filter(pk=row.pk).update(password=values["password"])
        return model._base_manager.get(pk=row.pk)

    def _foretell(self, row, scope):
        """Say what is to become of the markers of a row, by the lines that find it."""
        label = row._meta.label
        found = [s for s in self.steps if s.model is type(row) and s.rows(scope).filter(pk=row.pk).exists()]
        acting = [s for s in found if not s.selector.is_search]
        is_deleted = any(step.deletes(self.mode) for step in acting)
        actions = {
            name: action
            for step in acting
            for name, action in step.actions(self.mode).items()
            if not getattr(action, "where", None) or step.rows(scope).filter(action.where.condition(scope), pk=row.pk)
        }
        for marker, place in markers_of(row).items():
            action = actions.get(place[2], KEEP)
            is_kept = (
                not is_deleted
                and action in {KEEP, REDACT, REDACT_CODE, REDACT_NAMES, REMOVE_FILE}
                and not self._file_goes(row, label)
            )
            (self.kept if is_kept else self.goes)[marker] = place

    def _file_goes(self, row, label):
        return label == "bazaar.Upload" and row.pk != self.together.image_id


def decoded_row(row):
    return {column.name: decoded(row, column) for column in row._meta.concrete_fields}


def markers_of(row):
    """Return the markers in a row, and where each stands."""
    found = {}
    for name, text in decoded_row(row).items():
        for marker in re.findall(r"mark\d{4}x|198\.51\.\d+\.\d+", text):
            found[marker] = (row._meta.label, row.pk, name)
    return found


def value(column, marker, mention):
    """Return what to write to a column: a marker, and an address if there is one to mention; nothing by default."""
    text = f"{marker} {mention}".strip()
    if column.choices:
        return {column.name: column.choices[0][0]}
    if column.model is OrmQ and column.name == "payload":
        return {column.name: SignedPackage.dumps({"id": "1", "args": (text,)})}
    is_needed = not column.null and not column.has_default()
    for kind, made in VALUES + NEEDED * is_needed:
        if isinstance(column, kind):
            return {column.name: made(marker, mention, text)}
    return {}


def ip_address(marker, *_):
    return f"198.51.{int(marker[4:8]) // 200}.{int(marker[4:8]) % 200}"


# Special kinds before general ones
VALUES = (
    (models.JSONField, lambda marker, mention, text: {"email": text, "l": [{"userName": marker, "note": mention}]}),
    # A file that was stored before uploads had to be pictures. An address in it is not searched.
    (models.FileField, lambda *words: default_storage.save(f"{uuid.uuid4()}.png", ContentFile(words[0].encode()))),
    (NormalizedEmailField, lambda marker, *_: f"{marker}@example.org"),
    (models.GenericIPAddressField, ip_address),
    (models.URLField, lambda marker, mention, _: f"https://example.org/{marker}?to={mention}"),
    (PickledObjectField, lambda *words: (words[2],)),
    (models.CharField, lambda *words: words[2]),
    (models.TextField, lambda *words: words[2]),
)
NEEDED = (
    (models.AutoField | models.BigAutoField, lambda *_: None),
    (models.DateTimeField, lambda *_: timezone.now()),
    (models.BooleanField, lambda *_: False),
    (models.IntegerField, lambda *_: 1),
)
