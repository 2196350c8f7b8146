"""What conditions outside of campaigns ask for."""

from campaigns.rules.asking import facts_named
from core.models import Definition, Program
from members.models import Segment

JOURNEYS = "journeys"  # a section of the program file


def facts_asked_elsewhere(program: Program) -> frozenset[str]:
    """The facts that segments and journeys of a program name."""
    segments = Segment.objects.filter(program=program, retired=False).values_list("where", flat=True)
    journeys = Definition.objects.filter(program=program, section=JOURNEYS, retired=False)
    plain = (*segments, *journeys.values_list("definition", flat=True))
    return frozenset(fact for one in plain for fact in facts_named(one))
