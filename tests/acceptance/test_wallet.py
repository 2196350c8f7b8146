"""A year of people who pay with a wallet. Every figure is worked out by hand from ``programs/wallet.yaml``.

Points: 1 for every full SGD of payments, 1 for two of bills, 2 for one of purchases in apps; they are good through
the sixth month after theirs. In 2025 1 MYR is 0.29 SGD, in 2026 0.305; 1 IDR is 0.000081 and 1 VND 0.0000505 then.
"""

from itertools import islice
from typing import Any

import pytest

from tests.acceptance.story import Clock, Story, refused, tell

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]
SGD = {"currency": "SGD"}


def person(name: str, market: str = "SG", **more: Any) -> dict[str, Any]:
    """Somebody who joined on 1 July 2025 at 09:00 in Singapore and was proven an hour later."""
    known = {"state": "verified", "at": "2025-07-01T10:00:00+08:00"}
    return {"external_id": name, "market": market, "enrolled_at": "2025-07-01T09:00:00+08:00", "kyc": known, **more}


def pay(story: Story, member: str, time: str, amount: str, category: str = "groceries", **more: str) -> dict[str, Any]:
    """A payment."""
    return story.event("payment.completed", member, time, amount=amount, category=category, **{**SGD, **more})


def bill(story: Story, member: str, time: str, amount: str = "20.00") -> dict[str, Any]:
    """A bill: of 20.00 it brings 10 points, and the first three of a month 40 more for 90 days."""
    return story.event("bill.paid", member, time, amount=amount, currency="SGD")


@pytest.fixture
def story(clock: Clock) -> Story:
    """The program, as its first members have been proven."""
    story = tell("wallet", clock)
    story.pass_to("2025-07-01T10:00:00+08:00")
    return story


def test_a_year_of_wallets(story: Story) -> None:
    ana, budi, rina, dian, lia = islice(story.members(person("sg")), 5)
    quick_start(story, ana, budi)
    july(story, ana)
    what_comes_back(story, ana)
    bills(story, ana)
    transfers(story, budi)
    other_money(story)
    what_lapses(story, ana)
    friends(story, rina)
    games(story, lia)
    offers(story, dian)
    coming_down(story, ana)
    assert story.proves()
    assert story.awards_that_differ("2025-07-01", "2026-07-01") == []


def quick_start(story: Story, ana: str, budi: str) -> None:
    """500 points for the first top-up of 10.00 within 24 hours of the proof, to the second, and once."""
    held_out = next(story.members(person("out"), out="quick-start"))
    first = story.event("wallet.topped_up", ana, "2025-07-02T10:00:00+08:00", amount="10.00", **SGD)
    late = story.event("wallet.topped_up", budi, "2025-07-02T10:00:01+08:00", amount="10.00", **SGD)
    unseen = story.event("wallet.topped_up", held_out, "2025-07-02T09:00:00+08:00", amount="10.00", **SGD)
    story.send(first, late, unseen)
    assert [story.points(one) for one in (ana, budi, held_out)] == [500, 0, 0]
    assert (story.reason(late, "quick-start"), story.reason(unseen, "quick-start")) == ("condition", "held-out")
    (again,) = story.send(first)
    second = story.send(story.event("wallet.topped_up", ana, "2025-07-02T09:00:00+08:00", amount="10.00", **SGD))
    assert (again["duplicate"], second[0]["effects"]) == (True, [])
    assert (story.points(ana), story.badges(ana)) == (500, {"first-topup"})


def july(story: Story, ana: str) -> None:
    """Weekends double, Tuesday dinners triple, variety and games pay; Plus with the 1,500th point that counts."""
    # Saturday: 120, doubled 120, and 100 for a big basket.
    story.send(pay(story, ana, "2025-07-05T11:00:00+08:00", "120.50", key="basket"))
    assert story.points(ana) == 500 + 340
    # The last second of Sunday: 200, of 200 more only 180 (300 in a month), 100. Her second payment in 30 days: 10 %
    # back, 3.00 at most.
    (sunday,) = story.send(pay(story, ana, "2025-07-06T23:59:59+08:00", "200.00", "dining"))
    assert [(one["desired"], one["amount"]) for one in sunday["effects"] if one["kind"] == "multiply"] == [(200, 180)]
    assert (story.points(ana), story.cashback(ana)) == (1_320, {"SGD": "3.00"})
    # Monday begins: 100, and no third basket in a month.
    results = story.send(pay(story, ana, "2025-07-06T16:00:00Z", "100.00", "transport"))
    assert ("big-basket", "points", "limit") in refused(results)
    # Tuesday at six: 90 and 180. Wednesday: 10, and 120 for the fourth kind.
    story.send(
        pay(story, ana, "2025-07-08T18:00:00+08:00", "90.00", "dining"),
        pay(story, ana, "2025-07-09T12:00:00+08:00", "10.99", "health"),
    )
    assert story.points(ana) == 1_320 + 100 + 270 + 130
    # Five games: 20 each, and 150. Multiplied points do not count for tiers: 500 + 220 + 300 + 100 + 90 + 130 = 1,340,
    # and 250 more are Plus.
    games = [
        story.event("inapp.purchased", ana, f"2025-07-10T1{hour}:00:00+08:00", amount="10.00", kind="game", **SGD)
        for hour in range(5)
    ]
    assert [one["tier"]["code"] for one in story.send(*games)] == ["starter"] * 4 + ["plus"]
    assert story.points(ana) == 2_070
    assert story.badges(ana) == {"first-topup", "big-basket", "explorer", "player"}


