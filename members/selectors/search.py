"""Finding members by anything that is known of them, each question by its own index."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import phonenumbers
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from core.models import Program
from members.models import Member, MemberIdentity, Vehicle
from members.rules.folding import fold_name
from members.rules.readers import Wrong, phone

MOST = 200
LEAST_NAME = 2  # letters of a name below which everybody is found

type Ids = QuerySet[MemberIdentity, int] | QuerySet[Vehicle, int] | QuerySet[Member, int]


def search_members(
    *, programs: Sequence[Program], personal: Sequence[Program], term: str, limit: int = MOST
) -> list[int]:
    """Ids of members that a term names, in no order: external id or uuid, else phone, e-mail, plate or VIN, else name.

    In ``programs`` by id, in those of ``personal`` by personal data too. The first of three queries that finds
    somebody answers.
    """
    wanted = term.strip()
    if not wanted or "\0" in wanted:
        return []
    for ids in _questions(programs, personal, wanted):
        if found := list(ids[:limit]):
            return found
    return []


def _questions(programs: Sequence[Program], personal: Sequence[Program], wanted: str) -> Iterator[Ids]:
    yield Member.objects.filter(_named(wanted), program__in=programs).values_list("pk", flat=True)
    if personal:
        yield _by_contact(personal, wanted)
        if len(folded := fold_name(wanted)) >= LEAST_NAME:
            yield _of(personal, MemberIdentity.objects.filter(name_folded__contains=folded))


def _named(wanted: str) -> Q:
    try:
        return Q(external_id=wanted) | Q(uuid=UUID(wanted.removeprefix("uuid:")))
    except ValueError:
        return Q(external_id=wanted)


def _by_contact(programs: Sequence[Program], wanted: str) -> Ids:
    """Phone, e-mail address, plate and VIN: one query that asks each index."""
    cars = Vehicle.objects.filter(program__in=programs)
    words = wanted.upper().split()
    parts: list[Ids] = [
        _of(programs, MemberIdentity.objects.alias(lower=Lower("email")).filter(lower=wanted.lower())),
        cars.filter(plate=" ".join(words)).values_list("member_id", flat=True),
        cars.filter(vin="".join(words)).values_list("member_id", flat=True),
    ]
    numbers = set(_numbers(programs, wanted))
    return _of(programs, MemberIdentity.objects.filter(phone__in=numbers)).union(*parts)


def _of(programs: Sequence[Program], rows: QuerySet[MemberIdentity]) -> QuerySet[MemberIdentity, int]:
    return rows.filter(member__program__in=programs).values_list("member_id", flat=True)


def _numbers(programs: Sequence[Program], wanted: str) -> Iterator[str]:
    """The term as a number, a national one as of each country that the programs are in."""
    if sum(letter.isdigit() for letter in wanted) < len(wanted) / 2:
        return
    markets = {market.code for program in programs for market in program.markets.all()}
    for market in markets & phonenumbers.SUPPORTED_REGIONS or {""}:
        try:
            yield phone(wanted, market)
        except Wrong:
            continue
