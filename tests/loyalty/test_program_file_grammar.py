# ruff: noqa: E501 - a table is read by its columns

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.operations.program_file.checking import check, check_source
from loyalty.operations.program_file.reading import Source, read
from loyalty.operations.program_file.writing import write

DEMO = (Path(__file__).parents[2] / "programs" / "demo.yaml").read_text()
HERE = Path(__file__).parent / "programs"
EVERYTHING = (HERE / "everything.yaml").read_text()


SHIPPED = sorted((Path(__file__).parents[2] / "programs").glob("*.yaml"))


@pytest.mark.parametrize("path", [*SHIPPED, HERE / "everything.yaml"], ids=lambda path: path.stem)
def test_the_shipped_files_are_valid_and_writing_them_is_a_fixed_point(path: Path) -> None:
    text = path.read_text()
    first = check(text.encode())
    assert first.faults == ()
    written = write(first.document)
    again = check(written.encode())
    assert again.faults == ()
    assert again.document == first.document
    assert write(again.document) == written


def test_cashback_that_is_bought_with_points_is_given_by_no_rule_and_no_tier() -> None:
    faults = wrong("kind: entitlement", "kind: cashback")
    assert [path for _line, path, _message in faults] == [
        "tiers.ladder[2].benefits[0].reward",
        "campaigns[1].rules[1].milestones[1].then[0].reward",
    ]
    assert all("give cashback: … instead" in message for _line, _path, message in faults)


def test_what_has_denominations_is_given_by_no_rule_and_no_tier() -> None:
    values = 'stock: unlimited, denominations: [{value: "10.00", currency: SGD, points: 9}]'
    faults = wrong("stock: unlimited", values)
    assert [path for _line, path, _message in faults] == [
        "tiers.ladder[2].benefits[0].reward",
        "campaigns[1].rules[1].milestones[1].then[0].reward",
    ]
    assert all("car-spa has denominations" in message for _line, _path, message in faults)


def test_the_documented_file_is_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "program-file.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]
    assert check(example.encode()).faults == ()


def wrong(old: str, new: str, base: str = DEMO) -> list[tuple[int, str, str]]:
    """The faults after one edit of a valid file."""
    assert base.count(old) == 1, f"{old!r} stands {base.count(old)} times"
    return [(f.line, f.path, f.message) for f in check(base.replace(old, new).encode()).faults]


def line_of(old: str, base: str = DEMO) -> int:
    return base[: base.index(old)].count("\n") + 1


