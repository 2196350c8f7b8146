"""The documents of leaderboards."""

from collections.abc import Mapping

from loyalty.api.v1.schema import FLAG, MAYBE_MOMENT, MOMENT, WHOLE, Schema, items, null_or, record, ref, text, words

STANDING = record(
    {
        "rank": {**WHOLE, "minimum": 1},
        "nickname": null_or(text("null: the member does not appear by name")),
        "score": {**WHOLE, "description": "Minor units of the base currency, how often, or points: see `score`"},
        "me": FLAG,
    }
)
LEADERBOARD_PLACE: Mapping[str, Schema] = {
    "board": text(),
    "name": text("In the caller's language"),
    "campaign": text("While it runs, events count"),
    "market": null_or(text("null: all markets compete together")),
    "score": null_or(words("amount", "count", "points")),
    "state": words("upcoming", "running", "settling", "closed"),
    "starts_at": MOMENT,
    "ends_at": MAYBE_MOMENT,
    "closes_at": {**MAYBE_MOMENT, "description": "From when on the result is final"},
    "closed_at": MAYBE_MOMENT,
    "top": {**WHOLE, "description": "How many are shown, and told when it closes"},
    "me": null_or(ref("Standing")),
}
LEADERBOARDS: Mapping[str, Schema] = {
    "Leaderboard": record(
        {**LEADERBOARD_PLACE, "members": WHOLE, "items": items(ref("Standing")), "next": {"type": "null"}}
    ),
    "LeaderboardPlace": record(LEADERBOARD_PLACE),
    "Standing": STANDING,
}
