from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_returns'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='message',
            name='messaging_by_person',
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['partner', 'person', 'letter_key', 'queued_at', 'id'], name='messaging_last_to_person'),
        ),
    ]
