"""Working stored events again, in memory: the same judgement, the same taking back, nothing written."""

from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Protocol, override

from campaigns.rules.asking import facts_asked, types_asked
from campaigns.rules.derived import source_of
from campaigns.rules.evaluate import judge
from campaigns.rules.judgement import Judgement
from campaigns.rules.lifts import Change
from campaigns.rules.limits import CounterKey, Tally
from campaigns.rules.recall import Unlimited, recall
from campaigns.rules.replay import Needs, Replayed
from campaigns.rules.replay_offers import PastOffer, offers_as_of
from campaigns.rules.replay_takebacks import Back, Reversed, take_back
from campaigns.rules.replay_wallets import Holdings
from campaigns.rules.state import JudgedEvent, MemberState, Outlet, Plenty, Shared
from campaigns.selectors import replays
from campaigns.selectors.offers import past_offers
from campaigns.selectors.replays import Span, Stored
from campaigns.services.configuration import Configuration, outlet_of, outlet_rows
from campaigns.services.phases import Phases
from campaigns.services.replay_followers import TYPES, Caused, Followers, Told, fallen
from campaigns.services.shelf import Shelf
from campaigns.services.standing import change_of
from campaigns.services.state import read_members, read_profiles
from core.services.read_only import read_only
from members.models import MemberPast, TierChange

CHUNK = 2_000  # events
EARLIER = 200  # members whose lives before the span are read at once


class Watcher(Protocol):
    """Whoever looks on."""

    def judged(self, row: Stored, member: "Known", judgement: Judgement) -> None:
        """An event of the interval was judged."""

    def reversed(self, row: Stored, member: "Known", back: Back) -> None:
        """A reversal of the interval was worked."""

    def missed(self, row: Stored, member: "Known") -> None:
        """An event of the interval that nothing causes any more, or its reversal."""

    def skipped(self, row: Stored) -> None:
        """An event of a member that is no more."""


class Counters(MutableMapping[CounterKey, int]):
    """A member's counters and those of all members, as one."""

    def __init__(self, own: MutableMapping[CounterKey, int], totals: MutableMapping[CounterKey, int]) -> None:
        """Look through to both."""
        self.own, self.totals = own, totals

    def __getitem__(self, key: CounterKey) -> int:
        return (self.own if key.member_id else self.totals)[key]

    def __setitem__(self, key: CounterKey, value: int) -> None:
        (self.own if key.member_id else self.totals)[key] = value

    def __delitem__(self, key: CounterKey) -> None:
        del (self.own if key.member_id else self.totals)[key]

    def __iter__(self) -> Iterator[CounterKey]:
        yield from self.own
        yield from self.totals

    def __len__(self) -> int:
        return len(self.own) + len(self.totals)

    @override
    def __contains__(self, key: object) -> bool:
        return key in self.own or key in self.totals


@dataclass(slots=True)
class Known:
    """A replayed member with what others knew of it when: pasts and changes still to come, oldest first."""

    member: Replayed
    now: MemberPast | None  # None: it never changed
    pasts: list[MemberPast]
    stays: list[replays.Stay]
    changes: list[tuple[datetime, Change]]
    moved: list[replays.Moved]
    offers: list[PastOffer]
    waiting: dict[int, list[Stored]] = field(default_factory=dict)  # reversals whose original is still to come
    caused: list[Caused] = field(default_factory=list)


