"""What is known of a member, as one value that requests change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from types import MappingProxyType

from members.rules.catalogue import FactType

CONSENTS = ("marketing", "profiling")
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class VehicleProfile:
    """A car; ``vin`` and ``plate`` are upper case without spaces."""

    vin: str
    plate: str = ""
    model: str = ""
    bought_on: date | None = None
    warranty_until: date | None = None


@dataclass(frozen=True, slots=True)
class MerchantFields:
    """What is known of a merchant; ``agent`` is the external id of the agent who looks after it."""

    legal_name: str = ""
    trading_name: str = ""
    category: str = ""
    partner_type: str = ""
    agent: str = ""
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A member as the API shows it, less ids and tier; places are codes, ``consents`` those that were given.

    ``nickname`` is how the member wants to appear before other members; empty = not by name.
    ``froze_self``: the member froze the membership, and may open it again.
    """

    market: str
    region: str | None
    language: str
    enrolled_at: datetime
    kind: str = "customer"
    status: str = "active"
    froze_self: bool = False
    name: str = ""
    nickname: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    kyc: str = "none"
    kyc_at: datetime | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()
    merchant: MerchantFields | None = None
    vehicles: tuple[VehicleProfile, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a program allows in a member's profile.

    ``markets`` maps a code to the market's languages, ``regions`` a code to its market's code; ``languages`` are the
    program's, the first its default; ``attributes`` are the declared ones. ``referral_codes`` are those of its members
    that a request names.
    """

    markets: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, str]
    languages: tuple[str, ...]
    attributes: Mapping[str, FactType]
    referral_codes: frozenset[str] = frozenset()


PERSONAL = tuple(
    item.name for item in fields(Profile) if item.name in {"name", "nickname", "email", "phone", "birth_date"}
)
MERCHANT_TEXTS = tuple(item.name for item in fields(MerchantFields) if item.name != "preferred")
