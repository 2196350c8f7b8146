"""Telling that budgets run out: looked at each minute and before they are filled, so that the engine pays nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction

from campaigns.models import BudgetAlert, BudgetLevel, Campaign
from campaigns.rules.budget_levels import Level, look
from campaigns.services.budgets import over_campaigns
from core.models import Program
from core.rules.money import to_text
from core.services.outbox import Message, publish
from dealers.models import Budget
from dealers.services.budgets import budget_account
from ledger.models import POINTS
from ledger.selectors.days import Filled, filled_accounts

TOPIC = "budget.low"
ONE_WATCHER = "SELECT pg_advisory_xact_lock(hashtext('budget levels'), %s)"
COUNT = """
    WITH gone AS (
        DELETE FROM campaigns_budgetrefusal r USING campaigns_campaign c
        WHERE c.id = r.campaign_id AND c.program_id = %s AND NOT r.counted
        RETURNING r.campaign_id, r.account_id, r.unit, r.day, r.refusals, r.desired
    ), added AS (
        INSERT INTO campaigns_budgetrefusal AS r (campaign_id, account_id, unit, day, refusals, desired, counted)
        SELECT campaign_id, account_id, unit, day, sum(refusals), sum(desired), true FROM gone GROUP BY 1, 2, 3, 4
        ON CONFLICT (campaign_id, account_id, unit, day) WHERE counted DO UPDATE
            SET refusals = r.refusals + excluded.refusals, desired = r.desired + excluded.desired
    )
    SELECT DISTINCT account_id FROM gone WHERE account_id IS NOT NULL
"""


@transaction.atomic
def watch_budgets(*, program: Program, at: datetime) -> list[BudgetAlert]:
    """Tell of every budget that has reached 80 or 100 per cent since it was filled, once each.

    What was told is written in the same transaction with the message: neither a restart nor two watchers at once
    lose or repeat one. A fixed number of queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_WATCHER, [program.pk])
    refused = count_refusals(program)
    over = over_campaigns(program, at) | _retired(program)
    accounts = [one for one in filled_accounts(program.pk) if one.floor is not None and one.code not in over]
    known = {row.account_id: row for row in BudgetLevel.objects.filter(account__book__program=program)}
    levels, alerts = [], []
    campaigns = dict(Campaign.objects.filter(program=program).values_list("code", "pk"))
    for one in accounts:
        before = known.get(one.account_id)
        seen = Level(before.filled, before.told) if before else None
        now, told = look(seen, filled=one.filled, used=one.used, refused=one.account_id in refused)
        if now != seen:
            levels.append(BudgetLevel(account_id=one.account_id, filled=now.filled, told=now.told))
        alerts += [_alert(program, one, campaigns, level, at) for level in told]
    _write(levels, alerts, {one.account_id: one for one in accounts})
    return alerts


def _retired(program: Program) -> set[str]:
    """Codes of the accounts of budgets that gave back what was left."""
    codes = Budget.objects.filter(program=program, retired=True).values_list("code", flat=True)
    return {budget_account(code) for code in codes}


def count_refusals(program: Program) -> set[int]:
    """Add up what budgets refused since the last time; the accounts that did."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [program.pk])
        return {account for (account,) in cursor.fetchall()}


def _alert(program: Program, one: Filled, campaigns: Mapping[str, int], level: int, at: datetime) -> BudgetAlert:
    purpose, _, code = one.code.partition(":")
    campaign = campaigns.get(code) if purpose == "campaign" else None
    return BudgetAlert(
        program=program, account_id=one.account_id, campaign_id=campaign,
        level=level, filled=one.filled, used=one.used, at=at,
    )  # fmt: skip


def _write(levels: Collection[BudgetLevel], alerts: Collection[BudgetAlert], accounts: Mapping[int, Filled]) -> None:
    BudgetLevel.objects.bulk_create(
        levels, update_conflicts=True, unique_fields=["account"], update_fields=["filled", "told"]
    )
    BudgetAlert.objects.bulk_create(alerts)
    publish([_message(alert, accounts[alert.account_id]) for alert in alerts])


def _message(alert: BudgetAlert, account: Filled) -> Message:
    """What partners are told: points as numbers, money as decimal text."""
    purpose, _, code = account.code.partition(":")
    amounts = {"granted": alert.filled, "used": alert.used, "left": account.balance}
    is_points = account.unit == POINTS
    shown = {name: value if is_points else to_text(value, account.unit) for name, value in amounts.items()}
    payload = {"alert": alert.pk, "level": alert.level, "unit": account.unit, "at": alert.at.isoformat(), **shown}
    return Message(TOPIC, alert.program_id, {purpose: code, **payload})
