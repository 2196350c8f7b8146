"""Every fact of a member as an SQL expression; NULL is a fact without a value.

The alias ``m`` is the member's row; what else an expression reads is joined only when it is named.
The definitions are those of ``members/rules/facts.py`` and ``members/selectors/facts.py``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.models import Market, Program
from members.rules.catalogue import Kind
from members.rules.conditions import Leaf
from members.rules.facts import SERVICE_PREFIX, local_date, year_start

JOINS: Mapping[str, str] = {
    "market": (
        "JOIN unnest(%(markets)s::bigint[], %(market_codes)s::text[], %(zones)s::text[], %(days)s::date[],"
        " %(years)s::date[]) AS k(id, code, zone, day, year_start) ON k.id = m.market_id"
    ),
    "region": "LEFT JOIN core_region r ON r.id = m.region_id",
    "tier": "LEFT JOIN members_tier t ON t.id = m.tier_id",
    "facts": "LEFT JOIN members_memberfacts f ON f.member_id = m.id",
    "identity": "LEFT JOIN members_memberidentity i ON i.member_id = m.id",
    "merchant": "LEFT JOIN members_merchantprofile p ON p.member_id = m.id",
    "wallet": (
        "LEFT JOIN ledger_account w ON w.owner = m.uuid AND w.purpose = 'wallet' AND w.book_id ="
        " (SELECT id FROM ledger_book WHERE program_id = %(program)s AND unit = 'points')"
    ),
    # What the night's maturing and expiry have not settled yet: lapsed lots are not spendable, matured ones are.
    "unsettled": (
        "LEFT JOIN (SELECT a.owner,"
        " sum(CASE WHEN a.purpose = 'wallet' THEN -l.remaining ELSE l.remaining END) AS points"
        " FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id"
        " WHERE l.remaining > 0"
        " AND a.book_id = (SELECT id FROM ledger_book WHERE program_id = %(program)s AND unit = 'points')"
        " AND (a.purpose = 'wallet' AND l.expires_on < %(book_day)s"
        " OR a.purpose = 'pending' AND l.available_on <= %(book_day)s"
        " AND coalesce(l.expires_on >= %(book_day)s, TRUE)) GROUP BY a.owner) u ON u.owner = m.uuid"
    ),
}


class Statement:
    """A statement over one program's members in the making: joins stand once, values are always parameters."""

    def __init__(self, *, program: Program, at: datetime) -> None:
        """Read the program's markets: every fact of time depends on the local day of the moment ``at``."""
        markets = list(Market.objects.filter(program=program))
        days = [local_date(at, ZoneInfo(market.timezone)) for market in markets]
        self.currency = program.currency
        self.joins: dict[str, str] = {}
        self.params: dict[str, Any] = {
            "program": program.pk,
            "at": at,
            "book_day": local_date(at, ZoneInfo(program.timezone)),  # points lapse in the program's time zone
            "markets": [market.pk for market in markets],
            "market_codes": [market.code for market in markets],
            "zones": [market.timezone for market in markets],
            "days": days,
            "years": [year_start(day) for day in days],
        }

    def bind(self, value: object) -> str:
        """A placeholder for a value."""
        name = f"v{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def join(self, *names: str) -> None:
        """Make the aliases of these joins known."""
        self.joins |= {name: JOINS[name] for name in names}

    def expression(self, leaf: Leaf) -> str:
        """The fact of a leaf."""
        if leaf.fact in COLUMNS:
            sql, joins = COLUMNS[leaf.fact]
            self.join(*joins)
            return sql
        for family, express in FAMILIES.items():
            if leaf.fact.startswith(family):
                return express(self, leaf.fact.removeprefix(family), leaf)
        raise KeyError(leaf.fact)

    def type_count(self, event_type: str) -> str:
        """The alias of the member's counter of a type."""
        alias = f"c_{event_type.encode().hex()}"
        if alias not in self.joins:
            self.joins[alias] = (
                f"LEFT JOIN members_membertypecount {alias} ON {alias}.member_id = m.id"
                f" AND {alias}.event_type_id = (SELECT id FROM members_eventtype"
                f" WHERE program_id = %(program)s AND code = {self.bind(event_type)})"
            )
        return alias


def _hours_since(moment: str, condition: str = "TRUE") -> str:
    return f"CASE WHEN {moment} <= %(at)s AND {condition} THEN %(at)s - {moment} END"


def _window(column: str, total: str, first: str) -> str:
    # The row is right for the day it was rolled to; for any other day the days themselves are added up.
    return (
        f"CASE WHEN f.rolled_on = k.day THEN f.{column} ELSE (SELECT coalesce(sum(d.{total}), 0)::bigint"
        f" FROM members_memberday d WHERE d.member_id = m.id AND d.day BETWEEN {first} AND k.day) END"
    )


def _places(counted: str, join: str = "") -> str:
    return (
        f"(SELECT count(DISTINCT {counted}) FROM members_memberday d {join} WHERE d.member_id = m.id"
        " AND d.day BETWEEN k.year_start AND k.day AND d.events > 0 AND d.outlet_id > 0)"
    )


def _vehicles(aggregate: str) -> str:
    return (
        f"(SELECT {aggregate} FROM members_vehicle v"
        " WHERE v.member_id = m.id AND (v.bought_on IS NULL OR v.bought_on <= k.day))"
    )


_MONTHS = (
    "(extract(year FROM k.day) - extract(year FROM q.bought)) * 12 + extract(month FROM k.day)"
    " - extract(month FROM q.bought) - (extract(day FROM k.day) < extract(day FROM q.bought))::int"
)