ONE_FAULT = [
    # program
    ("code: demo", 'code: "de mo"', "program.code", "use letters, digits -"),
    ("code: demo", "code: de_mo", "program.code", "use letters, digits -"),
    ("languages: [en, id]", "languages: [en, id, xx]", "program.languages[2]", "there are en, id, ms, vi, th and ar"),
    ("languages: [en, id]", "languages: [en, id, id]", "program.languages[2]", "listed twice"),
    ("currency: SGD                       #", "currency: XYZ #", "program.currency", "no currency of ISO 4217"),
    ("timezone: Asia/Singapore\n  points", "timezone: Asia/Singapor\n  points", "program.timezone", "did you mean Asia/Singapore"),
    ("pending_days: 0", 'pending_days: "0"', "program.points.pending_days", "a whole number without quotes"),
    ("pending_days: 0", "pending_days: -1", "program.points.pending_days", "at least 0"),
    ('liability_value: "0.01"', "liability_value: 0.01", "program.points.liability_value", 'write "0.01" in quotes'),
    ("at: month_end}", "at: monthend}", "program.points.expire.at", "did you mean month_end"),
    ("expire: {months: 12, at: month_end}", "expire: {months: 12}", "program.points.expire.at", "at is missing"),
    ("expire: {months: 12, at: month_end}", "expire: nevr", "program.points.expire", "did you mean never"),
    ("reversal: debt ", "reversal: dept ", "program.reversal", "did you mean debt"),
    ("holdout: 0  ", "holdout: 101 ", "program.holdout", "from 0 to 100"),
    ("holdout: 0  ", "holdout: 2.555 ", "program.holdout", "at most two decimals"),
    ('primary: "#0b5fff"', "primary: blue", "program.brand.primary", "six digits in quotes"),
    ('primary: "#0b5fff"', 'primary: "#ffe000"', "program.brand.primary", "contrast of 1.3 with white"),
    ("reversal: debt ", "joining: {as: people}\n  reversal: debt ", "program.joining.as", "customer, merchant and both"),
    ("reversal: debt ", "joining: {categories: [{code: food, name: Food}]}\n  reversal: debt ",
     "program.joining.categories", "asked of merchants"),
    ("reversal: debt ", "terms: {th: ข้อกำหนด}\n  reversal: debt ", "program.terms.th", "no language of the program"),
    ("reversal: debt ", "reversl: debt ", "program.reversl", "did you mean reversal"),
    # places
    ('rate: "0.000083"', "rate: 0.000083", "rates[0].rate", 'write "0.000083" in quotes'),
    ('rate: "0.000083"', 'rate: "0"', "rates[0].rate", "more than 0"),
    ("from: 2026-01-01, rate", "from: 2026-02-30, rate", "rates[0].from", "no date such as"),
    ("{currency: IDR, from", "{currency: SGD, from", "rates[0].currency", "needs no rate"),
    ("{code: hobby, type: text}", "{code: hobby, type: text}, {code: hobby, type: text}", "attributes.member[1].code",
     "already taken"),
    ("{code: vip, name", "{code: inactive, name", "segments[1].code", "the code inactive is already taken in line"),
    ("languages: [id, en]}", "languages: [id, th]}", "markets[1].languages[1]", "no language of the program"),
    ("name: Greater Jakarta, market: ID", "name: Greater Jakarta, market: IDN", "regions[0].market", "did you mean ID"),
    ("name: {en: Jakarta Motors}, market: ID, region: JKT", "name: {en: J}, market: SG, region: JKT", "dealers[0].region",
     "JKT is a region of ID, not of SG"),
    ("{code: JKT-01-S1,", "{code: SG-ORCHARD,", "dealers[0].outlets[0].code", "already taken"),
    ("contracts: [{dealer: JKT-01,", "contracts: [{dealer: JKT-02,", "contracts[0].dealer", "did you mean JKT-01"),
    ('rate: "0.000083"}', 'rate: "0.000083"}, {currency: IDR, from: 2026-01-01, rate: "1"}', "rates[1].currency", "IDR 2026-01-01 is already"),
    ("code: three-bill-months", "code: within-24h", "campaigns[1].rules[1].code", "within-24h is already taken in line"),
    # members and events
    ("{code: hobby, type: text}", "{code: hobby, type: choice}", "attributes.member[0].choices", "choices is missing"),
    ("{code: hobby, type: text}", "{code: hobby, type: string}", "attributes.member[0].type", "is not known here"),
    ("code: payment.completed\n    name: {en: Payment}", "code: member.enrolled\n    name: {en: Payment}", None, "needs no entry"),
    ("name: {en: Payment}", "name: {fr: Paiement}", None, "fr is no language of the program"),
    ("name: {en: Payment}", "name: {en: 5}", "event_types[0].name.en", "must be a text"),
    ("name: {en: Payment}", 'name: {en: " "}', "event_types[0].name.en", "must not be empty"),
    ("amount: required                  #", "amount: must #", "event_types[0].amount", "required, optional and none"),
    ("qualifying: true                  #", "qualifying: yes #", "event_types[0].qualifying", 'true or false, not "yes"'),
    ("window: rolling_12_months", "window: rolling_6_months", "tiers.review.window", "did you mean rolling_12_months"),
    ("name: {en: Silver}, requires: {}", "name: {en: Silver}, requires: {events: 1}", "tiers.ladder[0].requires", "requires: {}"),
    ('requires: {amount: "5000.00", events: 60, match: any}', "requires: {}", "tiers.ladder[1].requires", "only the first"),
    ('amount: "5000.00"', "amount: 5000.00", "tiers.ladder[1].requires.amount", 'write "5000.00" in quotes'),
    ('amount: "5000.00"', 'amount: "5000.001"', "tiers.ladder[1].requires.amount", "SGD has 2 decimals"),
    ('amount: "5000.00"', 'amount: "5,000"', "tiers.ladder[1].requires.amount", "no amount"),
    ("reward: car-spa, per_year", "reward: carspa, per_year", "tiers.ladder[2].benefits[0].reward", "did you mean car-spa"),
    ("name: {en: Invited}, kind: list", "name: {en: Invited}", "segments[1]", "where: (a condition) or kind: list"),
    ("{fact: member.events_30d, op: lt,", "{fact: member.events_31d, op: lt,", "segments[0].where.fact", "did you mean"),
    ("{fact: member.events_30d, op: lt,", "{fact: event.amount, op: lt,", None, ""),
    # budgets and rewards
    ("indonesia, parent: central, market", "indonesia, market", "budgets[1]", "there is only one"),
    ("indonesia, parent: central,", "indonesia, parent: indonesia,", "budgets[1].parent", "a part of itself"),
    ("market: ID, points: 3000000", "market: ID, points: 30000000", "budgets[1]", "central has 10000000 points"),
    ("market: ID, points: 3000000", "market: ID, region: JKT", "budgets[1]", "not for several"),
    ('money: {SGD: "50000.00"}', "money: {SGD: 50000}", "budgets[0].money.SGD", 'write "50000" in quotes'),
    ('money: {SGD: "50000.00"}', 'money: {USD: "5"}', "budgets[0].money.USD", "used by no market"),
    ("kind: voucher, category", "kind: coupon, category", "rewards[0].kind", "is not known here"),
    ("tiers: [gold, platinum]", "tiers: [gold, platin]", "rewards[0].tiers[1]", "did you mean platinum"),
    ("stock: generated", "stock: {supplier: acme}", "rewards[0].stock.sku", "sku is missing"),
    ("stock: generated", "stock: generated, outlets: [SG-ORCHRD]", "rewards[0].outlets[0]", "did you mean SG-ORCHARD"),
    ("stock: generated", "stock: generated, outlets: [JKT-01, JKT-01]", "rewards[0].outlets[1]", "twice"),
    ("points: 500, cost", 'points: 500, denominations: [{value: "1.00", currency: SGD, points: 1}], cost',
     "rewards[0].denominations", "not both"),
    ("stock: generated", "stock: generated, image: /brand/demo.svg", "rewards[0].image", "no path of a file"),
    ("stock: generated", "stock: generated, image: brand/../../x.svg", "rewards[0].image", "no path of a file"),
    ("stock: generated", 'stock: generated, image: "https://example.com/x.svg"', "rewards[0].image", "no path of a file"),
    ("logo: brand/demo.svg", "logo: ../demo.svg", "program.brand.logo", "no path of a file"),
    ("stock: generated", "stock: {supplier: Cards & Co, sku: A}", "rewards[0].stock.supplier", "is no code"),
    ("stock: generated", "stock: {supplier: cards.co, sku: A}", "rewards[0].stock.supplier", "is no code"),
    ("stock: generated", f"stock: {{supplier: {'a' * 41}, sku: A}}", "rewards[0].stock.supplier", "at most 40"),
    # campaigns
    ("promise: true ", "promise: true\n    holdout: 5 ", "campaigns[0].holdout", "kept for everybody"),
    ("starts: 2026-01-01T00:00:00+08:00", "starts: 2026-01-01T24:00:00+08:00", "campaigns[0].starts", "no moment such as"),
    ("ends: null ", "ends: 2025-01-01T00:00:00Z ", "campaigns[0].ends", "later than starts"),
    ("state: live\n    starts: 2026-01-01T00:00:00 ", "state: alive\n    starts: 2026-01-01T00:00:00 ", None, "did you mean live"),
    ("fund: program ", "fund: centrl ", "campaigns[0].fund", "did you mean central"),
    ("budget: {points: 500000}", "budget: {points: 500000}\n    fund: market", "campaigns[1].fund", "program or a code"),
    ("fund: program ", "fund: dealer ", "campaigns[0].fund", "no budget is for a dealer"),
    ("fund: program ", "fund: {market: 40, program: 50} ", "campaigns[0].fund", "add up to 100, these to 90"),
    ("audience: {fact: member.kind, op: eq, value: customer}", "audience: {segment: vips}", "campaigns[1].audience.segment",
     "did you mean vip"),
    ("weekdays: [6, 7]", "weekdays: [6, 8]", "campaigns[1].schedule.weekdays[1]", "at most 7"),
    ("hours: [8, 22]", "hours: [22, 8]", "campaigns[1].schedule.hours", "22 must come before 8"),
    ("delivery: automatic ", "delivery: posted ", "campaigns[1].delivery", "automatic, offer and opt_in"),
    ("offer: {days: 7, require: seen, closes: true}", "offer: {require: seen}", "campaigns[1].offer.days", "days is missing"),
    ("limits: [{total: {points: 500000}}]", "limits: [{total: {}}]", "campaigns[1].limits[0].total", "says no limit"),
    ("limits: [{total: {points: 500000}}]", "limits: [{all: {points: 1}}]", "campaigns[1].limits[0].all", "unknown key all"),
    ("per: lifetime}}]", "per: year}}]", "campaigns[1].rules[0].limits[0].per_member.per", "is not known here"),
    # rules, effects, goals
    ("event: wallet.topped_up\n", "event: wallet.toped_up\n", "campaigns[1].rules[0].event", "did you mean wallet.topped_up"),
    ("event: wallet.topped_up\n", "event: event.reversed\n", "campaigns[1].rules[0].event", "no rule listens to"),
    ("{fact: event.ordinal, op: eq,", "{fact: event.ordinals, op: eq,", "campaigns[1].rules[0].when.all[0].fact", "did you mean"),
    ("{fact: event.ordinal, op: eq,", "{fact: event.ordinal, op: contains,", "campaigns[1].rules[0].when.all[0].op", ""),
    ("op: lte, value: 24}", 'op: lte, value: "24"}', "campaigns[1].rules[0].when.all[1].value", "not a whole number"),
    ("fact: event.data.category, op: eq", "fact: event.data.categry, op: eq", "campaigns[1].rules[1].when.fact", "did you mean"),
    ("{points: {fixed: 200}}", "{pionts: {fixed: 200}}", "campaigns[1].rules[0].then[0].pionts", "did you mean points"),
    ("{points: {fixed: 200}}", "{points: {fixed: 200}, badge: first-bill}", "campaigns[1].rules[0].then[0]", "not 2 keys"),
    ("{points: {fixed: 200}}", "{points: {}}", "campaigns[1].rules[0].then[0].points", "exactly one of fixed or per_amount"),
    ("{points: {fixed: 200}}", "{points: {fixed: 2.5}}", "campaigns[1].rules[0].then[0].points.fixed", "a whole number"),
    ("{points: {fixed: 200}}", '{multiply: {by: "1"}}', "campaigns[1].rules[0].then[0].multiply.by", "more than 1"),
    ("{points: {fixed: 200}}", '{cashback: {fixed: {IDR: "5.005"}}}', "campaigns[1].rules[0].then[0].cashback.fixed.IDR",
     "IDR has 2 decimals"),
    ("{badge: first-bill}, {m", "{badge: first-bil}, {m", "campaigns[1].rules[0].then[1].badge", "did you mean first-bill"),
    ("{message: welcome-bonus}]\n", "{message: welcome}]\n", "campaigns[1].rules[0].then[2].message", "in messages"),
    ("count: 1, freezes: 1}", "freezes: 1}", "campaigns[1].rules[1].goal.streak", "exactly one of count or amount"),
    ("freezes: 1}, window: campaign}", "freezes: 1}, window: forever}", "campaigns[1].rules[1].goal.window", "is not known here"),
    ("freezes: 1}, window: campaign}", "freezes: 1}, window: offer}", "campaigns[1].rules[1].goal.window", "needs delivery"),
    ("freezes: 1}, window: campaign}", "freezes: 1}, by: event.outlet, window: campaign}", "campaigns[1].rules[1].goal.by",
     "by goes with level"),
    ("{reach: 6, then", "{reach: 3, then", "campaigns[1].rules[1].milestones[1].reach", "lowest first"),
    ("milestones: [{reach: 3,", 'milestones: [{reach: "3",', "campaigns[1].rules[1].milestones[0].reach", "whole number"),
    # engagement
    ("campaign: kyc-topup, by_market", "campaign: kyc, by_market", "leaderboards[0].campaign", "in campaigns"),
    ("purpose: service, channels", "purpose: spam, channels", "messages[0].purpose", "service and marketing"),
    ("channels: [inbox, email]", "channels: [inbox, pigeon]", "messages[0].channels[1]", "is not known here"),
    ("enter: {segment: inactive}", "enter: {segment: inactive, event: payment.completed}", "journeys[0].enter",
     "exactly one of segment or event"),
    ("[{offer: kyc-topup}]", "[{ofer: kyc-topup}]", "journeys[0].steps[1].branch.then[0].ofer", "did you mean offer"),
    ("{wait: {days: 3}}", "{wait: {}}", "journeys[0].steps[0].wait", "days or hours"),
    ("same_phone: reject", "same_phone: refuse", "referral.guard.same_phone", "hold, reject and allow"),
    # the document
    ("badges: [", "bagdes: [", None, ""),
    ("event_types:   ", "event_typs:   ", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "part"), ONE_FAULT, ids=[f"{n}-{row[2]}" for n, row in enumerate(ONE_FAULT)]
)
def test_every_mistake_is_named_with_its_line_its_path_and_what_to_do(
    old: str, new: str, path: str | None, part: str
) -> None:
    found = wrong(old, new)
    if path is None:  # one mistake that others follow from
        assert found
        assert any(part in message for _, _, message in found)
        return
    assert [f[1] for f in found] == [path], found
    ((line, _, message),) = found
    assert part in message
    edited = DEMO.replace(old, new)
    assert line_of(old) <= line <= line_of(old) + new.count("\n"), edited.splitlines()[line - 1]


