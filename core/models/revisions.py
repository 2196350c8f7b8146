"""Configuration that processes keep in memory: every change moves the program's revision."""

from typing import ClassVar

import pgtrigger
from django.db import models

BUMP = (
    "UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM {rows}); RETURN NULL;"
)


def revision_trigger(event: pgtrigger.Operation, rows: str, **referencing: str) -> pgtrigger.Trigger:
    """A statement trigger that counts a change of configuration, so that no writer can forget to."""
    return pgtrigger.Trigger(
        name=f"revised_by_{str(event).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=event,
        referencing=pgtrigger.Referencing(**referencing),
        func=BUMP.format(rows=rows),
    )


class Revised(models.Model):
    """Base of configuration rows with a ``program``: whoever writes them moves ``Program.revision``."""

    class Meta:
        """Abstract; the triggers are inherited."""

        abstract = True
        triggers: ClassVar = [
            revision_trigger(pgtrigger.Insert, "added", new="added"),
            revision_trigger(pgtrigger.Update, "changed", new="changed"),
            revision_trigger(pgtrigger.Delete, "removed", old="removed"),
        ]
