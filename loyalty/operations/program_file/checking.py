"""A whole file: form, grammar, references, facts. All faults at once, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from campaigns.rules.festive import Place, festive_days
from loyalty.operations.program_file.grammar import DOCUMENT
from loyalty.operations.program_file.grammar.rewards import PAID_AT_ONCE
from loyalty.operations.program_file.reading import Fault, Plain, Source, below, read
from loyalty.operations.program_file.schema import Fact, Reading, Tree, near
from loyalty.operations.program_file.values import LANGUAGES
from members.rules.catalogue import DERIVED_EVENT_TYPES, Catalogue, Declarations, FactType, Kind
from members.rules.conditions import ConditionError, parse
from members.rules.tiers import hides, rung

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was read. ``document`` is its canonical form, to be trusted when there are no faults."""

    document: Document
    faults: tuple[Fault, ...]
    source: Source
    defined: dict[str, dict[str, str]]  # the path of every code, by section


def check(raw: bytes) -> Checked:
    """Read and judge a program file; never raises for what the file says."""
    return check_source(read(raw))


def check_document(document: Document) -> Checked:
    """Judge a document that comes from elsewhere than a file, and bring it to its canonical form."""
    return check_source(Source(data=document))


def check_source(source: Source) -> Checked:
    """Judge what was read."""
    if not isinstance(source.data, dict):
        return Checked({}, tuple(source.faults), source, {})
    reading = Reading(source, *_basics(source.data))
    document = DOCUMENT.read(source.data, "", reading)
    for judge in JUDGES:
        judge(document, reading)
    faults = {(fault.path, fault.message): fault for fault in (*source.faults, *reading.faults)}
    by_line = tuple(sorted(faults.values(), key=lambda fault: fault.line))
    return Checked(_sorted(document), by_line, source, reading.defined)


def _basics(data: dict[str, Plain]) -> tuple[tuple[str, ...], str | None, frozenset[str], dict[str, str]]:
    """Languages, base currency, all currencies and those by market, as far as can be told before the grammar speaks."""
    program, markets = data.get("program"), data.get("markets")
    program = program if isinstance(program, dict) else {}
    languages, currency = program.get("languages"), program.get("currency")
    given = languages if isinstance(languages, list) else []
    known = tuple(sorted((code for code in LANGUAGES if code in given), key=given.index))
    base = currency if isinstance(currency, str) else None
    rows = [market for market in markets if isinstance(market, dict)] if isinstance(markets, list) else []
    pairs = [(market.get("code"), market.get("currency")) for market in rows]
    spent = {code: money for code, money in pairs if isinstance(code, str) and isinstance(money, str)}
    others = (money for _code, money in pairs)
    return known, base, frozenset(code for code in (base, *others) if isinstance(code, str)), spent


def _judge_uses(document: Document, to: Reading) -> None:
    to.defined.setdefault("event_types", {}).update(dict.fromkeys(DERIVED_EVENT_TYPES, ""))
    to.defined["kinds of outlets"] = {one["kind"]: "" for one in _outlets(document) if "kind" in one}
    for use in to.uses:
        known = [code for kind in use.kind.split(" or ") for code in to.defined.get(kind, ())]
        if use.code not in known:
            to.fault(use.path, f"the file has no {use.code} in {use.kind}{near(use.code, known)}")


def _judge_gifts(document: Document, to: Reading) -> None:
    """Cashback that is bought with points is no voucher, and a gift names no denomination: nobody is given either."""
    rewards = {reward.get("code"): reward for reward in document.get("rewards", [])}
    for use in to.uses:
        reward = rewards.get(use.code, {}) if use.kind == "rewards" else {}
        if reward.get("kind") == "cashback" and reward.get("stock") in PAID_AT_ONCE:
            to.fault(use.path, f"{use.code} is cashback that is bought with points; give cashback: … instead")
        elif reward.get("denominations"):
            to.fault(
                use.path,
                f"{use.code} has denominations, and nothing given says which; give one without them",
            )


def _judge_payers(document: Document, to: Reading) -> None:
    for scope, path in to.payers:
        if not any(scope in budget for budget in document.get("budgets", [])):
            to.fault(path, f"no budget is for a {scope}; give one of the budgets {scope}: …")


def _judge_regions(document: Document, to: Reading) -> None:
    market_of = {region.get("code"): region.get("market") for region in document.get("regions", [])}
    unknown = set(market_of.values()) - to.defined.get("markets", {}).keys()  # and that was said
    for dealer in document.get("dealers", []):
        code, region, market = dealer.get("code"), dealer.get("region"), dealer.get("market")
        if code and market_of.get(region, market) not in {market, *unknown}:
            where = to.defined["dealers"][code].removesuffix(".code") + ".region"
            to.fault(where, f"{region} is a region of {market_of[region]}, not of {market}")


def _judge_amounts(document: Document, to: Reading) -> None:
    declared = {event.get("code") for event in document.get("event_types", []) if event.get("amount") == "none"}
    without = declared | DERIVED_EVENT_TYPES.keys()
    for wanted in to.amounts_wanted:
        if wanted.event_type in without:
            to.fault(wanted.path, f"{wanted.what} needs an amount, and {wanted.event_type} has none")


def _judge_facts(document: Document, to: Reading) -> None:
    catalogue = Catalogue(declarations(document))
    known = to.defined["event_types"]  # of a type that is not, it was said, and its data are not known
    for tree in to.trees:
        if tree.event_type is None or tree.event_type in known:
            _judge_tree(tree, catalogue, to)
    for fact in to.facts:
        if fact.event_type in known:
            _judge_fact(fact, catalogue, to)