@pytest.mark.parametrize("key", ["code", "name", "languages", "currency", "timezone", "points"])
def test_what_a_program_must_say_is_missed_by_name(key: str) -> None:
    source = read(DEMO.encode())
    assert isinstance(source.data, dict)
    program = source.data["program"]
    assert isinstance(program, dict)
    del program[key]
    del source.lines[f"program.{key}"]
    missing = [f for f in check_source(source).faults if f.message == f"{key} is missing"]
    assert [(f.path, f.line) for f in missing] == [(f"program.{key}", line_of("program:"))]


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_lines() -> None:
    text = DEMO.replace("code: demo", "code: 5").replace("op: lte, value: 24}", "op: lte, value: x}")
    text = text.replace("reward: car-spa, per_year", "reward: x, per_year").replace(
        "{badge: first-bill}, {m", "{badge: 5}, {m"
    )
    faults = check(text.encode()).faults
    assert [f.path for f in faults] == [
        "program.code",
        "tiers.ladder[2].benefits[0].reward",
        "campaigns[1].rules[0].when.all[1].value",
        "campaigns[1].rules[0].then[1].badge",
    ]
    assert [f.line for f in faults] == sorted(f.line for f in faults)


def test_amounts_have_the_decimals_of_their_currency() -> None:
    text = EVERYTHING.replace('BHD: "0.500"', 'BHD: "0.5005"').replace('VND: "30000"', 'VND: "30000.0"')
    assert [(f.path.rpartition(".")[2], f.message) for f in check(text.encode()).faults] == [
        ("BHD", "BHD has 3 decimals, 0.5005 has more"),
        ("VND", "VND has 0 decimals, 30000.0 has more"),
    ]