def what_comes_back(story: Story, ana: str) -> None:
    """A return takes its points, frees its place in limits, and undoes the tier that nothing else supports."""
    story.send(pay(story, ana, "2025-07-11T12:00:00+08:00", "50.00", "shopping", key="shoes"))
    assert story.get(f"members/{ana}/wallet")["points"]["pending"] == 50
    # Two fifths of it: ceil(50 x 30 / 50) stay.
    story.send(story.back("shoes", ana, "2025-07-12T12:00:00+08:00", amount="20.00"))
    assert story.points(ana) == 2_070 + 30
    # The first basket: 340, of which 220 counted: 1,620 - 220 = 1,400 are not Plus. Four kinds are left with shopping.
    (back,) = story.send(story.back("basket", ana, "2025-07-13T12:00:00+08:00"))
    assert (story.points(ana), back["tier"]["code"]) == (1_760, "starter")
    # A place for a big basket is free again, and the tier is earned again: 1,600.
    (again,) = story.send(pay(story, ana, "2025-07-14T12:00:00+08:00", "100.00", "transport"))
    assert (story.points(ana), again["tier"]["code"]) == (1_960, "plus")


def bills(story: Story, ana: str) -> None:
    """A bill every month; one month off is forgiven, and may still be filled."""
    story.send(bill(story, ana, "2025-07-15T12:00:00+08:00"), bill(story, ana, "2025-08-15T12:00:00+08:00"))
    assert story.points(ana) == 1_960 + 2 * 50
    # Two baskets of 100 were good for 60 days, the 40 of July for 90. The third month: 300.
    story.send(bill(story, ana, "2025-10-15T12:00:00+08:00"))
    assert story.points(ana) == 2_060 - 200 - 40 + 50 + 300
    assert "bill-keeper" in story.badges(ana)
    # September's last second in Singapore comes late.
    (late,) = story.send(bill(story, ana, "2025-09-30T15:59:59Z"))
    assert [one["progress"] for one in late["goals"] if one["campaign"] == "bill-streak"] == [4]
    assert story.points(ana) == 2_220


def transfers(story: Story, budi: str) -> None:
    """Two transfers a month; September had one only, and is forgiven: October is the third month."""
    days = ("07-20", "07-21", "08-20", "08-21", "09-20", "10-14", "10-15")
    sent = [
        story.event("transfer.sent", budi, f"2025-{day}T12:00:00+08:00", amount="1.00", currency="SGD") for day in days
    ]
    results = story.send(*reversed(sent))  # in whatever order they come
    assert [len(one["effects"]) for one in results] == [1, 0, 0, 0, 0, 0, 0]
    assert story.points(budi) == 200


def other_money(story: Story) -> None:
    """Ringgit by the rate of the local day, rupiah, and dong without decimals."""
    mei, tuan, sari = (
        next(story.members(person(name, market))) for name, market in (("my", "MY"), ("vn", "VN"), ("id", "ID"))
    )
    # 33.33 x 0.29 = 9.6657, x 0.305 = 10.16565; the second payment in 30 days brings 10 % back: 3.333.
    story.send(
        pay(story, mei, "2025-12-31T23:59:59+08:00", "33.33", currency="MYR"),
        pay(story, mei, "2026-01-01T00:00:00+08:00", "33.33", currency="MYR"),
    )
    assert (story.points(mei), story.cashback(mei)) == (9 + 10, {"MYR": "3.33"})
    # 1,234,567 x 0.0000505 = 62.3...; 1,000,000.00 x 0.000081 = 81.
    story.send(
        pay(story, tuan, "2026-01-02T10:00:00+07:00", "1234567", currency="VND"),
        pay(story, sari, "2026-01-02T10:00:00+07:00", "1000000.00", currency="IDR"),
    )
    assert (story.points(tuan), story.points(sari)) == (62, 81)
    (wrong,) = story.send(pay(story, tuan, "2026-01-02T11:00:00+07:00", "0.5", currency="VND"))
    assert wrong["problem"]["errors"][0]["code"] == "too-many-decimals"


def what_lapses(story: Story, ana: str) -> None:
    """What July gave is good through January; then 10 of each later bill are left, and the 300."""
    story.expire("2026-01-31T23:59:00+08:00")
    assert story.points(ana) == 1_770 + 30 + 300
    story.expire("2026-02-01T00:00:00+08:00")
    assert story.points(ana) == 30 + 300


