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
    "members": (VIEW, CHANGE),
    "personal_data": (VIEW,),  # who a member is: name, contact, birth date, merchant, cars
    "events": (VIEW,),
    "adjustments": (VIEW, CHANGE, APPROVE),
    "network": (VIEW, CHANGE),  # dealers and outlets
    "contracts": (VIEW, CHANGE),
    "budgets": (VIEW, CHANGE, APPROVE),
    "ledger": (VIEW, APPROVE),
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
    | _views("members", "events", "network", "budgets", "insights", "jobs")
    | {"campaigns.change", "segments.change", "tiers.change", "rewards.change", "jobs.run"},
    "campaign_approver": _CATALOGUE | _views("network", "budgets", "insights", "jobs") | {"campaigns.approve"},
    "finance": _CATALOGUE
    | _views("members", "events", "adjustments", "network", "contracts", "budgets", "ledger", "insights", "jobs")
    | {"adjustments.change", "budgets.change", "contracts.change", "jobs.run"},
    "finance_approver": _CATALOGUE
    | _views("members", "events", "adjustments", "network", "contracts", "budgets", "ledger", "insights", "jobs")
    | {"adjustments.approve", "budgets.approve", "ledger.approve"},
    "support": _CATALOGUE
    | _views("members", "personal_data", "events", "adjustments", "network", "ledger")
    | {"members.change", "adjustments.change"},
    "channel_manager": _CATALOGUE
    | _views("members", "personal_data", "events", "network", "contracts", "budgets", "insights")
    | {"network.change"},
    "regional_manager": _CATALOGUE
    | _views("members", "personal_data", "events", "network", "contracts", "budgets", "insights"),
    "dealer_manager": _views("programs", "campaigns", "events", "network", "contracts", "budgets") | {"counter.run"},
    "outlet_adviser": frozenset({"counter.run"}),
    "leadership": _EVERYTHING_SEEN - {"personal_data.view", "system.view", "staff.view"},
    "administrator": PERMISSIONS - {"campaigns.approve", "adjustments.approve", "budgets.approve", "ledger.approve"},
}
