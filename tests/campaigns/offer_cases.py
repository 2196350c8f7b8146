"""Offers, for tests: campaigns that are assigned, and assigning them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.models import Offer
from campaigns.rules.answers import Body
from campaigns.services.configuration import current_configuration
from campaigns.services.offer_records import offer_records
from campaigns.services.offer_steps import activate_offer, see_offer
from campaigns.services.offers import Assignment, assign_offers
from tests.campaigns.world import NOW, World, campaign, fixed, rule

DAYS = 7


def offered(code: str = "bonus", *rules: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A campaign of seven days that is given to members; without rules it pays fifty points for a payment."""
    offer = {"days": DAYS, **more.pop("offer", {})}
    return campaign(
        code, *(rules or [rule("r", fixed(50))]), delivery=more.pop("delivery", "offer"), offer=offer, **more
    )


def ask(world: World, *requests: object, at: datetime = NOW, client: str = "crm") -> list[Assignment]:
    """Assign, with times in the past allowed."""
    return assign_offers(program=world.program, requests=requests, client=client, past=None, at=at)


def give(world: World, code: str = "bonus", member: str = "ann", at: datetime = NOW, **more: Any) -> Offer:
    """Assign one offer that can be assigned."""
    (found,) = ask(world, {"campaign": code, "member": member, **more}, at=at)
    assert found.offer is not None, (found.refusal and found.refusal.code, str(found.refusal))
    return found.offer


def refusal(world: World, code: str = "bonus", member: str = "ann", at: datetime = NOW, **more: Any) -> str:
    """Why an offer cannot be assigned; nothing is stored."""
    before = Offer.objects.count()
    (found,) = ask(world, {"campaign": code, "member": member, **more}, at=at)
    assert found.refusal is not None
    assert Offer.objects.count() == before
    return found.refusal.code


def shown(world: World, *offers: Offer, at: datetime = NOW) -> list[Body]:
    """Offers as the API prints them."""
    rows = [Offer.objects.select_related("member__market").get(pk=offer.pk) for offer in offers]
    configuration = current_configuration(world.program.pk)
    return [one.document() for one in offer_records(configuration=configuration, offers=rows, at=at)]


def state(world: World, offer: Offer, at: datetime = NOW) -> tuple[str, Any, Any]:
    """State, progress and target."""
    (one,) = shown(world, offer, at=at)
    return one["state"], one["progress"], one["target"]


def see(world: World, offer: Offer, at: datetime = NOW) -> Offer:
    """The member saw it."""
    return see_offer(program=world.program, offer_id=offer.pk, at=at)


def activate(world: World, offer: Offer, at: datetime = NOW) -> Offer:
    """The member takes it up."""
    return activate_offer(program=world.program, offer_id=offer.pk, at=at)


def paid(body: Body) -> list[Any]:
    """Points of each effect."""
    return [effect["amount"] for effect in body["effects"]]


def reasons(world: World, *, time: datetime = NOW, **more: Any) -> dict[str, str | None]:
    """Why each campaign's rule did not fire for a payment."""
    (answer,) = world.send(world.event(time=time.isoformat(), **more), at=max(time, NOW), trace=True)
    return {line["campaign"]: line["reason"] for line in answer.trace}


def moment(text: str) -> datetime:
    """A time with offset."""
    return datetime.fromisoformat(text).astimezone(UTC)


WEEK = timedelta(days=DAYS)
TICK = timedelta(microseconds=1)