def friends(story: Story, rina: str) -> None:
    """A friend counts when proven and paying; months in a row bring more; what looks like herself is held back."""
    story.pass_to("2026-02-10T09:00:00+08:00")
    me = {"signals": {"device": "phone-1"}, "phone": "+6591234567"}
    assert story.caller.call("PATCH", f"members/{rina}", me).status_code == 200
    code = story.get(f"members/{rina}/referrals")["code"]

    def friend(name: str, day: str, **more: Any) -> None:
        proven = {"state": "verified", "at": f"{day}T10:00:00+08:00"}
        story.pass_to(f"{day}T10:00:00+08:00")
        story.enrol([person(name, enrolled_at=f"{day}T09:00:00+08:00", kyc=proven, referral_code=code, **more)])
        story.send(pay(story, name, f"{day}T11:00:00+08:00", "20.00", key=f"first-{name}"))

    friend("february", "2026-02-10")
    assert (story.points(rina), story.points("february")) == (500, 20 + 200)
    friend("march", "2026-03-10")
    assert story.points(rina) == 500 + 500 + 300
    friend("may", "2026-05-12")  # April is forgiven: three months
    assert story.points(rina) == 1_300 + 500 + 600
    friend("device", "2026-05-13", signals={"device": "phone-1"})
    friend("phone", "2026-05-13", phone="+6591234567")
    assert (story.points(rina), story.points("device")) == (2_400, 20)
    states = {one["member"]: one["state"] for one in story.get(f"members/{rina}/referrals")["items"]}
    rewarded = dict.fromkeys(("february", "march", "may"), "rewarded")
    assert states == rewarded | {"device": "held", "phone": "refused"}
    # May's payment comes back: the friend's 220, and 500 and 600 of hers.
    story.send(story.back("first-may", "may", "2026-05-14T11:00:00+08:00"))
    assert (story.points(rina), story.points("may")) == (1_300, 0)


def games(story: Story, lia: str) -> None:
    """Something in an app every month: a month off ends the row, one that comes late mends it, a return breaks it."""

    def gained(*events: dict[str, Any]) -> list[list[int]]:
        return [[one["amount"] for one in result["effects"]] for result in story.send(*events)]

    def play(day: str, time: str = "12:00:00") -> dict[str, Any]:
        at = f"{day}T{time}+08:00"
        return story.event("inapp.purchased", lia, at, key=f"play-{day}", amount="10.00", kind="game", **SGD)

    # 2 points for each dollar; August ends a second before September; the third month brings 100.
    first = play("2025-08-31", "23:59:59"), play("2025-09-01", "00:00:00"), play("2025-10-10")
    assert gained(*first) == [[20], [20], [20, 100]]
    # November is not forgiven: December begins anew. Three months in a row were rewarded already, six are not yet.
    assert gained(*(play(f"{month}-10") for month in ("2025-12", "2026-01", "2026-02"))) == [[20]] * 3
    assert gained(*(play(f"2026-{month}-10") for month in ("03", "04", "05"))) == [[20], [20], [20, 300]]
    # The last second of November comes late: ten months in a row, and nothing that was not rewarded.
    (late,) = story.send(play("2025-11-30", "23:59:59"))
    assert [one["amount"] for one in late["effects"]] == [20]
    assert [one["progress"] for one in late["goals"] if one["campaign"] == "play-streak"] == [10]
    # Without February it is August to January, six still; without November it is three and two: the 300 go.
    back = [story.back(f"play-{day}", lia, "2026-05-14T12:00:00+08:00") for day in ("2026-02-10", "2025-11-30")]
    assert [gained(one) for one in back] == [[[-20]], [[-20, -300]]]


def offers(story: Story, dian: str) -> None:
    """An offer of two weeks, both ends in; a challenge that begins when it is taken."""
    story.offer("bills-back", dian, "2026-06-01T10:00:00+08:00")
    # Bills of 5.00: 2 and 40 each; 50 for the first, 2.00 for the second at the last moment, nothing for the third.
    times = ("2026-06-02T10:00:00+08:00", "2026-06-15T10:00:00+08:00", "2026-06-15T10:00:01+08:00")
    story.send(*(bill(story, dian, time, "5.00") for time in times))
    assert (story.points(dian), story.cashback(dian)) == (3 * 42 + 50, {"SGD": "2.00"})
    challenge = story.offer("five-in-seven", dian, "2026-06-15T12:00:00+08:00")
    payments = [pay(story, dian, f"2026-06-{day}T13:00:00+08:00", "1.00") for day in range(15, 20)]
    story.send(payments[0])  # not taken yet: it does not count
    story.activate(challenge)
    story.send(*payments[1:])
    assert story.points(dian) == 176 + 5
    story.send(pay(story, dian, "2026-06-19T14:00:00+08:00", "1.00"))
    assert story.points(dian) == 176 + 6 + 200
    assert {one["campaign"]: one["state"] for one in story.get(f"members/{dian}/offers")["items"]} == {
        "bills-back": "completed",
        "five-in-seven": "completed",
    }


def coming_down(story: Story, ana: str) -> None:
    """Plus is kept for thirty days, then a step down."""
    story.review("2026-07-20")
    assert (story.tier(ana), story.get(f"members/{ana}/tier")["grace_until"]) == ("plus", "2026-08-19")
    story.review("2026-08-19")
    assert story.tier(ana) == "plus"
    story.review("2026-08-20")
    assert story.tier(ana) == "starter"
