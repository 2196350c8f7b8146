"""Changing what is known of one member."""

from datetime import datetime

from django.db import IntegrityError, transaction

from core.models import Program
from core.refusals import Changed, FieldError, Invalid
from members.models import Vehicle
from members.rules.documents import MemberRecord, etag
from members.rules.reading import read_changes, vins_in
from members.selectors.locking import locked
from members.selectors.members import member_record, referenced
from members.selectors.settings import enrolment_setting
from members.services.signals import remember_signals
from members.services.writing import Written, write_profiles


def patch_member(
    *, program: Program, reference: str, changes: object, at: datetime, matches: str | None = None
) -> MemberRecord:
    """Change a member by a JSON merge patch (RFC 7396); the member after it.

    ``matches`` is the value of ``If-Match``: the patch is refused unless one of its tags is the member's.
    Raises NotFound, Changed, Invalid (the external id stays as it is).
    """
    try:
        with transaction.atomic():
            _patch(program, reference, changes, at, matches)
    except IntegrityError:
        raise Invalid(errors=[FieldError("/vehicles", "invalid", "a car belongs to another member")]) from None
    return member_record(program=program, reference=reference)


def _patch(program: Program, reference: str, changes: object, at: datetime, matches: str | None) -> None:
    list(locked(referenced(program, reference)).values_list("id", flat=True))
    record = member_record(program=program, reference=reference)
    if matches is not None and not _matched(matches, record):
        raise Changed
    setting = enrolment_setting(program)
    reading = read_changes(changes, base=record.profile, setting=setting.rules, at=at, external_id=record.external_id)
    _refuse_taken_cars(program, record, changes)
    if reading.profile != record.profile:
        written = Written(record.external_id, record.uuid, reading.profile, record.profile, record.id)
        write_profiles(program=program, setting=setting, profiles=[written], at=at)
    remember_signals(seen=[(record.id, reading.signals)], at=at)


def _matched(matches: str, record: MemberRecord) -> bool:
    tags = {tag.strip() for tag in matches.split(",")}
    return "*" in tags or etag(record.document()) in tags


def _refuse_taken_cars(program: Program, record: MemberRecord, changes: object) -> None:
    vins = vins_in(changes)
    taken = set(
        Vehicle.objects.filter(program=program, vin__in=vins).exclude(member=record.id).values_list("vin", flat=True)
        if vins
        else ()
    )
    errors = [
        FieldError(f"/vehicles/{index}/vin", "invalid", f"{vin} belongs to another member")
        for index, vin in enumerate(vins)
        if vin in taken
    ]
    if errors:
        raise Invalid(errors=errors)
