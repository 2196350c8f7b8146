"""A start does again only what is not done yet."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from loyalty.operations.preparing import remember_static_files, schema_is_current, static_files_are_collected


@pytest.mark.django_db
def test_a_schema_with_every_migration_is_current_and_without_the_last_is_not() -> None:
    assert schema_is_current()

    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")

    assert not schema_is_current()


def test_static_files_are_collected_until_one_changes(tmp_path: Path, settings: LazySettings) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "page.css").write_text("a{}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [sources], tmp_path
    assert not static_files_are_collected()
    remember_static_files()
    assert static_files_are_collected()

    (sources / "page.css").write_text("b { color: red }")

    assert not static_files_are_collected()