@dataclass(slots=True)
class Replay:
    """One run over a span of events. ``since`` and ``until`` (out) say which of them are judged anew.

    Others of the span, and earlier ones of its members, move the state as they did.
    """

    configuration: Configuration
    phases: Phases
    span: Span
    since: datetime
    until: datetime
    watcher: Watcher
    needs: Needs
    shared: Shared
    followers: Followers
    members: Shelf[Known] = field(default_factory=Shelf)
    outlets: dict[int, Outlet] = field(default_factory=dict)
    funded: list[tuple[int, datetime, int]] = field(default_factory=list)
    closings: list[tuple[datetime, int]] = field(default_factory=list)  # of contests, the earliest first
    tells_all: bool = False  # of reversals outside of the interval too
    numbers: int = 0  # changes of tier of this run are numbered downwards
    worked: int = 0

    def run(self, report: Callable[[int, int], None]) -> None:
        """Work the span chunk by chunk, each in a transaction that cannot write; ``report`` hears done and total."""
        self.outlets = {row.pk: outlet_of(row) for row in outlet_rows(self.configuration.row)}
        after = self.span.first - 1
        while True:
            with read_only():
                rows = replays.next_events(self.configuration.program.program_id, self.span, after, CHUNK)
                self._meet(self.members.fetch({row.member_id for row in rows}))
                self.followers.read(rows)
                for row in rows:
                    self._work(row)
                self.members.put_away()
            report(self.worked, self.span.events)
            if not rows:
                return
            after = rows[-1].event_id

    # -- members ------------------------------------------------------------------------------

    def _meet(self, ids: Collection[int]) -> None:
        """Read members whose first event of the span comes, and let them live through what was before."""
        if not ids:
            return
        states = read_members(self.configuration, ids)
        read_profiles(self.configuration, states)
        may_lose = replays.with_reversals(ids)
        pasts, stays, changes = replays.pasts(ids), replays.stays(ids), replays.tier_changes(ids)
        owners = [state.uuid for state in states.values()]
        moved = replays.moved_otherwise(owners) if self.needs.wallets else {}
        offers = past_offers(ids) if self.configuration.uses_offers else {}
        for pk, state in states.items():
            mine = changes.get(pk, [])
            if mine:
                state.tier = self.configuration.rungs.get(mine[0].from_tier_id or 0)
            self.members[pk] = Known(
                Replayed(state, {} if pk in may_lose else None),
                self._as_now(state) if pk in pasts else None,
                pasts.get(pk, []),
                stays.get(pk, []),
                self._other_changes(mine, state),
                list(moved.get(state.uuid, [])),
                offers.get(pk, []),
            )
        for some in batched(sorted(states), EARLIER) if self.span.has_earlier else ():
            for row in replays.earlier_events(some, self.span.first):
                self._live(row, None)

    def _other_changes(self, rows: Sequence[TierChange], state: MemberState) -> list[tuple[datetime, Change]]:
        """Changes of tier that no event brought about: working the events does not bring them about again."""
        if not self.configuration.program.ladder:
            return []
        zone, others = state.market.zone, [row for row in rows if row.reason not in replays.BY_EVENTS]
        return [(row.recorded_at, change_of(self.configuration, row, zone)) for row in others]

    def _as_of(self, known: Known, row: Stored) -> None:
        """Let a member be what it was known to be when an event was recorded."""
        state, at = known.member.state, row.recorded_at
        if known.pasts:
            while known.pasts and known.pasts[0].until <= at:
                known.pasts.pop(0)
            if past := (known.pasts[0] if known.pasts else known.now):
                self._become(state, past)
        if known.offers:
            offers_as_of(state, known.offers, at)
        if known.stays:
            state.segments = frozenset(
                code for code, since, until in known.stays if since <= at and (until is None or at < until)
            )
        while known.changes and known.changes[0][0] <= at:
            change = known.changes.pop(0)[1]
            state.tier = change.reached
            known.member.changes.append(change)
        while known.moved and known.moved[0].at <= row.time:
            self._move(known.member.holdings, known.moved.pop(0))

    def _move(self, holdings: Holdings, moved: replays.Moved) -> None:
        """Something else than an event, or the night, moved points."""
        if moved.lapsed:
            holdings.lapse(moved.unit, moved.at.astimezone(self.configuration.program.zone).date())
        else:
            holdings.move(moved.unit, moved.amount, moved.expires_on)

    def _as_now(self, state: MemberState) -> MemberPast:
        """What a member is since its last change."""
        regions = {code: pk for pk, code in self.configuration.regions.items()}
        return MemberPast(
            market_id=state.market.market_id,
            region_id=regions.get(state.region),
            language=state.language,
            kind=state.kind,
            status=state.status,
            kyc=state.kyc,
            kyc_at=state.kyc_at,
            enrolled_at=state.enrolled_at,
            attributes=dict(state.attributes),
        )

    def _become(self, state: MemberState, past: MemberPast) -> None:
        configuration = self.configuration
        state.market = configuration.markets[past.market_id]
        state.region = configuration.regions.get(past.region_id or 0, "")
        state.language, state.kind, state.status = past.language, past.kind, past.status
        state.kyc, state.kyc_at, state.enrolled_at = past.kyc, past.kyc_at, past.enrolled_at
        state.attributes = past.attributes

    # -- events -------------------------------------------------------------------------------

    def _work(self, row: Stored) -> None:
        """One event of the span."""
        while self.funded and self.funded[0][1] <= row.recorded_at:
            account, _, amount = self.funded.pop(0)
            if (left := self.shared.left.get(account)) is not None:
                self.shared.left[account] = left + amount
        while self.closings and self.closings[0][0] <= row.recorded_at:
            self.shared.closed.add(self.closings.pop(0)[1])
        is_asked = self.since <= row.time < self.until
        self.worked += is_asked
        if row.member_id not in self.members:
            self.watcher.skipped(row)
        else:
            self._live(row, self.watcher if is_asked else None)

    def _live(self, row: Stored, watcher: Watcher | None) -> None:
        """Let a member live through an event: judged anew for a watcher, else as it was decided."""
        if (known := self.members.get(row.member_id)) is None:
            return
        self._as_of(known, row)
        if row.original_id is not None:
            if row.original_id > row.event_id:
                known.waiting.setdefault(row.original_id, []).append(row)
            else:
                self._reverse(row, known, watcher)
        elif row.type_id and row.status == "processed":
            self._decide(row, known, watcher)
            for late in known.waiting.pop(row.event_id, []):
                asked = self.since <= late.time < self.until
                self._reverse(late, known, self.watcher if asked and late.event_id >= self.span.first else None)

    def _decide(self, row: Stored, known: Known, watcher: Watcher | None, depth: int = 0) -> None:
        depth = self.followers.depths.pop(row.event_id, depth)
        if watcher is not None and row.event_id in self.followers.gone:
            self.followers.gone.remove(row.event_id)
            watcher.missed(row, known)
            return
        member = known.member
        event = self._event(row, member.state)
        member.prepare(event, self.needs)
        program = self.phases.phase(row.revision, drafted=watcher is not None).program
        shared = replace(self.shared, tally=Tally(Counters(member.counters, self.shared.tally.counters)))
        types = self.configuration.fact_types.get(event.type_code, {})
        if watcher is not None:
            judgement = judge(event, member.state, program=program, shared=shared, types=types, today=event.program_day)
        else:
            if row.event_id < self.span.first:
                own = Counters(member.counters, {})
                shared = Shared(Unlimited(), self.shared.payers, Tally(own), Plenty())
            judgement = recall(
                event,
                member.state,
                program=program,
                shared=shared,
                types=types,
                today=event.program_day,
                given=row.answer.get("effects", ()),
            )
        self.numbers -= 1
        member.keep(judgement, self.needs, self.numbers)
        if watcher is not None:
            watcher.judged(row, known, judgement)
            for told in self.followers.new(row, judgement, program, self.numbers, depth):
                self._cause(row, known, told, watcher, depth + 1)

    def _cause(self, row: Stored, known: Known, told: Told, watcher: Watcher, depth: int) -> None:
        """Let something follow from an event that did not follow in truth."""
        self.numbers -= 1
        known.caused.append(Caused(row.event_id, told.mark, self.numbers))
        event = row._replace(
            event_id=self.numbers,
            type_id=self.configuration.types[told.type].type_id,
            source=source_of(self.configuration.program.code),
            key=f"{told.type}:{row.key}",
            amount_minor=None,
            currency="",
            amount_base=None,
            outlet_id=0,
            data=dict(told.data),
            answer={},
        )
        self._decide(event, known, watcher, depth)

    def _reverse(self, row: Stored, known: Known, watcher: Watcher | None) -> None:
        member, phase = known.member, self.phases.phase(row.revision, drafted=watcher is not None)
        if member.kept is None or (original := row.original_id) not in member.kept or original is None:
            if watcher is not None:
                watcher.missed(row, known)
            return
        one = Reversed(row.event_id, row.time, row.day, original, row.reversed_minor)
        back = take_back(member, one, phase.program, phase.goals, self.shared, self.needs)
        if watcher is not None or self.tells_all:
            self.watcher.reversed(row, known, back)
        for gone in fallen(known.caused, back):
            known.caused.remove(gone)
            self.numbers -= 1
            event = row._replace(event_id=self.numbers, original_id=gone.event_id, reversed_minor=None, answer={})
            self._reverse(event, known, watcher)

    def _event(self, row: Stored, state: MemberState) -> JudgedEvent:
        """A stored event in the shape that rules read."""
        configuration = self.configuration
        kind = configuration.types[configuration.type_codes[row.type_id or 0]]
        return JudgedEvent(
            event_id=row.event_id,
            source=row.source,
            key=row.key,
            type_code=kind.code,
            type_id=kind.type_id,
            qualifying=kind.qualifying,
            member_id=row.member_id,
            time=row.time,
            local=row.time.astimezone(state.market.zone),
            day=row.day,
            program_day=row.time.astimezone(configuration.program.zone).date(),
            amount_minor=row.amount_minor,
            currency=row.currency,
            amount_base=row.amount_base,
            outlet=self.outlets.get(row.outlet_id),
            data=row.data,
        )


def followers_of(configuration: Configuration, phases: Phases) -> Followers:
    """What must be asked of events that follow from others: those that rules of some phase listen to or ask for."""
    campaigns = [*phases.compiled.values(), *phases.drafts]
    heard = {rule.event_type for one in campaigns for rule in one.rules} | types_asked(facts_asked(campaigns))
    types = {configuration.types[code].type_id: code for code in TYPES if code in heard and code in configuration.types}
    return Followers(configuration.program.program_id, types)


def needs_of(configuration: Configuration, phases: Phases) -> Needs:
    """What the rules of all phases ask for."""
    facts = facts_asked([*phases.compiled.values(), *phases.drafts])
    return Needs(
        calendar_year=configuration.program.calendar_year,
        visits=not facts.isdisjoint({"member.outlets_12m", "member.dealers_12m"}),
        previous="event.days_since_previous" in facts,
        wallets="member.points" in facts or configuration.program.reversal != "debt",
        dealers=configuration.dealers,
    )