def _days_since(day: str) -> str:
    return f"CASE WHEN {day} <= k.day THEN k.day - {day} END"


_LAST_SERVICE = (
    "(SELECT (max(c.last_at) AT TIME ZONE k.zone)::date FROM members_membertypecount c WHERE c.member_id = m.id"
    " AND c.event_type_id = ANY(ARRAY(SELECT id FROM members_eventtype"
    f" WHERE program_id = %(program)s AND starts_with(code, '{SERVICE_PREFIX}'))))"
)
_DAY = ("facts", "market")
# The engine's own count: a referral that qualified is an event of the referrer, whether a rule listens or not.
_REFERRALS = (
    "coalesce((SELECT c.occurrences FROM members_membertypecount c WHERE c.member_id = m.id AND c.event_type_id ="
    " (SELECT id FROM members_eventtype WHERE program_id = %(program)s AND code = 'referral.qualified')), 0)"
)

COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "member.kind": ("m.kind", ()),
    "member.status": ("m.status", ()),
    "member.language": ("nullif(m.language, '')", ()),
    "member.kyc": ("m.kyc", ()),
    "member.market": ("k.code", ("market",)),
    "member.region": ("r.code", ("region",)),
    "member.tier": ("t.code", ("tier",)),
    "member.tier_rank": ("t.rank", ("tier",)),
    "member.birthday_month": ("extract(month FROM i.birth_date)::int", ("identity",)),
    "member.days_since_enrolled": (_days_since("(m.enrolled_at AT TIME ZONE k.zone)::date"), ("market",)),
    "member.hours_since_enrolled": (_hours_since("m.enrolled_at"), ()),
    "member.hours_since_kyc": (_hours_since("m.kyc_at", "m.kyc = 'verified'"), ()),
    "member.days_since_active": (_days_since("f.last_active_on"), _DAY),
    "member.points": ("coalesce(w.balance, 0) + coalesce(u.points, 0)", ("wallet", "unsettled")),
    "member.events_30d": (_window("events_30d", "events", "k.day - 29"), _DAY),
    "member.events_90d": (_window("events_90d", "events", "k.day - 89"), _DAY),
    "member.amount_30d": (_window("amount_30d", "amount_minor", "k.day - 29"), _DAY),
    "member.amount_90d": (_window("amount_90d", "amount_minor", "k.day - 89"), _DAY),
    "member.amount_12m": (_window("amount_12m", "amount_minor", "k.year_start"), _DAY),
    "member.outlets_12m": (_places("d.outlet_id"), ("market",)),
    "member.dealers_12m": (_places("o.dealer_id", "JOIN dealers_outlet o ON o.id = d.outlet_id"), ("market",)),
    "member.category": ("nullif(p.category, '')", ("merchant",)),
    "member.partner_type": ("nullif(p.partner_type, '')", ("merchant",)),
    "member.agent": ("nullif(p.agent, '')", ("merchant",)),
    "member.preferred": ("p.preferred", ("merchant",)),
    "member.vehicles": (_vehicles("count(*)"), ("market",)),
    "member.vehicle_age_months": (
        f"(SELECT ({_MONTHS})::int FROM (SELECT {_vehicles('max(v.bought_on)')}) q(bought))",
        ("market",),
    ),
    "member.warranty_days_left": (f"{_vehicles('max(v.warranty_until)')} - k.day", ("market",)),
    "member.days_since_service": (f"(SELECT {_days_since('s.day')} FROM {_LAST_SERVICE} s(day))", ("market",)),
    "member.referrals_qualified": (_REFERRALS, ()),
    # What other jobs will write has no value yet.
    "member.top_category": ("NULL::text", ()),
    "member.churn_risk": ("NULL::text", ()),
    "member.lifecycle": ("NULL::text", ()),
    "member.value_band": ("NULL::text", ()),
}

# An attribute counts only while it still is what its declaration says; dates compare as ISO 8601 texts.
_STORED: Mapping[Kind, tuple[str, str, str]] = {
    Kind.TEXT: ("string", ".", "{}"),
    Kind.CHOICE: ("string", ".", "{}"),
    Kind.INTEGER: ("number", r"^-?\d{1,18}$", "({})::bigint"),
    Kind.AMOUNT: ("string", r"^\d{1,15}(\.\d{1,6})?$", "({})::numeric"),
    Kind.BOOLEAN: ("boolean", ".", "({})::boolean"),
    Kind.DATE: ("string", r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", '({}) COLLATE "C"'),
}


def _attribute(statement: Statement, code: str, leaf: Leaf) -> str:
    name = statement.bind(code)
    stored, pattern, cast = _STORED[leaf.type.kind]
    text = f"(m.attributes ->> {name}::text)"
    return (
        f"CASE WHEN jsonb_typeof(m.attributes -> {name}::text) = '{stored}' AND {text} ~ '{pattern}'"
        f" THEN {cast.format(text)} END"
    )


def _count(statement: Statement, event_type: str, _leaf: Leaf) -> str:
    return f"coalesce({statement.type_count(event_type)}.occurrences, 0)"


def _hours_since_first(statement: Statement, event_type: str, _leaf: Leaf) -> str:
    return _hours_since(f"{statement.type_count(event_type)}.first_at")


def _hours_since_last(statement: Statement, event_type: str, _leaf: Leaf) -> str:
    return _hours_since(f"{statement.type_count(event_type)}.last_at")


FAMILIES: Mapping[str, Callable[[Statement, str, Leaf], str]] = {
    "member.data.": _attribute,
    "member.count.": _count,
    "member.hours_since_first.": _hours_since_first,
    "member.hours_since_last.": _hours_since_last,
}
