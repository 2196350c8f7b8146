"""The clock of the stories."""

import pytest
from django.utils import timezone

from tests.acceptance.story import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands at the beginning of a story."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock
