"""/health/: 200 only while everything serves."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Heartbeat
from core.services import heartbeat
from core.tasks import beat

pytestmark = pytest.mark.django_db


def test_503_before_a_worker_has_done_a_task(client: Client) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"web": True, "worker": False, "database": True})


def test_200_once_a_task_went_through(client: Client) -> None:
    beat()
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"web": True, "worker": True, "database": True})


def test_503_when_the_last_sign_of_life_is_old(client: Client) -> None:
    beat()
    Heartbeat.objects.update(beat_at=timezone.now() - heartbeat.TOO_OLD - timedelta(seconds=1))
    assert client.get("/health/").status_code == 503


def test_the_sign_of_life_of_an_earlier_run_does_not_count(client: Client) -> None:
    beat()
    heartbeat.stop_beating()
    assert client.get("/health/").status_code == 503


def test_no_cache_may_keep_the_answer(client: Client) -> None:
    assert "no-store" in client.get("/health/").headers["Cache-Control"]
