"""What the tests of core share."""

from decimal import Decimal

import pytest

from core.models import Program


@pytest.fixture
def program(db: None) -> Program:
    """A program with nothing in it."""
    return Program.objects.create(
        code="alpha",
        name="Alpha",
        languages=["en"],
        currency="EUR",
        timezone="Europe/Berlin",
        points_name="points",
        liability_value=Decimal("0.01"),
    )
