"""What the clock starts, and what the outbox and jobs name, exists."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from pytest_django import Settings

from loyalty.celery import app

TASKS = [str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
CONSUMERS = [consumer for consumers in settings.OUTBOX.values() for consumer in consumers]


@pytest.mark.parametrize("name", sorted({*TASKS, *CONSUMERS}))
def test_a_task_named_in_the_settings_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert name in app.tasks


def test_the_work_of_a_job_exists() -> None:
    assert all(callable(import_string(path)) for path in settings.JOBS.values())


@pytest.mark.django_db
@pytest.mark.parametrize("name", TASKS)
def test_what_the_clock_starts_may_do_its_work_as_the_application(
    name: str, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # the pictures of this folder's own platform are none of a test's
    app.loader.import_default_modules()
    assert app.tasks[name]() is None