@pytest.mark.parametrize("cost", ["", 'cost: {AED: "0.00"}, ', 'cost: {BHD: "1.000"}, '])
def test_cashback_of_one_price_says_what_it_pays(cost: str) -> None:
    found = wrong('cost: {AED: "1.00"}, ', cost, EVERYTHING)
    assert [(path, "how much it pays in AED" in said) for _, path, said in found] == [("rewards[5].cost", True)]


@pytest.mark.parametrize("stock", ["codes", '{supplier: acme, sku: "1"}'])
def test_cashback_by_code_pays_nothing_out(stock: str) -> None:
    old = 'cost: {AED: "1.00"}, stock: unlimited'
    assert wrong(old, f"stock: {stock}", EVERYTHING) == []


def test_values_may_come_out_of_lists_of_codes() -> None:
    assert wrong('stock: {supplier: acme, sku: "0815"}', "stock: codes", EVERYTHING) == []


def test_an_effect_by_amount_needs_an_event_with_an_amount() -> None:
    text = EVERYTHING.replace("then: [{reward: flight}]", 'then: [{cashback: {percent: "5"}}]')
    (fault,) = check(text.encode()).faults
    assert fault.message == "cashback: percent needs an amount, and leaderboard.closed has none"


def test_a_level_counts_whole_numbers() -> None:
    text = EVERYTHING.replace("level: event.data.odometer_km", "level: event.data.vin")
    (fault,) = check(text.encode()).faults
    assert fault.path.endswith(".goal.level")
    assert "whole numbers" in fault.message


