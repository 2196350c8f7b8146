"""Two programs alike, each with two regions, a dealer, an outlet and a member in each, and events: who sees what."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from core.models import Program, Region, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffRole
from members.models import Member
from members.services.terms import Acceptance, accept_terms
from rewards.models import Redemption
from tests.campaigns.world import NOW, World, document, everyday, load
from tests.rewards.catalogue import reward
from tests.rewards.redeeming import redeem

PLACES = ("JKT", "BDG")
PLACED = {
    StaffRole.Role.REGIONAL_MANAGER: "region",
    StaffRole.Role.DEALER_MANAGER: "dealer",
    StaffRole.Role.OUTLET_ADVISER: "outlet",
}


@dataclass
class Staffed:
    """A program with people who work for it."""

    program: Program
    members: dict[str, Member]

    @cached_property
    def redemption(self) -> Redemption:
        """What the member in Jakarta redeemed; a voucher hangs on it."""
        return Redemption.objects.get(member=self.members["JKT"])

    def place(self, kind: str, region: str) -> Any:
        """The region, its dealer, or that dealer's outlet."""
        found = {
            "region": Region.objects.filter(program=self.program, code=region),
            "dealer": Dealer.objects.filter(program=self.program, region__code=region),
            "outlet": Outlet.objects.filter(program=self.program, dealer__region__code=region),
        }
        return found[kind].get()

    def staff(self, role: str, where: str = "JKT", **places: str) -> User:
        """Somebody with this role; roles that need a place get the one in the region ``where``."""
        user = User.objects.create_user(f"{role}-{self.program.code}-{User.objects.count()}", is_staff=True)
        needed = {PLACED[StaffRole.Role(role)]: where} if role in PLACED else {}
        named = {kind: self.place(kind, region) for kind, region in {**needed, **places}.items()}
        StaffRole.objects.create(user=user, program=self.program, role=role, **named)
        return user


def _dealer(region: str, code: str) -> dict[str, Any]:
    outlets = [{"code": f"{region}-01-S1", "kind": "service_centre", "name": {"en": f"Outlet {region}-of-{code}"}}]
    name = {"en": f"Dealer {region}-of-{code}"}
    return {"code": f"{region}-01", "name": name, "market": "ID", "region": region, "outlets": outlets}


def make_staffed(code: str) -> Staffed:
    """A program whose two members (``jkt-of-CODE``, ``bdg-of-CODE``) each paid once, at the dealer of their region."""
    regions = [{"code": region, "name": f"Region {region}", "market": "ID"} for region in PLACES]
    said = {"code": code, "terms": {"en": "Be kind."}}
    race = {
        "code": "vip",
        "name": {"en": "Race"},
        "campaign": "everyday",
        "by_market": True,
        "top": 9,
        "settle_hours": 1,
    }
    rest = {
        "regions": regions,
        "dealers": [_dealer(region, code) for region in PLACES],
        "leaderboards": [race],
        "rewards": [
            reward("vip", f"Lounge of {code}", markets=["ID"], points=1),
            reward(f"only-{code}", f"Cake of {code}", markets=["ID"]),
        ],
    }
    body = document(everyday(), program=said, **rest)
    world = World(load(body))
    members = {}
    for region in PLACES:
        name = f"{region.lower()}-of-{code}"
        members[region] = world.member(name, "ID", region=region, name=f"Person {name}", phone="+6281234567")
        assert world.program.terms
        accept_terms(member=members[region], accepted=Acceptance(world.program.terms.pk, "en"), at=NOW)
        world.outcome("100.00", subject=name, data={"outlet": f"{region}-01-S1"})
    redeem(world, members["JKT"], "vip")
    staffed = Staffed(world.program, members)
    _purses(staffed)
    return staffed


def _purses(staffed: Staffed) -> None:
    program = staffed.program
    root = Budget.objects.create(program=program, code="root")
    for region in PLACES:
        dealer = staffed.place("dealer", region)
        Budget.objects.create(program=program, code=f"of-{region}", parent=root, dealer=dealer)
        Contract.objects.create(
            program=program, dealer=dealer, valid_from=date(2026, 1, 1), earn_value=1, redeem_value=1, share_percent=50
        )
