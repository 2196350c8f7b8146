"""What the tests of the shell share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from loyalty.embedded.postgres import FAR
from tests.loyalty.ground import Platform, eventually


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform that serves; nothing of it is left afterwards."""
    platform = Platform(tmp_path / "var")
    yield platform
    if platform.process.poll() is None:
        platform.stop()
    gone = eventually(lambda: not platform.processes())
    home = (platform.var / "postgres").resolve()
    if home.parent == FAR:
        shutil.rmtree(home)
    assert gone


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed a million times in production; not in tests that sign in often."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
