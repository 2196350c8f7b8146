"""Who is compared with whom is written down when a campaign with a holdout first comes up for a member."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Campaign, Exposure
from campaigns.services.offer_steps import opt_in
from campaigns.services.opt_ins import open_opt_ins
from members.models import Member
from tests.campaigns.offer_cases import offered
from tests.campaigns.world import NOW, World, campaign, everyday, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db
CATEGORY = {"fact": "event.data.category", "op": "eq", "value": "bill"}
CAMPAIGNS = [
    everyday(),
    campaign("half", rule("r", fixed(1)), holdout="50"),
    campaign("quiet", rule("r", fixed(1), when=CATEGORY), holdout="50"),
    campaign("topup", rule("r", fixed(1), event="wallet.topped_up"), holdout="50"),
    campaign("vip", rule("r", fixed(1)), holdout="50", audience={"segment": "vip"}),
    campaign("indonesian", rule("r", fixed(1)), holdout="50", markets=["ID"]),
    campaign("paused", rule("r", fixed(1)), holdout="50", state="paused"),
    campaign("open", rule("r", fixed(1))),
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CAMPAIGNS) as one:
        for number in range(20):
            one.member(f"m{number}")
        yield one


def rows(**which: Any) -> list[tuple[str, bool, int, date]]:
    from_code = dict(Campaign.objects.values_list("pk", "code"))
    found = Exposure.objects.filter(**which).order_by("campaign_id", "member")
    return [(from_code.get(e.campaign_id, "*"), e.held_out, e.hundredths, e.day) for e in found]


def test_a_member_is_exposed_where_only_the_holdout_can_be_in_the_way(world: World) -> None:
    world.outcome(subject="m0", time="2026-06-14T20:00:00+00:00")
    assert [(code, percent, day) for code, _, percent, day in rows()] == [
        ("half", 5000, date(2026, 6, 15)),
        ("quiet", 5000, date(2026, 6, 15)),
    ]


def test_the_side_is_that_of_the_engine(world: World) -> None:
    answers = world.send(*[world.event(subject=f"m{number}") for number in range(20)], trace=True)
    for number, answer in enumerate(answers):
        held = {line["campaign"] for line in answer.trace if line["reason"] == "held-out"}
        sides = {code for code, out, _, _ in rows(member__external_id=f"m{number}") if out}
        assert sides == held
    assert 0 < Exposure.objects.filter(held_out=True).count() < Exposure.objects.count()


def test_the_first_day_stays(world: World) -> None:
    for day in ("2026-06-14", "2026-06-13", "2026-06-15"):
        world.outcome(subject="m0", time=f"{day}T04:00:00+00:00")
    assert {day for *_, day in rows()} == {date(2026, 6, 14)}


def test_what_is_taken_back_was_seen_all_the_same(world: World) -> None:
    world.outcome(key="a", subject="m0")
    before = rows()
    world.send(world.reversal("a", subject="m0"))
    assert rows() == before != []


def test_whom_the_program_holds_out_is_compared_for_the_program_alone() -> None:
    world = make_world(everyday(), campaign("half", rule("r", fixed(1)), holdout="50"), program={"holdout": "50"})
    for number in range(20):
        world.member(f"m{number}")
    world.send(*[world.event(subject=f"m{number}") for number in range(20)])
    everybody = rows(campaign_id=0)
    assert [percent for _, _, percent, _ in everybody] == [5000] * 20
    kept = set(Exposure.objects.filter(campaign_id=0, held_out=False).values_list("member", flat=True))
    assert 0 < len(kept) < 20
    assert set(Exposure.objects.exclude(campaign_id=0).values_list("member", flat=True)) == kept


def test_campaigns_to_be_taken_compare_all_who_could_take_them() -> None:
    """Whoever takes it is not like the others: both sides enter with what happens to everybody."""
    world = make_world(offered("free", delivery="opt_in", holdout="50"), offered("given", holdout="50"))
    members = [world.member(f"m{number}") for number in range(12)]
    takers = [member for member in members if opt_ins(member)][:2]
    for member in takers:
        opt_in(program=world.program, member=member, campaign="free", at=NOW)
    assert rows() == []
    world.send(*[world.event(subject=member.external_id) for member in members])
    assert [code for code, *_ in rows()] == ["free"] * 12
    assert 0 < Exposure.objects.filter(held_out=True).count() < 12
    assert set(Exposure.objects.filter(held_out=False).values_list("member", flat=True)) == {
        member.pk for member in members if opt_ins(member) or member in takers
    }


def opt_ins(member: Member) -> list[str]:
    return [one.campaign.code for one in open_opt_ins(member=member, at=NOW)]


def test_without_holdouts_nothing_is_written() -> None:
    world = make_world(everyday(), campaign("open", rule("r", fixed(1))))
    world.member()
    world.outcome()
    assert not Exposure.objects.exists()