def test_texts_are_maps_defaults_are_left_out_and_sections_are_sorted() -> None:
    document = check(DEMO.encode()).document
    assert document["markets"][0]["name"] == {"en": "Indonesia"}
    assert [market["code"] for market in document["markets"]] == ["ID", "SG"]
    assert "reversal" not in document["program"]
    everyday = document["campaigns"][0]
    assert everyday.keys() == {"code", "name", "state", "promise", "starts", "rules"}
    assert everyday["rules"][0]["then"][0]["points"]["per_amount"]["every"] == "1.00"


def test_shares_keep_their_order_because_the_last_takes_the_rest() -> None:
    shared = next(c for c in check(EVERYTHING.encode()).document["campaigns"] if c["code"] == "shared")
    assert shared["fund"] == [["program", 60], ["dealer", 30], ["emirates", 10]]


type Place = tuple[str | int, ...]

# Values of every type, to be put in any place of a file.
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1, 2**70, True, "", " ", "x", "NO", [], {}, [1], {"a": 1}, [[]], "5.00", "2026-01-01", {"en": 5}, "\u200f"]
) | st.text(max_size=20)  # fmt: skip


def places(value: Any, path: Place = ()) -> list[Place]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, part in inner for place in places(part, (*path, key))]


def at(place: Place, data: Any) -> Any:
    """What stands at a place, None if nothing does any more."""
    for key in place:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def put(place: Place, value: Any, data: Any) -> None:
    around = at(place[:-1], data)
    if at(place, data) is not None:
        around[place[-1]] = value


