"""Tests use a real PostgreSQL: the one of DATABASE_URL, else the embedded one, started for the run."""

import os

import pytest

from loyalty.embedded.postgres import Postgres

SERVER = pytest.StashKey[Postgres]()


def pytest_configure(config: pytest.Config) -> None:
    """Every process of the run holds the server; the last to end stops it."""
    if not os.environ.get("DATABASE_URL"):
        config.stash[SERVER] = server = Postgres()
        server.use()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the server back."""
    if SERVER in config.stash:
        config.stash[SERVER].release()
