"""A deletion request has a random name, by which the ledger knows it, and waits in the state `held` under a legal hold."""

import uuid

from django.db import migrations, models

CHUNK = 1_000


def name_requests(apps, schema_editor):
    requests = apps.get_model("bazaar", "DeletionRequest").objects.using(schema_editor.connection.alias)
    while rows := list(requests.filter(public_id=None).only("pk")[:CHUNK]):
        for row in rows:
            row.public_id = uuid.uuid4()
        requests.bulk_update(rows, ["public_id"])


class Migration(migrations.Migration):

    dependencies = [
        ("bazaar", "0010_hashes_of_invitation_tokens"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [("export_user", "Can export what is held about a user")],
                "verbose_name": "user",
            },
        ),
        migrations.AlterField(
            model_name="deletionrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("held", "Held"),
                    ("completed", "Completed"),
                    ("cancelled", "Cancelled"),
                    ("unproven", "Cannot be proven"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="deletionrequest",
            name="cancel_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("changed_mind", "The person changed their mind"),
                    ("by_mistake", "The request was made by mistake"),
                    ("not_the_owner", "The request was not made by the owner of the account"),
                ],
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="deletionrequest",
            name="one_open_deletion_request_per_user",
        ),
        migrations.AddConstraint(
            model_name="deletionrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["pending", "held"])),
                fields=("user_pk",),
                name="one_open_deletion_request_per_user",
            ),
        ),
        migrations.RemoveIndex(
            model_name="deletionrequest",
            name="deletion_pending_scheduled_for",
        ),
        migrations.AddIndex(
            model_name="deletionrequest",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "held"])),
                fields=["scheduled_for"],
                name="deletion_open_scheduled_for",
            ),
        ),
        migrations.AddField(
            model_name="deletionrequest",
            name="public_id",
            field=models.UUIDField(default=None, editable=False, null=True),
        ),
        migrations.RunPython(name_requests, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="deletionrequest",
            name="public_id",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, help_text="Names the request in the ledger.", unique=True
            ),
        ),
    ]
