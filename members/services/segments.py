"""List segments: who is in them is said by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import FieldError, Invalid, NotFound
from core.rules.moments import show_moment
from core.rules.texts import is_storable
from core.services.outbox import Message, publish
from members.models import Segment
from members.selectors.members import present_members

TOPIC = "segment.entered"
TOGETHER = 5  # members in one message of the outbox
ADD = """
    INSERT INTO members_segmentmember (segment_id, member_id)
    SELECT %s, id FROM unnest(%s::bigint[]) AS id ORDER BY id ON CONFLICT DO NOTHING
    RETURNING member_id
"""
REMOVE = """
    WITH gone AS (
        DELETE FROM members_segmentmember WHERE segment_id = %s AND member_id <> ALL(%s::bigint[])
        RETURNING segment_id, member_id, since
    )
    INSERT INTO members_segmentpast (segment_id, member_id, since) SELECT * FROM gone
"""


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """How many members a list has now, and how many came and went."""

    members: int
    added: int
    removed: int


@transaction.atomic
def set_segment_members(*, program: Program, code: str, external_ids: Sequence[object], at: datetime) -> SegmentChange:
    """Make exactly these members the members of a list segment; others hear who came in (``segment.entered``).

    Raises NotFound for an unknown segment; Invalid for one that picks its members by a condition, and for ids that
    name nobody (each of them is named).
    """
    segment = _list_segment(program, code)
    names = _names(external_ids)
    found = dict(present_members(program).filter(external_id__in=set(names)).values_list("external_id", "id"))
    unknown = [(index, name) for index, name in enumerate(names) if name not in found]
    if unknown:
        nobody = _("%(name)s is no member")
        raise Invalid(errors=[FieldError(f"/{i}", "unknown-member", nobody % {"name": name}) for i, name in unknown])
    ids = sorted(found.values())
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, [segment.pk, ids])
        removed = cursor.rowcount
        cursor.execute(ADD, [segment.pk, ids])
        added = [pk for (pk,) in cursor.fetchall()]
    publish([_entered(program, segment, some, at) for some in batched(sorted(added), TOGETHER)])
    return SegmentChange(members=len(ids), added=len(added), removed=removed)


def _entered(program: Program, segment: Segment, ids: Sequence[int], at: datetime) -> Message:
    payload: dict[str, object] = {"segment": segment.code, "members": list(ids), "time": show_moment(at)}
    return Message(TOPIC, program.pk, payload)


def _list_segment(program: Program, code: str) -> Segment:
    """The segment, held so that two lists for it follow each other."""
    named = (
        Segment.objects.filter(program=program, code=code, retired=False)
        if "\0" not in code
        else Segment.objects.none()
    )
    segment = named.select_for_update(no_key=True).first()
    if segment is None:
        raise NotFound(_("There is no such segment"))
    if segment.kind != Segment.Kind.LIST:
        raise Invalid(_("This segment picks its members by a condition"))
    return segment


def _names(external_ids: Sequence[object]) -> list[str]:
    wrong = [index for index, name in enumerate(external_ids) if not isinstance(name, str) or not is_storable(name)]
    if wrong:
        raise Invalid(errors=[FieldError(f"/{index}", "invalid", _("an external id is a text")) for index in wrong])
    return [str(name) for name in external_ids]
