"""What the tests of the shell share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.loyalty.ground import Platform, platform_in


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform that serves; nothing of it is left afterwards."""
    with platform_in(tmp_path / "var") as platform:
        yield platform


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed a million times in production; not in tests that sign in often."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
