"""Finding events by what their callers named them."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q, QuerySet

from campaigns.models import Event
from core.models import Program

MOST_SOURCES = 500  # that a name is looked for in


def search_events(*, programs: Sequence[Program], term: str) -> QuerySet[Event]:
    """Events with this id, from any source of these programs; ``source#id`` asks one source only."""
    wanted = term.strip()
    if not wanted or "\0" in wanted:
        return Event.objects.none()
    source, separator, key = wanted.rpartition("#")
    named = Q(source=source, key=key) if separator else Q(pk__in=())
    for program in programs:
        named |= Q(program=program, source__in=_sources(program), key=wanted)
    return Event.objects.filter(named, program__in=programs)


def _sources(program: Program) -> list[str]:
    """Every source of the program's events, in one step of the index each."""
    with connection.cursor() as cursor:
        cursor.execute(SOURCES, {"program": program.pk, "most": MOST_SOURCES})
        return [source for (source,) in cursor.fetchall()]


SOURCES = """
    WITH RECURSIVE known AS (
        (SELECT source FROM campaigns_event WHERE program_id = %(program)s ORDER BY source LIMIT 1)
        UNION ALL
        SELECT (SELECT e.source FROM campaigns_event e
                 WHERE e.program_id = %(program)s AND e.source > k.source ORDER BY e.source LIMIT 1)
          FROM known k WHERE k.source IS NOT NULL
    )
    SELECT source FROM known WHERE source IS NOT NULL LIMIT %(most)s"""
