"""What a ghost award was before reversals, so that each of them is cut from the whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Existing rows keep their amount."""

    dependencies = [("campaigns", "0002_awards")]

    operations = [
        migrations.AddField("ghostaward", "judged", models.BigIntegerField(default=0), preserve_default=False),
        migrations.RunSQL("UPDATE campaigns_ghostaward SET judged = amount", migrations.RunSQL.noop),
    ]
