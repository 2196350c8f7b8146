"""A year of shops in three countries. Every figure is worked out by hand from ``programs/merchant.yaml``.

Points: 1 for every full 10,000 IDR. 1 MYR is 3,500 IDR in 2025 and 3,760 in 2026; 1 VND is 0.64 and 0.625.
"""

from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

import pytest

from tests.acceptance.story import Clock, Story, refused, tell

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]
CARD = {"currency": "IDR", "method": "card"}
QR = {"currency": "IDR", "method": "qr"}


def shop(name: str, market: str, region: str, **more: Any) -> dict[str, Any]:
    """A merchant that joined on 1 October 2025 at 08:00 in Jakarta and was proven two days later."""
    return {
        "external_id": name,
        "kind": "merchant",
        "market": market,
        "region": region,
        "enrolled_at": "2025-10-01T01:00:00+00:00",
        "kyc": {"state": "verified", "at": "2025-10-03T01:00:00+00:00"},
        "merchant": {"legal_name": name, "trading_name": name, "category": "food", "partner_type": "retailer"},
        **more,
    }


def twelve(story: Story, member: str, month: str, amount: str, **data: str) -> list[dict[str, Any]]:
    """Twelve payments on the first twelve days of a month, at 09:00 in Jakarta."""
    return [
        story.event("payment.received", member, f"{month}-{day:02}T09:00:00+07:00", amount=amount, **{**CARD, **data})
        for day in range(1, 13)
    ]


def sale(story: Story, member: str, time: str, amount: str, **data: str) -> dict[str, Any]:
    """One payment."""
    return story.event("payment.received", member, time, amount=amount, **{**CARD, **data})


@pytest.fixture
def story(clock: Clock) -> Story:
    """The program, as its first shops have been proven."""
    story = tell("merchant", clock)
    story.pass_to("2025-10-03T02:00:00+00:00")
    return story


def test_a_year_of_merchants(story: Story) -> None:
    warung, soto, bakso = islice(story.members(shop("jabo", "ID", "ID-JABO")), 3)
    autumn(story, warung)
    held_out(story)
    december(story, warung)
    what_comes_back(story, warung)
    other_money(story)
    west_java(story)
    friends_of(story, soto)
    welcome_back(story, bakso)
    courses(story, warung)
    contest(story, [warung, soto, bakso])
    coming_down(story, warung)
    assert story.proves()
    assert story.awards_that_differ("2025-10-01", "2026-10-01") == []


def autumn(story: Story, warung: str) -> None:
    """Activation, first sales, volume: paid at once, once, and only for what was done."""
    story.send(story.event("qr.activated", warung, "2025-10-03T10:00:00+07:00", key="qr"))
    assert (story.points(warung), story.badges(warung)) == (500, {"first-qr"})
    again = story.send(story.event("qr.activated", warung, "2025-10-04T10:00:00+07:00"))  # its second is no first
    assert again[0]["effects"] == []

    # October: 12 x 1,000,000 = 12 x 100 points; the tenth sale from 50,000 on is worth 1,000 and a badge, and
    # the month reaches 10,000,000 with it: 300. 500 + 1,200 + 1,000 + 300 = 3,000.
    october = twelve(story, warung, "2025-10", "1000000.00")
    results = story.send(*october)
    assert [len(one["effects"]) for one in results] == [1] * 9 + [4, 1, 1]
    assert (story.points(warung), story.tier(warung)) == (3_000, "silver")
    assert story.badges(warung) == {"first-qr", "open-for-business"}
    repeated = story.send(*reversed(october))
    assert {one["duplicate"] for one in repeated} == {True}
    assert story.points(warung) == 3_000

    # November: 12 x 2,500,000 = 12 x 250 points, 30,000,000 in the month: 300 + 700. 3,000 + 3,000 + 1,000 = 7,000.
    # 42,000,000 would do for Gold, 24 sales do not: it takes both.
    story.send(*twelve(story, warung, "2025-11", "2500000.00"))
    assert (story.points(warung), story.tier(warung)) == (7_000, "silver")


