"""When a campaign counts, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from loyalty.display.value_words import hour, listed, weekday

ALL_DAYS = 7


def schedule_words(schedule: Mapping[str, Any]) -> str:
    """``Saturday and Sunday, 08:00–22:00``; empty without a schedule."""
    parts = []
    if days := schedule.get("weekdays"):
        parts.append(_("every day") if len(days) == ALL_DAYS else listed([weekday(day) for day in sorted(days)]))
    if hours := schedule.get("hours"):
        parts.append(_("%(first)s–%(last)s") % {"first": hour(hours[0]), "last": hour(hours[1])})
    if schedule.get("festival"):
        parts.append(_("on the days of the festival"))
    return _(", ").join(parts)
