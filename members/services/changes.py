"""Changing what is known of one member."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import Changed, FieldError, Invalid
from members.models import Member, Vehicle
from members.rules.documents import MemberRecord, etag
from members.rules.reading import read_changes, vins_in
from members.selectors.members import member_record, referenced
from members.selectors.settings import enrolment_setting
from members.services.bringing import Comer, hold_all
from members.services.own import check_own_changes
from members.services.signals import remember_signals
from members.services.writing import Written, write_profiles


def patch_member(
    *, program: Program, reference: str, changes: object, at: datetime, matches: str | None = None
) -> MemberRecord:
    """Change a member by a JSON merge patch (RFC 7396); the member after it.

    ``matches`` is the value of ``If-Match``: the patch is refused unless one of its tags is the member's.
    Raises NotFound, Changed, Invalid (the external id stays as it is).
    """
    return _change(program, reference, changes, at, matches, own=False)


def patch_own_profile(*, member: Member, changes: object, at: datetime, matches: str | None = None) -> MemberRecord:
    """Change what a member may change about herself by a JSON merge patch, as ``patch_member`` does.

    Raises Frozen and Invalid where it goes further: see ``members.services.own``.
    """
    return _change(member.program, f"uuid:{member.uuid}", changes, at, matches, own=True)


def _change(
    program: Program, reference: str, changes: object, at: datetime, matches: str | None, *, own: bool
) -> MemberRecord:
    try:
        with transaction.atomic():
            _patch(program, reference, changes, at, matches, own=own)
    except IntegrityError:
        raise Invalid(errors=[FieldError("/vehicles", "invalid", _("a car belongs to another member"))]) from None
    return member_record(program=program, reference=reference)


def _patch(program: Program, reference: str, changes: object, at: datetime, matches: str | None, *, own: bool) -> None:
    _held, bringing = hold_all(program, [changes], referenced(program, reference))
    record = member_record(program=program, reference=reference)
    if own:
        check_own_changes(changes, record.profile)
    if matches is not None and not _matched(matches, record):
        raise Changed
    setting = enrolment_setting(program)
    name, rules = record.external_id, bringing.setting(setting).rules
    reading = read_changes(changes, base=record.profile, setting=rules, at=at, external_id=name)
    claim = bringing.read(setting, Comer(name, record, reading.profile, reading.code), at)
    _refuse_taken_cars(program, record, changes)
    if reading.profile != record.profile:
        written = Written(record.external_id, record.uuid, reading.profile, record.profile, record.id)
        write_profiles(program=program, setting=setting, profiles=[written], at=at)
    remember_signals(seen=[(record.id, reading.signals)], at=at)
    if claim:
        bringing.claims[name] = claim
    bringing.write(program, {name: record.id}, {name: record}, at)


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
        FieldError(f"/vehicles/{index}/vin", "invalid", _("%(vin)s belongs to another member") % {"vin": vin})
        for index, vin in enumerate(vins)
        if vin in taken
    ]
    if errors:
        raise Invalid(errors=errors)
