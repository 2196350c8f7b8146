"""A member as the API shows it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.rules.moments import show_moment
from members.rules.profiles import CONSENTS, MERCHANT_TEXTS, MerchantFields, Profile, VehicleProfile


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A stored member: its ids, its tier's code and its profile."""

    id: int
    uuid: UUID
    external_id: str
    tier: str | None
    profile: Profile

    def document(self) -> dict[str, object]:
        """The member in the shape of the API; what is not known is null."""
        profile = self.profile
        return {
            "uuid": str(self.uuid),
            "external_id": self.external_id,
            "kind": profile.kind,
            "status": profile.status,
            "market": profile.market,
            "region": profile.region,
            "language": profile.language,
            "name": profile.name or None,
            "nickname": profile.nickname or None,
            "email": profile.email or None,
            "phone": profile.phone or None,
            "birth_date": profile.birth_date and profile.birth_date.isoformat(),
            "kyc": {"state": profile.kyc, "at": profile.kyc_at and show_moment(profile.kyc_at)},
            "enrolled_at": show_moment(profile.enrolled_at),
            "attributes": dict(profile.attributes),
            "consents": {purpose: purpose in profile.consents for purpose in CONSENTS},
            "tier": self.tier,
            "merchant": profile.merchant and _merchant(profile.merchant),
            "vehicles": [_vehicle(car) for car in profile.vehicles],
        }


def _merchant(merchant: MerchantFields) -> dict[str, object]:
    texts = {name: getattr(merchant, name) or None for name in MERCHANT_TEXTS}
    return {**texts, "preferred": merchant.preferred}


def _vehicle(car: VehicleProfile) -> dict[str, object]:
    return {
        "vin": car.vin,
        "plate": car.plate or None,
        "model": car.model or None,
        "bought_on": car.bought_on and car.bought_on.isoformat(),
        "warranty_until": car.warranty_until and car.warranty_until.isoformat(),
    }


def etag(document: Mapping[str, object]) -> str:
    """A strong entity tag of a document: another document has another tag."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
