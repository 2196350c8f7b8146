"""A year of car owners in the Gulf. Every figure is worked out by hand from ``programs/automotive.yaml``.

Points: 1 for every full AED of service, 2 of accessories, 1 for two of fuel; 1 BHD, of three decimals, is 9.7682 AED.
"""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice
from typing import Any

import pytest
from django.core.management import call_command

from core.models import User
from tests.acceptance.story import Clock, Story, refused, tell

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]


def owner(name: str, day: str = "2025-09-01", **more: Any) -> dict[str, Any]:
    """Somebody who joined in Dubai at nine in the morning."""
    return {"external_id": name, "market": "AE", "enrolled_at": f"{day}T09:00:00+04:00", **more}


def service(story: Story, member: str, time: str, amount: str, **data: Any) -> dict[str, Any]:
    """A visit to a workshop."""
    return story.event("service.completed", member, time, amount=amount, **{"currency": "AED", **data})


def fuel(story: Story, member: str, time: str, amount: str) -> dict[str, Any]:
    """A tank filled in Deira."""
    outlet = "FUEL-AE-DXB-01"
    return story.event("fuel.purchased", member, time, amount=amount, currency="AED", outlet=outlet)


@pytest.fixture
def story(clock: Clock) -> Story:
    """The program, as its first members joined."""
    story = tell("automotive", clock)
    story.pass_to("2025-09-01T09:00:00+04:00")
    return story


def test_a_year_of_owners(story: Story) -> None:
    salem, khalid, noura, omar = islice(story.members(owner("ae")), 4)
    workshops(story, salem)
    held_out(story)
    tanks(story, salem)
    gold(story, salem)
    what_a_dealer_has(story, salem, khalid, noura)
    friends(story, salem)
    months_on_the_road(story, omar)
    a_treat(story, noura)
    contest(story, salem, khalid, noura)
    grace(story, salem)
    ramadan(story)
    silver(story, salem)
    assert story.proves()
    assert story.awards_that_differ("2025-09-01", "2027-04-01") == []


def workshops(story: Story, salem: str) -> None:
    """Each car has milestones of its own; two dealers in a year bring more; three decimals count."""
    # 1,000, the first visit 500, 10,000 km 500, and 200 from the dealer.
    here = {"outlet": "AE-DXB-01-S1", "job": "minor"}
    first = service(story, salem, "2025-09-03T10:00:00+04:00", "1000.00", vin="A", odometer_km=10_000, **here)
    story.send(first)
    assert story.points(salem) == 2_200
    assert story.get(f"members/{salem}/wallet")["points"]["pending"] == 1_000
    assert story.send(first)[0]["duplicate"]
    # 50.000 BHD x 9.7682 = 488.41 AED; 20,000 and 30,000 km: 750 and 1,000; another dealer: 800.
    there = {"outlet": "BH-MAN-01-S1", "currency": "BHD"}
    time = "2025-10-10T10:00:00+03:00"
    (wrong,) = story.send(service(story, salem, time, "50.0001", **there))
    assert wrong["problem"]["errors"][0]["code"] == "too-many-decimals"
    story.send(service(story, salem, time, "50.000", vin="A", odometer_km=31_500, key="manama", **there))
    assert story.points(salem) == 2_200 + 488 + 1_750 + 800
    # 20.000 of it come back: ceil(488 x 30 / 50) = 293 stay.
    story.send(story.back("manama", salem, "2025-10-11T10:00:00+03:00", amount="20.000"))
    assert story.points(salem) == 5_043
    # Another car begins anew: 200 and 500; and both go with the visit.
    other = service(story, salem, "2025-10-12T10:00:00+04:00", "200.00", vin="B", odometer_km=10_000, key="b", **here)
    story.send(other)
    assert story.points(salem) == 5_743
    story.send(story.back("b", salem, "2025-10-13T10:00:00+04:00"))
    assert story.points(salem) == 5_043
    assert story.badges(salem) == {"first-visit", "well-kept", "two-dealers"}