DATA: Any = read(EVERYTHING.encode()).data
PLACES = places(DATA)


@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=4))
def test_no_content_breaks_the_check_and_what_it_accepts_is_written_and_read_back_the_same(
    changes: list[tuple[Place, Any]],
) -> None:
    data = copy.deepcopy(DATA)
    for place, junk in changes:
        put(place, junk, data)
    checked = check_source(Source(data=data))
    if not checked.faults:
        again = check(write(checked.document).encode())
        assert again.faults == ()
        assert again.document == checked.document


NUMBERS = [place for place in PLACES if type(at(place, DATA)) is int]
OPTIONAL = [place for place in PLACES if isinstance(place[-1], str)]


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.tuples(st.sampled_from(NUMBERS), st.integers(1, 7))), gone=st.lists(st.sampled_from(OPTIONAL))
)
def test_variants_that_are_valid_are_written_and_read_back_the_same(
    numbers: list[tuple[Place, int]], gone: list[Place]
) -> None:
    data = copy.deepcopy(DATA)
    for place, number in numbers:
        put(place, number, data)
    for place in gone:
        trial = copy.deepcopy(data)
        if isinstance(around := at(place[:-1], trial), dict) and around.pop(place[-1], None) is not None:
            data = data if check_source(Source(data=trial)).faults else trial
    checked = check_source(Source(data=data))
    if not checked.faults:
        assert check(write(checked.document).encode()).document == checked.document


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_that_is_accepted_survives_writing_and_reading(text: str) -> None:
    data = copy.deepcopy(DATA)
    data["rewards"] = [{**data["rewards"][0], "terms": {"en": text, "ar": "x" + text}}]
    data = {key: data[key] for key in ("program", "markets", "event_types", "tiers", "rewards")}
    del data["tiers"]["ladder"][2]["benefits"]
    checked = check_source(Source(data=data))
    if not checked.faults:
        assert check(write(checked.document).encode()).document == checked.document


