"""The files in ``ledger/sql`` say how things are now: whoever changes one adds a migration like this one."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def run(*names: str) -> list[str]:
    return [(SQL / f"{name}.sql").read_text(encoding="utf-8") for name in names]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rules")]
    operations = [
        migrations.RunSQL(run("undo", "guard", "lots", "posting", "entries", "guarded"), migrations.RunSQL.noop),
    ]