def december(story: Story, warung: str) -> None:
    """Gold with the thirtieth sale; then lunches with QR, doubled up to a limit, and a part of the fees."""
    # Six by card, 100 points each: the thirtieth sale is the sixth. Six by QR at 12:30, Monday to Friday: 100 each,
    # doubled up to 400 in the month; 0.3 % of 1,000,000 = 3,000.00 each, from Gold on.
    # The month reaches 10,000,000 (300) with its tenth sale, and 12 sales for the third month in a row (900) with
    # its twelfth. 7,000 + 600 + 600 + 400 + 300 + 900 = 9,800.
    cards = twelve(story, warung, "2025-12", "1000000.00")[:6]
    results = story.send(*cards)
    assert [one["tier"]["code"] for one in results] == ["silver"] * 5 + ["gold"]
    lunches = [
        sale(story, warung, f"2025-12-{day}T12:30:00+07:00", "1000000.00", key=f"lunch{day}", **QR)
        for day in ("15", "16", "17", "18", "19", "22")
    ]
    results = story.send(*lunches)
    assert refused(results) == [("qr-lunch", "multiply", "limit")] * 2
    assert story.points(warung) == 9_800
    assert story.cashback(warung) == {"IDR": "18000.00"}
    assert story.badges(warung) == {"first-qr", "open-for-business", "steady"}


def what_comes_back(story: Story, warung: str) -> None:
    """A return takes what is still pending; a late sale counts in the month in which it was made."""
    # The last lunch, a day later, in two parts: of 100 points 70 stay, then none. Its 3,000.00 are paid for good.
    story.send(story.back("lunch22", warung, "2025-12-23T10:00:00+07:00", amount="300000.00"))
    assert story.points(warung) == 9_770
    more = story.send(story.back("lunch22", warung, "2025-12-23T10:00:00+07:00", amount="700000.01"))
    assert more[0]["problem"]["type"] == "/problems/already-reversed"
    assert "steady" in story.badges(warung)
    # With 11 sales December is no month in a row, but the 900 were not pending: they stay, and so does the badge.
    story.send(story.back("lunch22", warung, "2025-12-23T11:00:00+07:00"))
    assert (story.points(warung), story.cashback(warung)) == (9_700, {"IDR": "18000.00"})
    assert story.badges(warung) == {"first-qr", "open-for-business", "steady"}
    # One sale more is the twelfth again: a point for 10,000, and not another 900.
    story.send(sale(story, warung, "2025-12-24T09:00:00+07:00", "10000.00"))
    assert story.points(warung) == 9_701
    # The first lunch three weeks later: nothing of it is pending. 35 sales of 52,010,000 still are Gold.
    story.send(story.back("lunch15", warung, "2026-01-05T10:00:00+07:00"))
    assert (story.points(warung), story.tier(warung)) == (9_701, "gold")
    # A sale of the last second of October in Jakarta comes late: 1,300, and October had 25,000,000 after all: 700.
    story.send(sale(story, warung, "2025-10-31T16:59:59Z", "13000000.00"))
    assert story.points(warung) == 11_701


def held_out(story: Story) -> None:
    """Whoever the hash keeps out of the monthly steps gets all but them, and is told why."""
    out = next(story.members(shop("out", "ID", "ID-JABO"), out="monthly-volume"))
    sales = twelve(story, out, "2025-10", "1000000.00")
    story.send(*sales)
    assert story.points(out) == 1_200 + 1_000
    assert story.reason(sales[9], "monthly-volume") == "held-out"


def other_money(story: Story) -> None:
    """Dong have no decimals, ringgit two; both count in rupiah."""
    quan = next(story.members(shop("quan", "VN", "VN-SGN")))
    # 1,234,567 VND x 0.64 = 790,122.88 IDR: 79 points. In 2026 x 0.625 = 771,604.375: 77.
    dong = {"currency": "VND"}
    story.send(
        sale(story, quan, "2025-12-31T23:59:59+07:00", "1234567", **dong),
        sale(story, quan, "2026-01-01T00:00:00+07:00", "1234567", **dong),
    )
    assert story.points(quan) == 79 + 77
    worth = story.get(f"members/{quan}/tier")["progress"]
    assert worth["amount"] == "1561727.26"  # 790,122.88 + 771,604.38 (half to even)
    wrong = story.send(sale(story, quan, "2026-01-02T09:00:00+07:00", "1234567.5", **dong))
    assert wrong[0]["problem"]["errors"][0]["code"] == "too-many-decimals"
    kedai = next(story.members(shop("kedai", "MY", "MY-KLV")))
    # 120.00 MYR x 3,760 = 451,200 IDR: 45 points.
    story.send(sale(story, kedai, "2026-02-03T09:00:00+08:00", "120.00", currency="MYR"))
    assert story.points(kedai) == 45


