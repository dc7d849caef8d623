"""Of the token of an invitation only the hash is kept, as of the other tokens. Links that were sent stay valid.

Backwards, the column holds the hashes, and links that were sent are dead: nobody can tell the tokens.
"""

import hashlib

from django.db import migrations, models

import bazaar.models.invitations


def hash_tokens(apps, schema_editor):
    invitations = apps.get_model('bazaar', 'Invitation')
    table = schema_editor.quote_name(invitations._meta.db_table)
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == 'postgresql':
            hashed = "encode(sha256(convert_to(token_hash, 'UTF8')), 'hex')"
            cursor.execute(f'UPDATE {table} SET token_hash = {hashed}')  # the model's name # nosec B608
            # The next statement alters the table, which PostgreSQL refuses while checks of the rows are pending.
            cursor.execute('SET CONSTRAINTS ALL IMMEDIATE')
            cursor.execute('SET CONSTRAINTS ALL DEFERRED')
            return
        cursor.execute(f'SELECT id, token_hash FROM {table}')  # names of tables and columns are the models' # nosec B608
        while rows := cursor.fetchmany(5_000):
            hashed = [(hashlib.sha256(token.encode()).hexdigest(), pk) for pk, token in rows]
            with schema_editor.connection.cursor() as writing:
                writing.executemany(f'UPDATE {table} SET token_hash = %s WHERE id = %s', hashed)  # nosec B608


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0009_attempts_by_place_and_device'),
    ]

    operations = [
        migrations.RenameField(
            model_name='invitation',
            old_name='token',
            new_name='token_hash',
        ),
        migrations.RunPython(hash_tokens, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='invitation',
            name='token_hash',
            field=models.CharField(default=bazaar.models.invitations.unknown_token_hash, editable=False, max_length=64, unique=True),
        ),
    ]
