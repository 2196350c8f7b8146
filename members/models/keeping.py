"""The trigger that keeps what a member was before a change."""

import pgtrigger
from django.db import models


class ClockTimestamp(models.Func):
    """The database's time at this very moment, also inside a long transaction."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()


COLUMNS = ("market_id", "region_id", "language", "kind", "status", "kyc", "kyc_at", "enrolled_at", "attributes")

KEEP_MEMBER = pgtrigger.Trigger(
    name="past_is_kept",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf(*COLUMNS),
    condition=pgtrigger.Condition(
        "NEW.status <> 'erased' AND ("
        + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in COLUMNS)
        + ")"
    ),
    func=f"""
        INSERT INTO members_memberpast (member_id, {", ".join(COLUMNS)})
        VALUES (OLD.id, {", ".join(f"OLD.{column}" for column in COLUMNS)});
        RETURN NULL;
    """,
)
