"""What the application's database role may do; given anew after every migration, by the owner of the tables."""

from pathlib import Path
from typing import Any

from django.db import connections, transaction

SQL = Path(__file__).parent / "sql"


def grant_rights(*, using: str, **_: Any) -> None:
    """Make the role if it is missing and give it its rights: all rows elsewhere, read and insert in the ledger."""
    connection = connections[using]
    if connection.settings_dict["OPTIONS"].get("assume_role"):
        return  # running as the application itself (a test database being emptied): nothing was migrated
    with transaction.atomic(using), connection.cursor() as cursor:
        for name in ("role", "rights"):
            cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
