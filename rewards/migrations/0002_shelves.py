"""Shelves and words of the catalogue follow the rewards. The files in ``rewards/sql`` say how: once this is released, a
change of one comes with a migration that runs its ``undo`` and then it again."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def read(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial")]
    operations = [
        migrations.RunSQL(read("shelves"), read("shelves_undo")),
        migrations.RunSQL(read("words"), read("words_undo")),
    ]
