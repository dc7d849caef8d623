"""Indexes of what can become due and nothing else: addresses of answered invitations, uploads that may be unused.

And one in the order of the list of deletion requests. Building them keeps writers of these tables waiting: about a
second for a million rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0014_uploads_in_use'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='invitation',
            name='invitation_accepted_at',
        ),
        migrations.RemoveIndex(
            model_name='invitation',
            name='invitation_declined_at',
        ),
        migrations.AddIndex(
            model_name='deletionrequest',
            index=models.Index(models.OrderBy(models.Case(models.When(status='pending', then=models.F('scheduled_for')))), models.OrderBy(models.F('id'), descending=True), name='deletion_request_list'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('accepted_at__isnull', False), models.Q(('email', ''), _negated=True)), fields=['accepted_at'], name='invitation_accepted_at'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('declined_at__isnull', False), models.Q(('email', ''), _negated=True)), fields=['declined_at'], name='invitation_declined_at'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('condemned_at', None), ('in_use', False)), fields=['created_at', 'id'], name='upload_unused_created_at'),
        ),
    ]
