"""The rules of the ledger. The files in ``ledger/sql`` say how things are now: once this is released, a change of
one comes with a migration that runs ``undo`` and then these again."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def run(*names: str) -> list[str]:
    return [(SQL / f"{name}.sql").read_text(encoding="utf-8") for name in names]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(run("guard", "lots", "posting", "entries", "guarded"), run("undo")),
    ]