def held_out(story: Story) -> None:
    """Whoever the hash keeps out of the milestones has the visit's own points, and is told why."""
    out = next(story.members(owner("out"), out="milestones"))
    visit = service(story, out, "2025-10-13T12:00:00+04:00", "100.00", vin="C", odometer_km=60_000)
    story.send(visit)
    assert (story.points(out), story.reason(visit, "milestones")) == (100 + 500, "held-out")


def tanks(story: Story, salem: str) -> None:
    """Weekends double, 200 a month at most, by the clock of Dubai; four tanks a month bring 150."""
    # Saturday 150 and 150, the last second of Sunday 60 and 50, Monday 30, Wednesday 5 and the fourth: 150.
    results = story.send(
        fuel(story, salem, "2025-11-01T10:00:00+04:00", "300.00"),
        fuel(story, salem, "2025-11-02T23:59:59+04:00", "120.00"),
        fuel(story, salem, "2025-11-02T20:00:00Z", "60.00"),
        fuel(story, salem, "2025-11-05T10:00:00+04:00", "10.00"),
    )
    doubled = [[one["amount"] for one in result["effects"] if one["kind"] == "multiply"] for result in results]
    assert doubled == [[150], [50], [], []]
    assert story.points(salem) == 5_043 + 595
    assert "road-tripper" in story.badges(salem)


def gold(story: Story, salem: str) -> None:
    """Gold takes 4,000 and eight events; it brings two vouchers for the car spa and a quarter more on service."""
    keys = story.event(
        "vehicle.purchased", salem, "2025-11-20T10:00:00+04:00", amount="120000.00", currency="AED",
        outlet="AE-DXB-01-V", vin="D",
    )  # fmt: skip
    mats = story.event("accessory.purchased", salem, "2025-11-21T10:00:00+04:00", amount="99.99", currency="AED")
    assert [one["tier"]["code"] for one in story.send(keys, mats)] == ["silver", "gold"]
    assert story.points(salem) == 5_638 + 5_000 + 198
    vouchers = story.get(f"members/{salem}/vouchers")["items"]
    assert [(one["reward"], one["state"]) for one in vouchers] == [("car-spa", "ready")] * 2
    (spa,) = story.get(f"members/{salem}/tier")["benefits"]
    assert (spa["code"], spa["left"], spa["expires_on"]) == ("car-spa", 2, "2026-11-20")
    # 400, a quarter more: 100; tyres 300, paid by dealer and program; 40,000 km: 1,500.
    tyres = {"vin": "A", "odometer_km": 40_000, "job": "tyres", "outlet": "AE-DXB-02-S1"}
    story.send(service(story, salem, "2025-12-01T10:00:00+04:00", "400.00", **tyres))
    assert story.points(salem) == 10_836 + 2_300


def what_a_dealer_has(story: Story, salem: str, khalid: str, noura: str) -> None:
    """A dealer with 400 points thanks twice; what comes back can be given again."""
    here = {"outlet": "AE-NTH-08-S1"}
    times = [f"2026-01-0{day}T10:00:00+04:00" for day in (5, 6, 7, 8, 9)]
    results = story.send(
        service(story, khalid, times[0], "1000.00", key="khalid", **here),
        service(story, noura, times[1], "1000.00", **here),
        service(story, salem, times[2], "1000.00", **here),
    )
    assert [("dealer-thanks", "points", "budget") in refused([one]) for one in results] == [False, False, True]
    assert [story.points(one) for one in (khalid, noura, salem)] == [1_700, 1_700, 13_136 + 1_250]
    story.send(story.back("khalid", khalid, times[3]))
    assert story.points(khalid) == 0
    story.send(service(story, salem, times[4], "1000.00", **here))
    assert story.points(salem) == 14_386 + 1_250 + 200


def friends(story: Story, salem: str) -> None:
    """A friend counts a day after the first visit; one in each of two quarters brings 1,000 more."""
    code = story.get(f"members/{salem}/referrals")["code"]
    for name, month, extra in (("winter", "02", 0), ("spring", "04", 1_000)):
        story.pass_to(f"2026-{month}-01T09:00:00+04:00")
        before = story.points(salem)
        story.enrol([owner(name, f"2026-{month}-01", referral_code=code)])
        # The test cannot choose this member: out of the first visit's bonus or not, the promise to friends holds.
        welcome = 0 if story.is_out(name, "first-visit") else 500
        story.send(service(story, name, f"2026-{month}-02T10:00:00+04:00", "200.00"))
        story.pass_to(f"2026-{month}-03T09:59:59+04:00")
        assert (story.points(salem), story.points(name)) == (before, 200 + welcome)
        story.pass_to(f"2026-{month}-03T10:00:01+04:00")
        assert (story.points(salem), story.points(name)) == (before + 2_000 + extra, 200 + welcome + 500)


