"""What an API client may be allowed to do."""

SCOPES = (
    "events:write",
    "events:read",
    "members:write",
    "members:read",
    "rewards:read",
    "redemptions:write",
    "redemptions:read",
    "vouchers:write",
    "offers:write",
    "referrals:write",
    "simulations:write",
    "reports:read",
    "segments:write",
    "history:write",
)
