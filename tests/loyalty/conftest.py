"""What the tests of the shell share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.loyalty.ground import Platform, copy_of, forget, platform_in
from tests.loyalty.letterbox import letterbox

__all__ = ["letterbox"]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The ``var/`` of a platform that was started once and stopped: making a schema takes longer than most tests."""
    var = tmp_path_factory.mktemp("begun") / "var"
    Platform(var).stop()
    yield var
    forget(var)


@pytest.fixture
def platform(begun: Path, tmp_path: Path) -> Iterator[Platform]:
    """A platform that serves, not for the first time; nothing of it is left afterwards."""
    copy_of(begun, tmp_path / "var")
    with platform_in(tmp_path / "var") as platform:
        yield platform


@pytest.fixture
def first_platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform that serves for the first time."""
    with platform_in(tmp_path / "var") as platform:
        yield platform


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed a million times in production; not in tests that sign in often."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
