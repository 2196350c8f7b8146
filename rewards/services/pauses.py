"""Suppliers that nothing is asked of for a while: people say so, or their secret cannot be read any more."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core.services.outbox import Message, publish
from rewards.models import Supplier

LOCKED = "supplier.locked"


def pause(*, supplier: Supplier, because: str) -> bool:
    """Ask nothing of a supplier: its rewards are not to be had, and what was ordered waits; whether that is new."""
    rows = Supplier.objects.filter(pk=supplier.pk, paused=False)
    return bool(rows.update(paused=True, paused_because=because[:200]))


def resume(*, supplier: Supplier, at: datetime) -> None:
    """Go on with a supplier; the time to answer begins anew for what waited."""
    Supplier.objects.filter(pk=supplier.pk, paused=True).update(paused=False, paused_because="", resumed_at=at)


@transaction.atomic
def pause_locked(*, supplier: Supplier, at: datetime) -> None:
    """Pause a supplier whose secret no key opens, and have people told, once a pause, that they enter it again."""
    with translation.override(supplier.program.languages[0]):
        because = _("Its secret cannot be read any more: enter it again, then end the pause.")
    if pause(supplier=supplier, because=because):
        told: dict[str, object] = {"supplier": supplier.code, "name": supplier.name, "since": at.isoformat()}
        publish([Message(LOCKED, supplier.program_id, told)])