def west_java(story: Story) -> None:
    """Weekends in West Java count half as much again, by its own clock; power merchants have a quarter beside it."""
    kopi = next(story.members(shop("kopi", "ID", "ID-JABAR")))
    # Friday 2 January 2026, 23:59 in Bandung is no weekend; 00:00 is, though it is Friday in UTC. 1,010,000: 101
    # points, and half of them: 50.
    story.send(
        sale(story, kopi, "2026-01-02T23:59:59+07:00", "1010000.00"),
        sale(story, kopi, "2026-01-02T17:00:00Z", "1010000.00"),
    )
    assert story.points(kopi) == 101 + 101 + 50
    story.pass_to("2026-01-05T09:00:00+07:00")
    story.caller.call("PUT", "segments/power/members", {"members": [kopi]})
    # A power merchant on a Saturday: 100 + 50 + 25; the two groups do not multiply each other.
    story.send(sale(story, kopi, "2026-01-10T09:00:00+07:00", "1000000.00"))
    assert story.points(kopi) == 252 + 175
    # What West Java has for weekends ends: 800,000 - 100 points. 15,998,010,000.00 IDR are 1,599,801 points and want
    # 799,900 more: just what is left. The next 50 are refused; the sale itself is paid.
    story.send(sale(story, kopi, "2026-01-11T09:00:00+07:00", "15998010000.00"))
    results = story.send(sale(story, kopi, "2026-01-11T10:00:00+07:00", "1000000.00"))
    assert ("west-java-weekend", "multiply", "budget") in refused(results)


def courses(story: Story, warung: str) -> None:
    """Four courses pay; the fifth is one too many."""
    kinds = ("first_steps", "safe_payments", "growing_sales", "bookkeeping", "bookkeeping")
    before = story.points(warung)
    results = story.send(
        *(
            story.event("training.completed", warung, f"2026-06-{day}T10:00:00+07:00", course=kind)
            for day, kind in zip(count(24), kinds, strict=False)
        )
    )
    assert [effect["kind"] for effect in results[0]["effects"]] == ["points", "badge"]
    assert refused(results[4:]) == [("learning", "points", "limit")]
    assert sum(effect["amount"] for one in results for effect in one["effects"] if effect["kind"] == "points") == 800
    assert story.points(warung) == before + 800


def friends_of(story: Story, soto: str) -> None:
    """A shop brings shops: each counts when it is proven and sells; three in a quarter bring more."""
    code = story.get(f"members/{soto}/referrals")["code"]
    new = [f"friend-{n}" for n in range(4)]
    story.pass_to("2026-02-10T02:00:00+00:00")
    story.enrol(shop(name, "ID", "ID-JABO", enrolled_at="2026-02-10T01:00:00Z", kyc=None) for name in new)
    for name in new:
        noted = story.caller.call("PATCH", f"members/{name}", {"referral_code": code})
        assert noted.status_code == 200, noted.content
    proven = {"kyc": {"state": "verified", "at": "2026-02-11T03:00:00Z"}}
    sales = [sale(story, name, "2026-02-12T09:00:00+07:00", "50000.00", key=f"first-{name}") for name in new]
    sales[3] = sale(story, new[3], "2026-02-12T09:00:00+07:00", "49999.99")
    story.send(*sales)
    assert story.points(soto) == 0  # nobody is proven yet
    for name in new:
        story.caller.call("PATCH", f"members/{name}", proven)
    story.send()
    # Three count: 3 x 1,500, and 2,000 for three in a quarter. Their shops have 5 points of the sale and 500.
    assert story.points(soto) == 6_500
    assert [story.points(name) for name in new] == [505, 505, 505, 4]
    # One sale comes back: its 5 points are pending, the 1,500, 2,000 and 500 are not.
    story.send(story.back("first-friend-1", new[1], "2026-02-13T09:00:00+07:00"))
    assert (story.points(soto), story.points(new[1])) == (6_500, 500)
    states = {one["member"]: one["state"] for one in story.get(f"members/{soto}/referrals")["items"]}
    assert states == {new[0]: "rewarded", new[1]: "verified", new[2]: "rewarded", new[3]: "verified"}