def months_on_the_road(story: Story, omar: str) -> None:
    """Two tanks a month: three months bring 200, six 500; one month off is forgiven, two are not."""

    def tanks_of(*days: str) -> list[dict[str, Any]]:
        """Tanks of 10.00 (5 points each) on working days."""
        outlet = {"outlet": "FUEL-AE-DXB-01", "currency": "AED", "amount": "10.00"}
        return [
            story.event("fuel.purchased", omar, f"{day}T08:00:00+04:00", key=f"tank-{day}", **outlet) for day in days
        ]

    # September, October, November: 6 tanks, and 200 with the last.
    autumn = ("2025-09-10", "2025-09-11", "2025-10-08", "2025-10-09", "2025-11-12", "2025-11-13")
    story.send(*tanks_of(*autumn))
    assert story.points(omar) == 6 * 5 + 200
    # One tank in December is no month, and is forgiven; March is the sixth. Told in another order it is the same.
    winter = ("2025-12-10", "2026-01-07", "2026-01-08", "2026-02-11", "2026-02-12", "2026-03-11", "2026-03-12")
    story.send(*reversed(tanks_of(*winter)))
    assert story.points(omar) == 230 + 7 * 5 + 500
    # A second tank of December comes late: seven months. Without one of November it is six with a month off.
    story.send(*tanks_of("2025-12-11"))
    story.send(story.back("tank-2025-11-13", omar, "2026-04-05T08:00:00+04:00"))
    assert story.points(omar) == 765 + 5 - 5
    # Without one of October two are missing: September, and December to March. The 500 go, the 200 stay.
    story.send(story.back("tank-2025-10-09", omar, "2026-04-05T08:00:00+04:00"))
    assert story.points(omar) == 765 - 5 - 500


def a_treat(story: Story, noura: str) -> None:
    """An offer of thirty days, its last second in; and whoever has not come for 120 days is welcome back."""
    before = story.points(noura)
    story.offer("service-treat", noura, "2026-04-10T10:00:00+04:00")
    story.send(service(story, noura, "2026-05-10T10:00:00+04:00", "100.00"))  # 124 days after 6 January: 1,000
    assert story.points(noura) == before + 100 + 750 + 1_000
    story.send(service(story, noura, "2026-05-10T10:00:01+04:00", "100.00"))
    assert story.points(noura) == before + 1_850 + 100


def contest(story: Story, salem: str, khalid: str, noura: str) -> None:
    """Most days with a tank; of equal ones who was there first; prizes to each once."""
    everybody = (khalid, salem, noura)
    before = {name: story.points(name) for name in everybody}
    results = story.send(
        *(fuel(story, khalid, f"2026-06-0{day}T08:00:00+04:00", "10.00") for day in (1, 2, 3)),
        *(fuel(story, salem, f"2026-06-0{day}T09:00:00+04:00", "10.00") for day in (1, 2, 3)),
        fuel(story, salem, "2026-06-03T18:00:00+04:00", "10.00"),  # the second of a day
        fuel(story, noura, "2026-08-31T23:59:59+04:00", "10.00"),
        fuel(story, noura, "2026-09-01T00:00:00+04:00", "10.00"),  # too late by a second
    )
    assert refused(results) == [("road-summer-2026", "entry", "limit")]
    standing = story.get(f"leaderboards/road-summer-2026?market=AE&member={noura}")
    assert [one["score"] for one in standing["items"]] == [3, 3, 1]
    assert standing["me"]["rank"] == 3
    story.pass_to("2026-09-04T12:00:00+04:00")
    at = datetime(2026, 9, 3, 20, tzinfo=UTC)  # three days after the end in Dubai and Muscat; an hour later elsewhere
    assert [story.close(at + timedelta(minutes=n)) for n in (-1, 0, 60, 90)] == [0, 2, 3, 0]
    # Tanks 5 each, Salem's fourth of June 150; prizes 3,000, 1,000, 1,000. Noura's 1,000 of May were good for 90 days.
    gained = {name: story.points(name) - before[name] for name in everybody}
    assert gained == {khalid: 15 + 3_000, salem: 20 + 150 + 1_000, noura: 10 + 1_000 - 1_000}
    assert "front-runner" in story.badges(khalid)


