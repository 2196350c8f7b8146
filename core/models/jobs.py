"""Long work that a person watches."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.programs import Program


class Job(models.Model):
    """A long piece of work: how far it is, whether it was told to stop, what it reported.

    ``kind`` names the function in ``settings.JOBS``; ``attempts`` counts starts, as a job whose worker died is
    started again; ``error`` is one sentence.
    """

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    program = models.ForeignKey(Program, models.CASCADE, related_name="jobs", null=True)
    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    steps_done = models.BigIntegerField(default=0)
    steps_total = models.BigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    arguments = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    updated_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """Unfinished jobs are looked for every few seconds."""

        indexes: ClassVar = [
            models.Index(fields=["id"], name="job_unfinished", condition=models.Q(state__in=["queued", "running"]))
        ]

    def __str__(self) -> str:
        """Name the job."""
        return f"{self.kind} #{self.pk}"
