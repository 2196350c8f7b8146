"""Why not: every reason, in the order in which they last."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rewards.rules.availability import Hurdle, Offer, Reason, Standing, Unavailable, period, why_not

OFFER = Offer(points=500, markets=["SG", "ID"], tiers=[], given_only=False, paused=False, retired=False)
ANN = Standing(market="SG", tier="silver", points=620, frozen=False)
NEXT = datetime(2026, 7, 1, tzinfo=UTC)

TABLE = [
    (OFFER, ANN, "SG", []),
    (OFFER, replace(ANN, points=500), "SG", []),
    (OFFER, replace(ANN, points=499), "SG", [Reason(Hurdle.INSUFFICIENT_POINTS, missing=1)]),
    (OFFER, replace(ANN, points=0, debt=450), "SG", [Reason(Hurdle.INSUFFICIENT_POINTS, missing=950)]),
    (OFFER, replace(ANN, debt=450), "SG", []),
    (OFFER, replace(ANN, frozen=True), "SG", [Reason(Hurdle.FROZEN)]),
    (OFFER, ANN, "ID", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)]),
    (OFFER, None, "ID", []),
    (OFFER, ANN, "MY", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)]),
    (replace(OFFER, points=None), ANN, "SG", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)]),
    (replace(OFFER, points=None, given_only=True), ANN, "SG", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.GIVEN_ONLY)]),
    (replace(OFFER, paused=True), ANN, "SG", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.PAUSED)]),
    (replace(OFFER, retired=True), ANN, "SG", [Reason(Hurdle.NOT_AVAILABLE, Unavailable.RETIRED)]),
    (replace(OFFER, tiers=["gold"]), ANN, "SG", [Reason(Hurdle.TIER_REQUIRED, tiers=("gold",))]),
    (replace(OFFER, tiers=["gold"]), replace(ANN, tier="gold"), "SG", []),
    (replace(OFFER, tiers=["gold"]), replace(ANN, tier=None), "SG", [Reason(Hurdle.TIER_REQUIRED, tiers=("gold",))]),
    (replace(OFFER, needs_phone=True), ANN, "SG", []),
    (replace(OFFER, needs_phone=True), replace(ANN, has_phone=False), "SG",
     [Reason(Hurdle.NOT_AVAILABLE, Unavailable.PHONE)]),
    (OFFER, replace(ANN, has_phone=False), "SG", []),
    (replace(OFFER, left=0), ANN, "SG", [Reason(Hurdle.OUT_OF_STOCK)]),
    (replace(OFFER, left=1), ANN, "SG", []),
    (replace(OFFER, most=2, taken=1, until=NEXT), ANN, "SG", []),
    (replace(OFFER, most=2, taken=2, until=NEXT), ANN, "SG", [Reason(Hurdle.LIMIT_REACHED, times=2, until=NEXT)]),
    (replace(OFFER, most=1, taken=1), ANN, "SG", [Reason(Hurdle.LIMIT_REACHED, times=1)]),
    (replace(OFFER, left=0, tiers=["gold"]), None, "SG", [Reason(Hurdle.OUT_OF_STOCK)]),
    (replace(OFFER, points=None), None, None, []),
]  # fmt: skip


@pytest.mark.parametrize(("offer", "standing", "market", "reasons"), TABLE)
def test_why_not(offer: Offer, standing: Standing | None, market: str | None, reasons: list[Reason]) -> None:
    assert why_not(offer, standing, market) == reasons


def test_every_reason_is_told_and_what_lasts_longest_comes_first() -> None:
    offer = replace(OFFER, tiers=["gold"], paused=True, left=0, most=1, taken=1)
    told = why_not(offer, replace(ANN, points=0, frozen=True), "SG")
    assert [reason.hurdle for reason in told] == list(Hurdle)


PERIODS = [
    ("day", "2026-03-08", "2026-03-09"),
    ("week", "2026-03-02", "2026-03-09"),
    ("month", "2026-03-01", "2026-04-01"),
    ("year", "2026-01-01", "2027-01-01"),
]


@pytest.mark.parametrize(("per", "first", "following"), PERIODS)
def test_periods_begin_at_midnight_in_the_market_also_when_clocks_change(per: str, first: str, following: str) -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2026, 3, 9, 3, 59, tzinfo=UTC)  # 23:59 on Sunday the 8th, the day clocks went forward
    begin, end = period(per, at, zone)
    assert begin
    assert end
    assert (begin.isoformat()[:19], end.isoformat()[:19]) == (f"{first}T00:00:00", f"{following}T00:00:00")


def test_a_lifetime_never_begins_anew() -> None:
    assert period("lifetime", NEXT, ZoneInfo("UTC")) == (None, None)
