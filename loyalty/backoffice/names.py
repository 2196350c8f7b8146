"""What models and columns are called on screens, in the words of the glossary.

One list for the whole office, put on the models when Django starts: migrations know nothing of it.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db.models import Field, Model
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from modeltranslation.fields import TranslationField

APPS: dict[str, Promise] = {  # as the groups of the menu
    "admin": _("System"),
    "campaigns": _("Marketing"),
    "core": _("System"),
    "dealers": _("Network"),
    "ledger": _("Finance"),
    "members": _("Members"),
    "rewards": _("Rewards"),
}
MODELS: dict[str, tuple[Promise, Promise]] = {
    "Account": (_("account"), _("accounts")),
    "Adjustment": (_("adjustment"), _("adjustments")),
    "ApiClient": (_("API client"), _("API clients")),
    "Attribute": (_("attribute"), _("attributes")),
    "Badge": (_("badge"), _("badges")),
    "Book": (_("book"), _("books")),
    "BookHalt": (_("halt"), _("halts")),
    "Budget": (_("budget"), _("budgets")),
    "Campaign": (_("campaign"), _("campaigns")),
    "CampaignStep": (_("step"), _("steps")),
    "CampaignVersion": (_("version"), _("versions")),
    "Contract": (_("contract"), _("contracts")),
    "Dealer": (_("dealer"), _("dealers")),
    "Definition": (_("definition"), _("definitions")),
    "Event": (_("event"), _("events")),
    "EventType": (_("event type"), _("event types")),
    "GhostAward": (_("ghost award"), _("ghost awards")),
    "Job": (_("job"), _("jobs")),
    "Journal": (_("journal"), _("journals")),
    "LogEntry": (_("audit entry"), _("audit trail")),
    "Lot": (_("lot"), _("lots")),
    "Market": (_("market"), _("markets")),
    "Member": (_("member"), _("members")),
    "Notice": (_("notice"), _("notices")),
    "Outlet": (_("outlet"), _("outlets")),
    "OutboxMessage": (_("message to send"), _("outbox")),
    "Program": (_("program"), _("programs")),
    "Rate": (_("rate"), _("rates")),
    "Region": (_("region"), _("regions")),
    "Reward": (_("reward"), _("rewards")),
    "Segment": (_("segment"), _("segments")),
    "StaffRole": (_("role of staff"), _("roles of staff")),
    "Terms": (_("terms"), _("terms")),
    "Tier": (_("tier"), _("tiers")),
    "TierChange": (_("tier change"), _("tier changes")),
    "TotalCounter": (_("limit in use"), _("limits in use")),
    "Transfer": (_("transfer"), _("transfers")),
    "User": (_("user"), _("users")),
    "Vehicle": (_("vehicle"), _("vehicles")),
    "WaitingReversal": (_("waiting reversal"), _("waiting reversals")),
}

COLUMNS: dict[str, Promise] = {
    "account": _("account"),
    "action": _("step"),
    "amount": _("amount"),
    "amount_base_minor": _("amount in the base currency, smallest unit"),
    "amount_minor": _("amount, smallest unit"),
    "approved_by": _("approved by"),
    "arguments": _("what for"),
    "at": _("time"),
    "attempts": _("attempts"),
    "attributes": _("attributes"),
    "available_on": _("available from"),
    "balance": _("balance"),
    "because": _("reason"),
    "benefits": _("benefits"),
    "book": _("book"),
    "bought_on": _("bought on"),
    "brand": _("brand"),
    "bucket": _("period from"),
    "by": _("by"),
    "campaign": _("campaign"),
    "campaign_version_id": _("version of the campaign"),
    "cancel_requested": _("told to stop"),
    "category": _("category"),
    "choices": _("choices"),
    "client": _("client"),
    "closed": _("closed"),
    "code": _("code"),
    "consents": _("consents"),
    "created_at": _("created at"),
    "credited": _("credited"),
    "currency": _("currency"),
    "data": _("data"),
    "day": _("day"),
    "dealer": _("dealer"),
    "definition": _("definition"),
    "dst": _("to account"),
    "due_at": _("due at"),
    "earn_value": _("value when earned"),
    "effective_on": _("accounting day"),
    "enrolled_at": _("enrolled at"),
    "error": _("error"),
    "event": _("event"),
    "event_id": _("event"),
    "event_type": _("event type"),
    "expires_on": _("last good day"),
    "external_id": _("member id"),
    "festival_days": _("festival days"),
    "floor": _("floor"),
    "from_state": _("from state"),
    "from_tier": _("from tier"),
    "funder": _("funder"),
    "grace_until": _("grace until"),
    "halted": _("halted"),
    "holdout_percent": _("holdout in percent"),
    "icon": _("icon"),
    "journal": _("journal"),
    "journal_id": _("journal"),
    "judged": _("judged"),
    "key": _("key"),
    "kind": _("kind"),
    "kyc": _("KYC"),
    "kyc_at": _("KYC since"),
    "joining": _("joining"),
    "language": _("language"),
    "languages": _("languages"),
    "liability_value": _("value of a point"),
    "lots": _("kept in lots"),
    "mailed_at": _("mailed at"),
    "market": _("market"),
    "member": _("member"),
    "member_id": _("member"),
    "milestone": _("milestone"),
    "model": _("model"),
    "money": _("money"),
    "most": _("at most"),
    "name": _("name"),
    "number": _("number"),
    "occurred_at": _("occurred at"),
    "open_from": _("open from"),
    "operator": _("operator"),
    "outlet": _("outlet"),
    "outlet_id": _("outlet"),
    "owner": _("owner"),
    "parent": _("parent budget"),
    "payload": _("content"),
    "pending_days": _("pending days"),
    "per": _("period"),
    "phone": _("phone"),
    "phone_verified": _("phone proven"),
    "plate": _("plate"),
    "points": _("points"),
    "points_expire": _("points expire"),
    "points_name": _("name of points"),
    "program": _("program"),
    "purpose": _("purpose"),
    "qualifying": _("qualifying"),
    "rank": _("rank"),
    "rate": _("rate"),
    "read_at": _("read at"),
    "reason": _("reason"),
    "recorded_at": _("recorded at"),
    "redeem_value": _("value when redeemed"),
    "region": _("region"),
    "remaining": _("remaining"),
    "report": _("report"),
    "requests_per_second": _("requests per second"),
    "requires": _("requires"),
    "retired": _("retired"),
    "reversal": _("reversal"),
    "reverses": _("reverses"),
    "revision": _("revision"),
    "role": _("role"),
    "rule": _("rule"),
    "scale": _("decimals"),
    "section": _("section"),
    "share_percent": _("share in percent"),
    "shared": _("shared"),
    "since": _("in force since"),
    "source": _("source"),
    "src": _("from account"),
    "state": _("state"),
    "status": _("status"),
    "steps_done": _("steps done"),
    "steps_total": _("steps in all"),
    "terms": _("terms"),
    "text": _("text"),
    "tier": _("tier"),
    "tier_review": _("tier review"),
    "tier_since": _("tier since"),
    "tier_until": _("tier until"),
    "time": _("time"),
    "timezone": _("time zone"),
    "to_state": _("to state"),
    "to_tier": _("to tier"),
    "topic": _("topic"),
    "type": _("type"),
    "unit": _("unit"),
    "updated_at": _("updated at"),
    "used": _("used"),
    "user": _("user"),
    "uuid": _("random id"),
    "valid_from": _("valid from"),
    "values": _("values"),
    "version": _("version"),
    "vin": _("VIN"),
    "warranty_until": _("warranty until"),
    "where": _("condition"),
}


def put_names(apps: Iterable[AppConfig], models: Iterable[type[Model]]) -> None:
    """Give apps, models and columns their names."""
    for app in apps:
        if app.label in APPS:
            app.verbose_name = APPS[app.label]  # type: ignore[assignment]  # a text that waits for its language
    for model in models:
        if model.__name__ in MODELS:
            model._meta.verbose_name, model._meta.verbose_name_plural = MODELS[model.__name__]  # type: ignore[assignment]
            for column in model._meta.local_fields:
                _put_name(column)


def _put_name(column: Field[Any, Any]) -> None:
    if isinstance(column, TranslationField):
        column.verbose_name = _in_language(COLUMNS[column.translated_field.name], column.language)
    elif column.name in COLUMNS:
        column.verbose_name = COLUMNS[column.name]  # type: ignore[assignment]


def _told(name: Promise, language: str) -> str:
    return f"{name} ({get_language_info(language)['name_local']})"


_in_language = lazy(_told, str)
