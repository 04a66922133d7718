from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0002_find_by_mailbox"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="groupmember",
            index=models.Index(fields=["partner", "person", "group"], name="people_groups_of"),
        ),
    ]