def welcome_back(story: Story, bakso: str) -> None:
    """A shop that fell quiet is given two weeks to sell for 2,000,000."""
    story.offer("back-in-business", bakso, "2026-04-01T09:00:00+07:00")
    # 1,200,000 + 800,000 within 14 days to the second: 120 + 80 points, and 800.
    results = story.send(
        sale(story, bakso, "2026-04-01T08:59:59+07:00", "5000000.00"),  # 500 points; before the offer: no progress
        sale(story, bakso, "2026-04-02T09:00:00+07:00", "1200000.00"),
        sale(story, bakso, "2026-04-15T09:00:00+07:00", "800000.00"),
    )
    assert [one["goals"] != [] for one in results][1:] == [True, True]
    assert story.points(bakso) == 500 + 120 + 80 + 800
    (offer,) = story.get(f"members/{bakso}/offers")["items"]
    assert (offer["state"], offer["progress"]) == ("completed", "2000000.00")


def contest(story: Story, shops: list[str]) -> None:
    """Independence Day: most sales first, of equal ones who was there first; prizes by rank, to each once."""
    warung, soto, bakso = shops
    before = {name: story.points(name) for name in shops}
    story.send(
        sale(story, soto, "2026-08-05T09:00:00+07:00", "3000000.00"),
        sale(story, bakso, "2026-08-04T09:00:00+07:00", "3000000.00", key="flag"),
        sale(story, warung, "2026-09-16T23:59:59+07:00", "5000000.00"),
        sale(story, soto, "2026-09-17T00:00:00+07:00", "9000000.00"),  # too late by a second
    )
    standing = story.get(f"leaderboards/independence-2026?market=ID&member={soto}")
    assert [(one["rank"], one["score"]) for one in standing["items"]] == [
        (1, 500_000_000),
        (2, 300_000_000),
        (3, 300_000_000),
    ]
    assert standing["me"]["rank"] == 3  # soto reached it a day after bakso
    story.pass_to("2026-09-20T16:00:00+00:00")
    at = datetime(2026, 9, 19, 15, 59, tzinfo=UTC)
    assert story.close(at) == 0  # 72 hours to come in, first in Kuala Lumpur
    assert [story.close(at + timedelta(minutes=n)) for n in (2, 60, 62, 1440)] == [1, 0, 2, 0]
    # Sales: warung 500, soto 300 + 900, bakso 300. Prizes: 5,000, then 2,000 for bakso and soto.
    gained = {name: story.points(name) - before[name] for name in shops}
    assert gained == {warung: 5_500, soto: 3_200, bakso: 2_300}
    assert "champion" in story.badges(warung)
    story.send(story.back("flag", bakso, "2026-09-21T09:00:00+07:00"))  # closed is closed
    late = story.send(sale(story, soto, "2026-09-16T10:00:00+07:00", "2000000.00"))
    assert refused(late) == [("independence-2026", "entry", "not-available")]
    standing = story.get("leaderboards/independence-2026?market=ID")
    assert [one["score"] for one in standing["items"]] == [500_000_000, 300_000_000, 300_000_000]


def coming_down(story: Story, warung: str) -> None:
    """Points for courses lapse; Gold is reviewed: sixty days to earn it again, then down to what is earned."""
    before = story.points(warung)
    story.expire("2026-10-01T00:00:00+07:00")
    assert story.points(warung) == before - 800
    # On 1 December 2026 the twelve months still hold eleven sales of last December and one of September.
    assert story.tier(warung) == "gold"
    story.review("2026-12-01")
    assert (story.tier(warung), story.get(f"members/{warung}/tier")["grace_until"]) == ("gold", "2027-01-30")
    story.review("2027-01-30")
    assert story.tier(warung) == "gold"
    story.review("2027-01-31")
    assert story.tier(warung) == "silver"