def test_how_lines_and_the_file_end_makes_no_other_terms() -> None:
    there = f'  terms:\n    en: "Joining \\r\\n{"Free. " * 20}\\r\\n\\r\\n - Points \\n"\n'
    program = check(DEMO.replace("  reversal: debt ", there + "  reversal: debt ").encode()).document["program"]
    free = " ".join(["Free."] * 20)
    assert program["terms"] == {"en": f"Joining\n{free}\n\n - Points"}
    assert f"    en: |-\n      Joining\n      {free}\n\n       - Points\n" in write({"program": program})


PLATINUM = 'requires: {amount: "20000.00", events: 120}'


@pytest.mark.parametrize(
    ("gold", "platinum"),
    [
        ('{amount: "20000.01"}', '{amount: "20000.00"}'),
        ('{amount: "20000.00"}', '{amount: "20000.00"}'),
        ('{amount: "20000.00", events: 121}', '{amount: "20000.00"}'),
        ("{events: 9}", '{amount: "1.00", events: 9, match: any}'),
        ('{amount: "5.00", events: 9, match: any}', '{amount: "5.00", events: 8, status_points: 1, match: any}'),
    ],
)
def test_a_tier_that_a_higher_one_hides_is_refused_with_both_their_names(gold: str, platinum: str) -> None:
    text = DEMO.replace('{amount: "5000.00", events: 60, match: any}', gold)
    ((line, path, message),) = wrong(PLATINUM, f"requires: {platinum}", text)
    assert (line, path) == (line_of("code: gold, name", text), "tiers.ladder[1].requires")
    assert message.startswith("gold asks for as much as platinum above it, so that nobody ever earns gold")


@pytest.mark.parametrize(
    ("gold", "platinum"),
    [
        ('{amount: "90000.00"}', "{events: 1}"),  # who spends much at once has few events
        ('{amount: "90000.00"}', '{amount: "20000.00", events: 120}'),
        ('{amount: "90000.00", events: 1, match: any}', '{amount: "20000.00", status_points: 5, match: any}'),
        ('{amount: "90000.00", events: 300, match: any}', '{amount: "20000.00", events: 120}'),
        ('{amount: "19999.99", events: 300}', '{amount: "20000.00"}'),
    ],
)
def test_tiers_that_some_progress_tells_apart_are_no_fault(gold: str, platinum: str) -> None:
    text = DEMO.replace('{amount: "5000.00", events: 60, match: any}', gold)
    assert wrong(PLATINUM, f"requires: {platinum}", text) == []


def test_a_tier_that_a_rule_gives_may_be_meant_for_that_alone() -> None:
    hidden = '{amount: "999999.00", events: 999}'
    text = EVERYTHING.replace('{amount: "5000", events: 60, status_points: 900, match: any}', hidden)
    assert text != EVERYTHING
    assert [path for _line, path, _message in wrong("tier: {to: gold", "tier: {to: platinum", text)] == [
        "tiers.ladder[1].requires"
    ]
    assert check(text.encode()).faults == ()