def _judge_festivals(document: Document, to: Reading) -> None:
    """A campaign's festival is known in every market it runs in."""
    markets = [market for market in document.get("markets", []) if {"code", "timezone"} <= market.keys()]
    for campaign in document.get("campaigns", []):
        name = campaign.get("schedule", {}).get("festival", {}).get("name")
        if name is None or not {"code", "starts"} <= campaign.keys():
            continue
        path = to.defined["campaigns"][campaign["code"]].removesuffix(".code") + ".schedule.festival.name"
        for market in markets:
            if market["code"] in campaign.get("markets", [market["code"]]):
                _judge_festival(campaign, market, path, to)


def _judge_festival(campaign: Document, market: Document, path: str, to: Reading) -> None:
    name = campaign["schedule"]["festival"]["name"]
    try:
        found = festive_days(campaign, Place(market["code"], market["timezone"]), {})
    except LookupError:
        to.fault(path, f"no {name} is known for market {market['code']} (time zone {market['timezone']})")
        return
    if not found:
        to.fault(path, f"{name} does not come to market {market['code']} between starts and ends")


def _judge_ladder(document: Document, to: Reading) -> None:
    """A tier that a higher one hides is earned by nobody; one that some rule gives may be meant for that alone."""
    currency = document.get("program", {}).get("currency")
    ladder = document.get("tiers", {}).get("ladder", [])
    given = {use.code for use in to.uses if use.kind == "tiers" and use.path.endswith(".tier.to")}
    rungs = [
        rung(tier_id=place, code=tier["code"], rank=place, requires=tier["requires"], currency=currency)
        for place, tier in enumerate(ladder)
        if currency and {"code", "requires"} <= tier.keys()
    ]
    for place, lower in enumerate(rungs):
        above = next((higher for higher in rungs[place + 1 :] if hides(higher, lower)), None)
        if above and lower.code not in given:
            to.fault(
                to.defined["tiers"][lower.code].removesuffix(".code") + ".requires",
                f"{lower.code} asks for as much as {above.code} above it, so that nobody ever earns {lower.code}; "
                f"ask for less of {lower.code}, or for more of {above.code}",
            )


def _judge_tree(tree: Tree, catalogue: Catalogue, to: Reading) -> None:
    try:
        parse(tree.tree, catalogue=catalogue, event_type=tree.event_type, member_only=tree.member_only)
    except ConditionError as problem:
        for path, message in problem.errors:
            to.fault(below(tree.path, path) if path else tree.path, message)


def _judge_fact(fact: Fact, catalogue: Catalogue, to: Reading) -> None:
    found = catalogue.lookup(fact.name, fact.event_type)
    if found is None:
        hint = near(fact.name, catalogue.names(fact.event_type))
        to.fault(fact.path, f"there is no fact {fact.name} for {fact.event_type}{hint}")
    elif fact.number and found.kind is not Kind.INTEGER:
        to.fault(fact.path, f"{fact.name} is of type {found.kind}; a level needs whole numbers")


def declarations(document: Document) -> Declarations:
    """What the conditions of a program can name."""
    program, markets = document.get("program", {}), document.get("markets", [])
    outlets = list(_outlets(document))
    return Declarations(
        member_attributes=_facts(document.get("attributes", {}).get("member", [])),
        event_types={e["code"]: _facts(e.get("data", [])) for e in document.get("event_types", []) if "code" in e},
        languages=frozenset(program.get("languages", [])),
        currencies=frozenset(place["currency"] for place in (program, *markets) if "currency" in place),
        markets=_codes(markets),
        regions=_codes(document.get("regions", [])),
        dealers=_codes(document.get("dealers", [])),
        outlets=_codes(outlets),
        outlet_kinds=frozenset(outlet["kind"] for outlet in outlets if "kind" in outlet),
        tiers=_codes(document.get("tiers", {}).get("ladder", [])),
        segments=_codes(document.get("segments", [])),
    )


def _outlets(document: Document) -> Iterator[dict[str, Any]]:
    yield from document.get("outlets", [])
    for dealer in document.get("dealers", []):
        yield from dealer.get("outlets", [])


def _codes(items: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(item["code"] for item in items if "code" in item)


def _facts(attributes: list[dict[str, Any]]) -> dict[str, FactType]:
    return {
        attribute["code"]: FactType(Kind(attribute["type"]), _choices(attribute))
        for attribute in attributes
        if "code" in attribute and "type" in attribute
    }


def _choices(attribute: dict[str, Any]) -> frozenset[str] | None:
    return frozenset(attribute.get("choices", [])) if attribute["type"] == "choice" else None


JUDGES = (
    _judge_uses,
    _judge_gifts,
    _judge_payers,
    _judge_regions,
    _judge_amounts,
    _judge_facts,
    _judge_festivals,
    _judge_ladder,
)

# Sections and lists whose order says nothing are sorted, so that a file and the database can be compared.
_SORTED_BY = {
    "rates": ("currency", "from"),
    "contracts": ("dealer", "from"),
    **dict.fromkeys(("markets", "regions", "event_types", "outlets", "dealers"), ("code",)),
    **dict.fromkeys(("badges", "segments", "budgets", "rewards", "campaigns"), ("code",)),
    **dict.fromkeys(("leaderboards", "messages", "journeys"), ("code",)),
}


def _sorted(document: Document) -> Document:
    result = dict(document)
    for section, keys in _SORTED_BY.items():
        if section in result:
            result[section] = _by(result[section], keys)
    for dealer in result.get("dealers", []):
        if "outlets" in dealer:
            dealer["outlets"] = _by(dealer["outlets"], ("code",))
    if "attributes" in result:
        result["attributes"] = {"member": _by(result["attributes"]["member"], ("code",))}
    return result


def _by(items: list[dict[str, Any]], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: [str(item.get(key, "")) for key in keys])
