"""The documents of referrals as JSON Schemas, in the manner of ``shapes``."""

from collections.abc import Mapping

from loyalty.api.v1.schema import EXTERNAL_ID, MAYBE_MOMENT, MOMENT, Schema, null_or, page, record, ref, text, words
from loyalty.api.v1.shapes import SIGNALS

REFERRAL_STANDING: Mapping[str, Schema] = {
    "state": words("joined", "verified", "qualified", "rewarded", "held", "refused"),
    "reason": {
        "description": "Why it is held or refused, or why it does not count yet",
        **null_or(words("self", "device", "instrument", "phone", "ring", "velocity", "review", "cooling")),
    },
    "joined_at": MOMENT,
    "verified_at": MAYBE_MOMENT,
    "qualified_at": MAYBE_MOMENT,
    "due_at": {"description": "When it counts, once all conditions are met", **MAYBE_MOMENT},
}
REFERRAL = record(
    {
        "id": text(format="uuid"),
        "member": text("External id of the friend", examples=["M-0002"]),
        "referrer": text("External id of the member who brought the friend", examples=["M-0001"]),
        **REFERRAL_STANDING,
    }
)
MY_REFERRAL = record(
    {"id": text(format="uuid"), "friend": text("Initial of the friend", examples=["B."]), **REFERRAL_STANDING}
)
REFERRAL_CODE: Mapping[str, Schema] = {
    "code": null_or(text("What friends join with", examples=["7KMPWX2R"])),
    "link": null_or(text("Where friends join", format="uri")),
}
REFERRALS: Mapping[str, Schema] = {
    "Referral": REFERRAL,
    "ReferralRequest": record(
        {"code": text("A member's code, as people type it", maxLength=80), "member": EXTERNAL_ID},
        {"signals": SIGNALS},
        additionalProperties=False,
    ),
    "Referrals": record(
        {**REFERRAL_CODE, "referred_by": null_or(ref("Referral")), **page(ref("Referral"))["properties"]}
    ),
    "MyReferrals": record({**REFERRAL_CODE, **page(MY_REFERRAL)["properties"]}),
}
