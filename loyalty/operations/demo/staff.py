"""The people who run the demonstrated programs, one for each role."""

from dataclasses import dataclass

from core.models import Program, Region, User
from dealers.models import Dealer, Outlet, StaffRole
from loyalty.identity.staff import Post, make_staff
from loyalty.operations.demo.keys import password, totp_secret

EVERYWHERE = ("wallet", "merchant", "automotive")
Role = StaffRole.Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff: where they work, and for which part of it."""

    username: str
    name: str
    role: Role
    programs: tuple[str, ...] = EVERYWHERE
    region: str = ""
    dealer: str = ""
    outlet: str = ""

    @property
    def does(self) -> str:
        """The role in words, with its place."""
        place = self.outlet or self.dealer or self.region
        return f"{self.role.label}{f' of {place}' if place else ''}"


STAFF = (
    Colleague("administrator", "Ada Fernandez", Role.ADMINISTRATOR),
    Colleague("marketer", "Mei Tan", Role.MARKETER),
    Colleague("approver", "Omar Haddad", Role.CAMPAIGN_APPROVER),
    Colleague("finance", "Ines Costa", Role.FINANCE),
    Colleague("finance2", "Bram Visser", Role.FINANCE_APPROVER),
    Colleague("support", "Putu Ayu", Role.SUPPORT),
    Colleague("leader", "Lena Roth", Role.LEADERSHIP),
    Colleague("channel", "Joko Susilo", Role.CHANNEL_MANAGER, ("merchant",)),
    Colleague("region", "Reem Saleh", Role.REGIONAL_MANAGER, ("automotive",), region="AE-DXB"),
    Colleague("dealer", "Dawood Karim", Role.DEALER_MANAGER, ("automotive",), dealer="AE-DXB-02"),
    Colleague("adviser", "Nisha Rao", Role.OUTLET_ADVISER, ("automotive",), outlet="AE-DXB-02-S1"),
)


def make_everybody() -> None:
    """Make the accounts of all colleagues, or bring them to their first state; of programs that exist."""
    for colleague in STAFF:
        make_staff(
            username=colleague.username,
            email=f"{colleague.username}@staff.example",
            password=password(),
            name=colleague.name,
            totp_secret=totp_secret(colleague.username),
            roles=[_post(colleague, program) for program in Program.objects.filter(code__in=colleague.programs)],
        )


def _post(colleague: Colleague, program: Program) -> Post:
    return Post(
        program,
        colleague.role,
        region=Region.objects.filter(program=program, code=colleague.region).first(),
        dealer=Dealer.objects.filter(program=program, code=colleague.dealer).first(),
        outlet=Outlet.objects.filter(program=program, code=colleague.outlet).first(),
    )


def goodwill_hands() -> tuple[User, User]:
    """Who gives goodwill, and who approves it; they need no password for that yet."""
    by, _new = User.objects.get_or_create(username="support", defaults={"is_staff": True})
    approved_by, _new = User.objects.get_or_create(username="finance2", defaults={"is_staff": True})
    return by, approved_by
