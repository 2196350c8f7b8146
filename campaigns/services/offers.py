"""Giving campaigns to members as offers: many at once, each judged by itself, in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Offer
from campaigns.rules.definitions import CampaignRules
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import Gates, covers, expose, is_live
from campaigns.rules.offers import Terms, end_of
from campaigns.rules.state import JudgedEvent, MemberState, no_event
from campaigns.services.apply import write_exposures
from campaigns.services.configuration import Configuration, Outdated, current_configuration
from campaigns.services.offer_requests import OfferRequest, read_request
from campaigns.services.state import Members, lock_members, read_state
from core.models import Program
from core.refusals import FieldError, Invalid, NotAvailable, NotEligible, ReferenceUsed, Refusal
from core.rules.arrays import columns
from core.services import prepared
from core.services.references import marks
from members.models import Member
from members.selectors.members import present_members

# Rows are made in the order of references, so that two batches cannot wait for each other in a circle.
ASSIGN = """
    WITH given AS (
        SELECT nextval(pg_get_serial_sequence('campaigns_offer', 'id')) AS id, u.*
        FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
            %s::timestamptz[], %s::text[], %s::bytea[])
            AS u(place, member_id, campaign_id, state, at, until, activated_at, reference, fingerprint)
    ), made AS (
        INSERT INTO campaigns_offer (id, program_id, member_id, campaign_id, state, at, until, activated_at, is_closed,
            client, reference, fingerprint)
        SELECT id, %s, member_id, campaign_id, state, at, until, activated_at, false, %s, reference, fingerprint
        FROM given ORDER BY reference, place ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT given.place, given.id FROM given JOIN made ON made.id = given.id
"""


FORGET = """
    UPDATE campaigns_offer o SET reference = '', fingerprint = NULL, forgotten = f.mark
    FROM unnest(%s::bigint[], %s::bytea[]) AS f(id, mark) WHERE o.id = f.id
"""
REFERENCE_USED = gettext_lazy("The reference belongs to another offer: use a new one.")


@dataclass(slots=True)
class Assignment:
    """What became of one request: the offer, or why there is none. Not ``is_new``: its reference was known."""

    offer: Offer | None = None
    refusal: Refusal | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that could be read: where it stood, and of whom it is."""

    place: int
    request: OfferRequest
    member: Member


def assign_offers(
    *, program: Program, requests: Sequence[object], client: str, past: Refusal | None, at: datetime
) -> list[Assignment]:
    """Assign campaigns to members, each request by itself: the offer, or the refusal. A fixed number of queries.

    Market, audience and holdout are judged here, once; an offer of a member who is held out gives nothing.
    ``past``: what a time in the past is answered with, None for callers who may name one. Refusals: Invalid,
    NotAvailable (the campaign is not offered now), NotEligible, ReferenceUsed.
    """
    results = [Assignment() for _ in requests]
    read = [_read(body, result, at, past) for body, result in zip(requests, results, strict=True)]
    with transaction.atomic():
        asked = _of_members(program, read, results)
        fresh, again = _answer_known(client, asked, results)
        if fresh:
            _assign(program, client, fresh, results, at)
    for one, first in again:
        _answer_again(one, first, results)
    return results


def _read(body: object, result: Assignment, at: datetime, past: Refusal | None) -> OfferRequest | None:
    try:
        return read_request(body, at=at, past=past)
    except Refusal as refusal:
        result.refusal = refusal
        return None


def _of_members(program: Program, read: Sequence[OfferRequest | None], results: Sequence[Assignment]) -> list[_Asked]:
    """The requests whose members there are; the others are refused."""
    requests = [request for request in read if request]
    uuids = {uuid for request in requests if (uuid := request.member_uuid)}
    named = Q(external_id__in={request.member for request in requests}) | Q(uuid__in=uuids)
    known: dict[str | UUID, Member] = {}
    for row in present_members(program).filter(named).select_related("market"):
        known |= {row.external_id: row, row.uuid: row}
    found = []
    for place, request in enumerate(read):
        if request is None:
            continue
        member = known.get(request.member_uuid or request.member)
        if member is None:
            results[place].refusal = _unknown_member()
        else:
            found.append(_Asked(place, request, member))
    return found


def _unknown_member() -> Invalid:
    detail = _("The program has no such member: enrol the member first.")
    return Invalid(detail, errors=[FieldError("/member", "unknown-member", detail)])


def _answer_known(
    client: str, asked: Sequence[_Asked], results: Sequence[Assignment]
) -> tuple[list[_Asked], list[tuple[_Asked, _Asked]]]:
    """Answer requests whose reference is known. Those that are new remain, and those that follow one of these."""
    references = {one.request.reference for one in asked} - {""}
    stored = _stored(client, references)
    first: dict[str, _Asked] = {}
    fresh, again = [], []
    for one in asked:
        reference = one.request.reference
        if reference in stored:
            _answer_stored(results[one.place], stored[reference], one)
        elif reference and first.setdefault(reference, one) is not one:
            again.append((one, first[reference]))
        else:
            fresh.append(one)
    return fresh, again


def _answer_again(one: _Asked, first: _Asked, results: Sequence[Assignment]) -> None:
    """The same reference again in one batch is answered from the first."""
    mine, earlier = results[one.place], results[first.place]
    if one.request.fingerprint != first.request.fingerprint:
        mine.refusal = ReferenceUsed(REFERENCE_USED)
    else:
        mine.offer, mine.refusal = earlier.offer, earlier.refusal


def _stored(client: str, references: Collection[str]) -> dict[str, Offer]:
    if not references:
        return {}
    marked = {mark: reference for reference in references for mark in marks(client, reference)}
    named = Q(client=client, reference__in=references) | Q(forgotten__in=list(marked))
    rows = Offer.objects.filter(named).select_related("member__market")
    return {row.reference or marked[bytes(row.forgotten or b"")]: row for row in rows}


def forget_references(*, member_id: int) -> None:
    """Let hashes stand for the references of the offers of a member who is erased."""
    named = list(Offer.objects.filter(member=member_id).exclude(reference="").values_list("pk", "client", "reference"))
    hashes = [marks(client, reference)[0] for _pk, client, reference in named]
    with prepared.cursor() as cursor:
        cursor.execute(FORGET, [[pk for pk, _client, _reference in named], hashes])


def _answer_stored(result: Assignment, offer: Offer, one: _Asked) -> None:
    if bytes(offer.fingerprint or b"") == one.request.fingerprint:
        result.offer = offer
    else:
        result.refusal = ReferenceUsed(REFERENCE_USED)


def _assign(
    program: Program, client: str, asked: Sequence[_Asked], results: Sequence[Assignment], at: datetime
) -> None:
    """Judge and store what is new; the members are held from here on."""
    configuration, members = held(program.pk, {one.member.pk for one in asked})
    judge = OfferJudge(configuration, members, [(one.member.pk, one.request.at or at) for one in asked])
    offered = _campaigns(configuration, {one.request.campaign for one in asked})
    made: dict[int, Offer] = {}
    for one in asked:
        try:
            made[one.place] = judge.offer(offered[one.request.campaign], one, at)
        except Refusal as refusal:
            results[one.place].refusal = refusal
    kept = store(program, client, made)
    write_exposures(members.values())
    for place in kept:
        results[place].offer, results[place].is_new = made[place], True
    lost = [one for one in asked if one.place in made and one.place not in kept]
    stored = _stored(client, {one.request.reference for one in lost})  # taken by somebody else at the same moment
    for one in lost:
        _answer_stored(results[one.place], stored[one.request.reference], one)


def held(program_id: int, ids: Collection[int]) -> tuple[Configuration, Members]:
    """The configuration in force, and the members with their rows held."""
    configuration = current_configuration(program_id)
    try:
        return configuration, lock_members(configuration, ids)
    except Outdated:
        configuration = current_configuration(program_id)
        return configuration, lock_members(configuration, ids)


def store(program: Program, client: str, offers: Mapping[int, Offer]) -> set[int]:
    """Store offers, by place, and give them their numbers; the places of those whose reference was not taken."""
    rows = [
        (place, one.member_id, one.campaign_id, one.state, one.at, one.until, one.activated_at, one.reference,
         one.fingerprint)
        for place, one in offers.items()
    ]  # fmt: skip
    if not rows:
        return set()
    with prepared.cursor() as cursor:
        cursor.execute(ASSIGN, [*columns(rows), program.pk, client])
        kept = dict(cursor.fetchall())
    for place, pk in kept.items():
        offers[place].pk = pk
    return set(kept)


type Offered = CampaignRules | Refusal


def _campaigns(configuration: Configuration, codes: Collection[str]) -> dict[str, Offered]:
    """What may be offered, by code, and why something may not."""
    rules = {campaign.code: campaign for campaign in every_campaign(configuration).values()}
    rest = {code: rules.get(code) for code in codes}
    states = {}
    if missing := [code for code, campaign in rest.items() if campaign is None or not campaign.running]:
        rows = Campaign.objects.filter(program=configuration.row, code__in=missing, retired=False)
        states = {row.code: str(row.get_state_display()) for row in rows}
    return {code: _offered(code, campaign, states) for code, campaign in rest.items()}


def _offered(code: str, campaign: CampaignRules | None, states: Mapping[str, str]) -> Offered:
    if campaign is not None and campaign.offer is None:
        detail = _(
            "This campaign pays by itself and needs no offer: assign a campaign whose delivery is offer or opt_in."
        )
        return Invalid(detail, errors=[FieldError("/campaign", "invalid", detail)])
    if campaign is not None and campaign.running:
        return campaign
    if code not in states:
        detail = _("The program has no campaign of this code.")
        return Invalid(detail, errors=[FieldError("/campaign", "unknown", detail)])
    return NotAvailable(_("The campaign is not offered now; its state: %(state)s.") % {"state": states[code]})


def every_campaign(configuration: Configuration) -> dict[int, CampaignRules]:
    """The campaigns in use, by id, in order of judgement."""
    rules = [campaign for rules in configuration.program.rules.values() for campaign, _rule in rules]
    return {campaign.campaign_id: campaign for campaign in rules}


class OfferJudge:
    """Whether campaigns may be offered to members, at which moments."""

    def __init__(self, configuration: Configuration, members: Members, asked: Sequence[tuple[int, datetime]]) -> None:
        self.program, self.members = configuration.program, members
        self.types = {name: kind for known in configuration.fact_types.values() for name, kind in known.items()}
        zone = self.program.zone
        there = [(pk, at) for pk, at in dict.fromkeys(asked) if pk in members]
        self.moments: dict[tuple[int, datetime], JudgedEvent] = {
            (pk, at): no_event(members[pk], zone, at) for pk, at in there
        }
        if there:
            today = max(moment.program_day for moment in self.moments.values())
            read_state(configuration, members, list(self.moments.values()), today)

    def offer(self, campaign: Offered, one: _Asked, now: datetime) -> Offer:
        """The offer, not stored yet. Raises what stands against it."""
        if isinstance(campaign, Refusal):
            raise campaign
        at = one.request.at or now
        member = self.members.get(one.member.pk)
        if member is None:  # erased a moment ago
            raise _unknown_member()
        self.demand(campaign, member, at)
        if not campaign.promise:
            expose(campaign, member, self.program, self.moments[member.member_id, at].day)
        held_out = self.gates(member, at).holds_out(campaign)
        days = one.request.days or terms_of(campaign).days
        return Offer(
            program_id=self.program.program_id,
            member=one.member,
            campaign_id=campaign.campaign_id,
            state=Offer.State.HELD_OUT if held_out else Offer.State.ASSIGNED,
            at=at,
            until=end_of(at, days),
            reference=one.request.reference,
            fingerprint=one.request.fingerprint,
        )

    def demand(self, campaign: CampaignRules, member: MemberState, at: datetime) -> None:
        """Demand that a campaign is live for the member, whom it is for. Raises NotAvailable, NotEligible."""
        if not is_live(campaign, at, member.market.zone):
            raise NotAvailable(_("The campaign is not live at that time."))
        if not covers(campaign, member):
            raise NotEligible(_("The campaign is not for the member's country or region."))
        if not self.gates(member, at).admits(campaign):
            raise NotEligible(_("The member does not belong to those whom the campaign is for."))

    def gates(self, member: MemberState, at: datetime) -> Gates:
        """The gates of a moment."""
        moment = self.moments[member.member_id, at]
        return Gates(moment, member, self.program, EventFacts(moment, member, self.program, self.types))


def terms_of(campaign: CampaignRules) -> Terms:
    """How a campaign is offered."""
    if campaign.offer is None:
        msg = "only campaigns with delivery offer or opt_in are offered"
        raise ValueError(msg)
    return campaign.offer
