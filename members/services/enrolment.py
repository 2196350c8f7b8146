"""Enrolling members: a batch of new and known ones; one member is a batch of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import DuplicateMember, FieldError, Invalid, Refusal
from members.models import Member, Vehicle
from members.rules import readers
from members.rules.documents import MemberRecord
from members.rules.profiles import Profile
from members.rules.reading import Reading, read_changes, read_new, vins_in
from members.selectors.members import load_records
from members.selectors.settings import EnrolmentSetting, enrolment_setting
from members.services.bringing import Bringing, Comer, hold_all
from members.services.signals import remember_signals
from members.services.writing import Written, write_profiles

ATTEMPTS = 4  # another request may enrol the same member between our look and our write

type Identity = Callable[[str], UUID]


def by_chance(_external_id: str) -> UUID:
    """The identity of a new member: nobody can tell it from the external id."""
    return uuid4()


class EnrolmentStatus(StrEnum):
    """What became of one request."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The result of one request: ``external_id`` as it was written, None if it was no text."""

    external_id: str | None
    status: EnrolmentStatus
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Batch:
    """What is known while a batch is read in order: later requests see what earlier ones said."""

    setting: EnrolmentSetting
    at: datetime
    records: Mapping[str, MemberRecord]
    vin_owners: dict[str, str]
    bringing: Bringing
    profiles: dict[str, Profile] = field(default_factory=dict)
    signals: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, request: object, *, may_exist: bool) -> Enrolment:
        """Read one request; what it asks for is in ``profiles``, or it is rejected and nothing is."""
        external_id = _external_id(request)
        try:
            before = self._profile(external_id)
            if before and not may_exist:
                raise DuplicateMember(_("There is a member %(name)s already") % {"name": external_id})
            reading = self._read(request, before)
            comer = Comer(external_id, self.records.get(external_id), reading.profile, reading.code)
            claim = self.bringing.read(self.setting, comer, self.at)
            self._claim_vins(external_id, before, reading.profile)
        except Refusal as refusal:
            return Enrolment(external_id or None, EnrolmentStatus.REJECTED, refusal)
        if claim:
            self.bringing.claims[external_id] = claim
        self.profiles[external_id] = reading.profile
        self.signals.setdefault(external_id, {}).update(reading.signals)
        return Enrolment(external_id, _status(before, reading.profile))

    def _profile(self, external_id: str) -> Profile | None:
        record = self.records.get(external_id)
        return self.profiles.get(external_id) or (record.profile if record else None)

    def _read(self, request: object, before: Profile | None) -> Reading:
        if before is None:
            return read_new(request, setting=self.setting.rules, at=self.at)
        return read_changes(request, base=before, setting=self.setting.rules, at=self.at)

    def _claim_vins(self, external_id: str, before: Profile | None, after: Profile) -> None:
        """Let go of the cars that are not named any more, take the named ones; a car has one owner."""
        errors = [
            FieldError(f"/vehicles/{index}/vin", "invalid", _("%(vin)s belongs to another member") % {"vin": car.vin})
            for index, car in enumerate(after.vehicles)
            if self.vin_owners.get(car.vin, external_id) != external_id
        ]
        if errors:
            raise Invalid(errors=errors)
        for car in before.vehicles if before else ():
            self.vin_owners.pop(car.vin, None)
        self.vin_owners |= {car.vin: external_id for car in after.vehicles}

    def written(self, identity: Identity) -> list[Written]:
        """New and changed profiles, sorted so that two batches never wait for each other in a circle."""
        found = [(name, self.records.get(name), after) for name, after in sorted(self.profiles.items())]
        return [
            Written(name, record.uuid, after, record.profile, record.id)
            if record
            else Written(name, identity(name), after)
            for name, record, after in found
            if record is None or record.profile != after
        ]


def enrol_members(
    *,
    program: Program,
    requests: Sequence[object],
    at: datetime,
    may_exist: bool = True,
    identity: Identity = by_chance,
) -> list[Enrolment]:
    """Enrol new members and change known ones; a result for each request, in order.

    A request is a member in the shape of the API. Keys that are absent change nothing in a known member, null empties.
    A rejected one (``Invalid`` with every error, ``DuplicateMember`` unless members ``may_exist``) harms no other.
    New members stand on the first rung of the ladder since ``enrolled_at``, which may lie in the past. ``identity``
    is the uuid of a new one, by which chance keeps it out of campaigns.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _enrol(program, requests, at, identity, may_exist=may_exist)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    return []


def enrol_member(*, program: Program, request: object, at: datetime) -> str:
    """Enrol one new member; its external id. Raises Invalid, DuplicateMember."""
    (result,) = enrol_members(program=program, requests=[request], at=at, may_exist=False)
    if result.refusal or result.external_id is None:
        raise result.refusal or Invalid()
    return result.external_id


def _enrol(
    program: Program, requests: Sequence[object], at: datetime, identity: Identity, *, may_exist: bool
) -> list[Enrolment]:
    setting = enrolment_setting(program)
    known = Member.objects.filter(program=program, external_id__in=_names(requests))
    held, bringing = hold_all(program, requests, known)
    records = load_records(known.filter(pk__in=held))
    batch = _Batch(bringing.setting(setting), at, records, _vin_owners(program, requests), bringing)
    results = [batch.take(request, may_exist=may_exist) for request in requests]
    ids = {name: record.id for name, record in records.items()}
    ids |= write_profiles(program=program, setting=setting, profiles=batch.written(identity), at=at)
    remember_signals(seen=[(ids[name], found) for name, found in batch.signals.items()], at=at)
    bringing.write(program, ids, records, at)
    return results


def _names(requests: Sequence[object]) -> list[str]:
    return sorted({name for name in map(_external_id, requests) if readers.EXTERNAL_ID.fullmatch(name)})


def _vin_owners(program: Program, requests: Sequence[object]) -> dict[str, str]:
    vins = {vin for request in requests for vin in vins_in(request)}
    owned = Vehicle.objects.filter(program=program, vin__in=vins).values_list("vin", "member__external_id")
    return dict(owned) if vins else {}


def _external_id(request: object) -> str:
    """The external id as it was written; reading judges it."""
    named = request.get("external_id") if isinstance(request, dict) else None
    return named if isinstance(named, str) else ""


def _status(before: Profile | None, after: Profile) -> EnrolmentStatus:
    if before is None:
        return EnrolmentStatus.CREATED
    return EnrolmentStatus.UNCHANGED if before == after else EnrolmentStatus.UPDATED
