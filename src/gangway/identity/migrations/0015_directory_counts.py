from django.db import migrations, models

COUNT = """
UPDATE identity_connection SET
    users = (SELECT count(*) FROM identity_scimuser WHERE connection_id = identity_connection.id),
    groups = (SELECT count(*) FROM identity_scimgroup WHERE connection_id = identity_connection.id)
WHERE kind = 'scim'
"""


class Migration(migrations.Migration):

    dependencies = [
        ("identity", "0014_leavers"),
    ]

    operations = [
        migrations.AddField("connection", "users", models.PositiveIntegerField(default=0)),
        migrations.AddField("connection", "groups", models.PositiveIntegerField(default=0)),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