def grace(story: Story, salem: str) -> None:
    """Points are good through the twelfth month after theirs; Gold that is not earned again for ninety days more."""
    story.expire("2026-09-30T12:00:00+04:00")
    before = story.points(salem)
    story.expire("2026-10-01T00:00:00+04:00")
    assert before - story.points(salem) == 2_200
    # In the twelve months to 15 December: two visits and four tanks.
    story.review("2026-12-15")
    assert (story.tier(salem), story.get(f"members/{salem}/tier")["grace_until"]) == ("gold", "2027-03-15")


def ramadan(story: Story) -> None:
    """Two people launch it; its evenings count double, on the days of each market: Riyadh saw the moon a day later."""
    story.pass_to("2027-01-20T09:00:00+04:00")
    people = {name: User.objects.create_superuser(name, f"{name}@example.org") for name in ("amal", "badr")}
    shift = {"program": "automotive", "market": "SA", "by": "amal"}
    call_command("festivals", "shift", "ramadan", "2027-02-08", "1", **shift, stdout=StringIO())
    for step, name in zip(("submit", "approve"), people, strict=True):
        call_command("campaign", step, "ramadan-2027", "--by", name, "--program", "automotive", stdout=StringIO())
    story.pass_to("2027-01-21T09:00:00+04:00")
    laila = next(story.members(owner("laila", "2027-01-21")))
    fahad = next(story.members(owner("fahad", "2027-01-21", market="SA")))

    def visits(member: str, *told: tuple[str, str]) -> list[dict[str, Any]]:
        return [service(story, member, time, amount) for time, amount in told]

    # In Dubai from 8 February, six in the evening to midnight, through 8 March; 1,500 more at most for one visit.
    dubai = visits(
        laila,
        ("2027-02-07T20:00:00+04:00", "100.00"),  # the eve; her first visit brings 500
        ("2027-02-08T17:59:59+04:00", "100.00"),
        ("2027-02-08T18:00:00+04:00", "100.00"),  # 100 more
        ("2027-02-08T20:00:00Z", "100.00"),  # midnight
        ("2027-03-08T23:59:59+04:00", "2000.00"),  # 1,500 more
        ("2027-03-09T20:00:00+04:00", "100.00"),
    )
    # In Riyadh a day later, by its own clock.
    riyadh = visits(
        fahad,
        ("2027-02-08T20:00:00+03:00", "100.00"),  # his first: 500
        ("2027-02-09T18:00:00+03:00", "100.00"),  # 100 more
        ("2027-03-09T23:59:59+03:00", "100.00"),  # 100 more
        ("2027-03-10T20:00:00+03:00", "100.00"),
    )
    results = story.send(*dubai, *riyadh)
    doubled = [[one["amount"] for one in result["effects"] if one["kind"] == "multiply"] for result in results]
    assert doubled == [[], [], [100], [], [1_500], [], [], [100], [100], []]
    assert (story.points(laila), story.points(fahad)) == (2_500 + 500 + 1_600, 400 + 500 + 200)
    assert story.reason(dubai[1], "ramadan-2027") == story.reason(riyadh[0], "ramadan-2027") == "outside-schedule"


def silver(story: Story, salem: str) -> None:
    """Down a step when the grace is over, and its benefits with it."""
    story.review("2027-03-15")
    assert story.tier(salem) == "gold"
    story.review("2027-03-16")
    story.send()
    assert (story.tier(salem), story.get(f"members/{salem}/tier")["benefits"]) == ("silver", [])
    assert "ready" not in {one["state"] for one in story.get(f"members/{salem}/vouchers")["items"]}
