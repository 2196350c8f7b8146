"""Re-ratings proposed: what awards would have been by a corrected version, worked out and kept; nothing moves."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from campaigns.models import CampaignVersion, Event, Rerated, Rerating
from campaigns.services.configuration import current_configuration
from campaigns.services.rerating_figures import Corrections, Difference
from campaigns.services.simulation import check_interval, prepare
from campaigns.services.trials import Draft, Trial
from core.models import User
from core.refusals import FieldError, Invalid

BATCH = 500  # awards written at once


def propose_rerating(  # what is proposed, by whom
    *,
    version: CampaignVersion,
    since: datetime,
    until: datetime,
    policy: str,
    because: str,
    by: User,
    at: datetime,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rerating:
    """Work out what awards from ``since`` to ``until`` (out) would have been by a corrected version; nothing moves.

    Raises Invalid: no reason, an unknown policy, an interval that is none.
    """
    check_proposal(policy=policy, because=because, since=since, until=until)
    program = version.campaign.program
    trial = Trial((Draft(version.campaign.code, version.definition, version),))
    last = Event.objects.filter(program=program).aggregate(last=Max("pk"))["last"] or 0
    corrections = Corrections()
    replay = prepare(current_configuration(program.pk), trial, since, until, corrections, last)
    with closing(replay.members):
        replay.run(report)
        with transaction.atomic():
            rerating = Rerating.objects.create(
                program=program, version=version, since=since, until=until, policy=policy, because=because, by=by,
                at=at, last_event=last,
            )  # fmt: skip
            rows = (_row(rerating, one) for one in corrections.find(replay.members))
            for batch in batched(rows, BATCH):
                Rerated.objects.bulk_create(batch)
    return rerating


def check_proposal(*, policy: str, because: str, since: datetime, until: datetime) -> None:
    """Refuse what cannot be proposed. Raises Invalid."""
    check_interval(since, until)
    errors = []
    if policy not in Rerating.Policy:
        policies = ", ".join(Rerating.Policy)
        errors.append(FieldError("/policy", "invalid", _("Choose one of: %(names)s") % {"names": policies}))
    if not because.strip():
        errors.append(FieldError("/because", "required", _("Say why.")))
    if errors:
        raise Invalid(errors=errors)


def _row(rerating: Rerating, one: Difference) -> Rerated:
    return Rerated(
        rerating=rerating,
        event_id=one.event_id,
        place=one.place,
        member_id=one.member_id,
        kind=one.named.kind,
        campaign=one.named.campaign,
        rule=one.named.rule,
        unit=one.named.unit,
        before=one.before,
        after=one.after,
        difference=one.difference,
        is_new=one.is_new,
        expires_on=one.expires_on,
        payers=one.payers,
    )
