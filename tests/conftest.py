"""What all tests share: the database is made by its owner and used by the restricted role, as in production."""

from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import storages
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

MIGRATED = {ContentType._meta.db_table, Permission._meta.db_table}

# A busy machine is no failure: nothing here asserts on time.
hypothesis_settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("tests")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Create and migrate the test database as its owner."""
    connection.settings_dict["OPTIONS"].pop("assume_role", None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Then take the role of the application; only to drop the database be the owner again."""
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["OPTIONS"]["assume_role"] = settings.APPLICATION_ROLE
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["OPTIONS"].pop("assume_role")


@pytest.fixture(scope="session", autouse=True)
def plain_static_files() -> None:
    """Pages name the files of this tree, whatever an earlier run collected."""
    storages["staticfiles"].hashed_files.clear()  # type: ignore[attr-defined]  # ours, of loyalty.display.static


@pytest.fixture(autouse=True)
def speak_english() -> Iterator[None]:
    """No test goes on in the language of the one before."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def empty_as_owner() -> Iterator[None]:
    """Tests that commit are cleaned up by emptying all tables, which the application itself may not do.

    What migrating fills stays, and need not be filled again.
    """

    def empty(self: DatabaseOperations, _style: object, tables: Sequence[str], **_options: object) -> list[str]:
        deletes = " ".join(f"DELETE FROM {self.quote_name(table)};" for table in tables if table not in MIGRATED)
        role = connection.settings_dict["OPTIONS"]["assume_role"]
        owner = ["RESET ROLE", "SET session_replication_role = replica"]
        return [*owner, f"DO $$ BEGIN {deletes} END $$", "SET session_replication_role = origin", f"SET ROLE {role}"]

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "sql_flush", empty)
    patch.setattr(flush, "emit_post_migrate_signal", lambda *_: None)
    yield
    patch.undo()
