"""What each role may see and do: the one table. Pure Python.

A permission is ``area.act``. ``view`` reads, ``change`` writes, and what takes a second person is ``approve``.
"""

from collections.abc import Mapping

VIEW, CHANGE, APPROVE, RUN = "view", "change", "approve", "run"

AREAS: Mapping[str, tuple[str, ...]] = {
    "office": (VIEW,),  # to come in at all
    "programs": (VIEW, CHANGE),  # the program itself, markets, regions, rates, kinds of events and attributes
    "campaigns": (VIEW, CHANGE, APPROVE),
    "segments": (VIEW, CHANGE),
    "tiers": (VIEW, CHANGE),
    "rewards": (VIEW, CHANGE),
    "redemptions": (VIEW, CHANGE, APPROVE),  # what members bought: cancelled; what costs much approved or rejected
    "suppliers": (VIEW, CHANGE, RUN, APPROVE),  # whom rewards are ordered from; to run: ask again, propose to settle
    "members": (VIEW, CHANGE),
    "codes": (VIEW,),  # a voucher's code in full, each look written down
    "personal_data": (VIEW,),  # who a member is: name, contact, birth date, merchant, cars
    "referrals": (VIEW, APPROVE),  # who brought whom; held ones are approved or rejected
    "events": (VIEW,),
    "adjustments": (VIEW, CHANGE, APPROVE),
    "network": (VIEW, CHANGE),  # dealers and outlets
    "contracts": (VIEW, CHANGE),
    "budgets": (VIEW, CHANGE, APPROVE),
    "ledger": (VIEW, APPROVE),
    "reconciliation": (VIEW, CHANGE, APPROVE),  # statements of suppliers and outlets; differences are closed by two
    "insights": (VIEW,),
    "jobs": (VIEW, RUN),
    "system": (VIEW, CHANGE),  # machines that call the API, messages on their way
    "staff": (VIEW, CHANGE),  # who has which role
    "counter": (RUN,),
}
PERMISSIONS = frozenset(f"{area}.{act}" for area, acts in AREAS.items() for act in acts)


def _views(*areas: str) -> frozenset[str]:
    return frozenset(f"{area}.view" for area in ("office", *areas))


_CATALOGUE = _views("programs", "campaigns", "segments", "tiers", "rewards")
_EVERYTHING_SEEN = frozenset(name for name in PERMISSIONS if name.endswith(".view"))

ROLES: Mapping[str, frozenset[str]] = {
    "marketer": _CATALOGUE
    | _views("redemptions", "suppliers", "members", "referrals", "events", "network", "budgets", "insights", "jobs")
    | {"campaigns.change", "segments.change", "tiers.change", "rewards.change", "jobs.run"},
    "campaign_approver": _CATALOGUE
    | _views("referrals", "network", "budgets", "insights", "jobs")
    | {"campaigns.approve", "referrals.approve"},
    "finance": _CATALOGUE
    | _views("members", "referrals", "events", "adjustments", "network", "contracts", "budgets", "ledger")
    | _views("redemptions", "suppliers", "insights", "jobs")
    | {"reconciliation.view", "reconciliation.change"}
    | {"adjustments.change", "budgets.change", "contracts.change", "jobs.run", "suppliers.change", "suppliers.run"},
    "finance_approver": _CATALOGUE
    | _views("members", "referrals", "events", "adjustments", "network", "contracts", "budgets", "ledger")
    | _views("redemptions", "suppliers", "insights", "jobs")
    | {"reconciliation.view", "reconciliation.approve"}
    | {"redemptions.approve", "referrals.approve", "adjustments.approve", "budgets.approve", "ledger.approve"}
    | {"suppliers.approve"},
    "support": _CATALOGUE
    | _views("redemptions", "members", "codes", "personal_data", "referrals", "events", "adjustments", "network")
    | _views("ledger", "suppliers")
    | {"members.change", "redemptions.change", "adjustments.change", "suppliers.run"},
    "channel_manager": _CATALOGUE
    | _views("redemptions", "members", "personal_data", "referrals", "events", "network", "contracts", "budgets")
    | _views("insights")
    | {"network.change"},
    "regional_manager": _CATALOGUE
    | _views("redemptions", "members", "personal_data", "referrals", "events", "network", "contracts", "budgets")
    | _views("insights"),
    "dealer_manager": _views("programs", "campaigns", "events", "network", "contracts", "budgets") | {"counter.run"},
    "outlet_adviser": frozenset({"counter.run"}),
    "leadership": _EVERYTHING_SEEN - {"codes.view", "personal_data.view", "system.view", "staff.view"},
    "administrator": PERMISSIONS
    - {
        "campaigns.approve",
        "redemptions.approve",
        "referrals.approve",
        "adjustments.approve",
        "budgets.approve",
        "ledger.approve",
        "reconciliation.approve",
        "suppliers.approve",
    },
}
