"""Settings of the processes that test_outbox_crashes.py starts and kills."""

import os

from loyalty.settings import *  # noqa: F403

OUTBOX = {"crash.tested": ["tests.core.outbox_consumer.take_in"]}
OUTBOX_RESEND_SECONDS = 2
CELERY_IMPORTS = ["tests.core.outbox_consumer"]
CELERY_TASK_DEFAULT_QUEUE = os.environ["TEST_QUEUE"]
