"""Simulation: what campaigns would have given for the events that came, beside what was given. Nothing is written."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.answers import shown
from campaigns.rules.definitions import CampaignRules, Moment
from campaigns.rules.gates import instant
from campaigns.rules.judgement import Award, Judgement
from campaigns.rules.kinds import NAMES, THING
from campaigns.rules.replay_takebacks import Back
from campaigns.rules.simulation_figures import Figures, Given, Happened, Place, Worth
from campaigns.rules.takebacks import awarded, unit_of
from campaigns.selectors import replays
from campaigns.selectors.replays import Stored
from campaigns.services.compiled import compile_version, program_compiler
from campaigns.services.configuration import Configuration, current_configuration
from campaigns.services.phases import Phases
from campaigns.services.replay_followers import Followers
from campaigns.services.replaying import Known, Replay, Watcher, followers_of, needs_of
from campaigns.services.shelf import AT_HAND
from campaigns.services.simulation_start import Start, start_of
from campaigns.services.trials import Draft, Trial
from core.models import Program
from core.refusals import FieldError, Invalid
from core.rules.money import decimals
from core.services.read_only import read_only

FAR = 3650  # days: a budget that lasts longer has no end that matters

type Report = dict[str, Any]
type Told = Callable[[int, int], None]


def simulate(
    *, program: Program, trial: Trial, since: datetime, until: datetime, report: Told, at_hand: int = AT_HAND
) -> Report:
    """Replay the events from ``since`` to ``until`` (out) and add up what they give; see docs/simulation.md.

    ``report`` hears how many events of how many are done; so many members are kept in memory. Raises Invalid for an
    interval that is none.
    """
    check_interval(since, until)
    configuration = current_configuration(program.pk)
    with read_only():
        world = _World(configuration, trial, since, until)
        world.read()
        world.replay.members.most = at_hand
    with closing(world.replay.members):
        world.replay.run(report)
        with read_only():
            return world.body()


def prepare(  # noqa: PLR0917  # what is replayed, and who looks on
    configuration: Configuration, trial: Trial, since: datetime, until: datetime, watcher: Watcher, last: int
) -> Replay:
    """A replay for somebody else to watch, through the event ``last``; drafts spend what their campaigns have."""
    with read_only():
        world = _World(configuration, trial, since, until, watcher=watcher)
        world.read()
        world.replay.span = replace(world.replay.span, last=max(last, world.replay.span.last))
        world.replay.tells_all = True
    return world.replay


def check_interval(since: datetime, until: datetime) -> None:
    """Refuse an interval that ends before it begins."""
    if since >= until:
        detail = _("The interval must end after it begins.")
        raise Invalid(detail, errors=[FieldError("/to", "invalid", detail)])


@dataclass(slots=True)
class _World:
    """One simulation: what it needs, and what it finds."""

    configuration: Configuration
    trial: Trial
    since: datetime
    until: datetime
    watcher: Watcher | None = None  # somebody else, whose drafts have no budgets of their own
    figures: Figures = field(init=False)
    replay: Replay = field(init=False)
    start: Start = field(init=False)
    spent: Counter[int] = field(default_factory=Counter)
    erased: int = 0
    unlike: Counter[str] = field(default_factory=Counter)  # kinds of effects that cannot be replayed
    moved: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Have everything ready."""
        row = self.configuration.row
        span = replays.span_of(row, self.since, self.until)
        drafts = [self._compiled(draft, number) for number, draft in enumerate(self.trial.drafts, 1)]
        phases = Phases(self.configuration, drafts, self.trial.replaced)
        phases.read()
        self.start = start_of(self.configuration, span, () if self.watcher else self.trial.drafts)
        self.figures = Figures(self._worth())
        self.replay = Replay(
            self.configuration,
            phases,
            span,
            self.since,
            self.until,
            self.watcher or self,
            needs_of(self.configuration, phases),
            self.start.shared,
            Followers(row.pk, {}) if self.watcher else followers_of(self.configuration, phases),
            funded=self.start.funded,
            closings=replays.closings(row.pk),
        )

    def _compiled(self, draft: Draft, number: int) -> CampaignRules:
        """A draft as it runs; one that lies wholly outside of the interval runs through it."""
        row, configuration = self.configuration.row, self.configuration
        version = draft.version
        if version is None:
            known = Campaign.objects.filter(program=row, code=draft.code).first()
            campaign = known or Campaign(pk=-number, program=row, code=draft.code)
            newest = known.versions.order_by("-number").first() if known else None
            following = newest.number + 1 if newest else 1
            version = CampaignVersion(
                pk=-number, program=row, campaign=campaign, number=following, definition=draft.definition
            )
        rules = compile_version(program_compiler(row, configuration.catalogue), version)
        rules = replace(rules, running=True)
        if self._overlaps(rules):
            return rules
        self.moved.append(draft.code)
        return replace(rules, starts=Moment(instant=self.since), ends=None)

    def _overlaps(self, rules: CampaignRules) -> bool:
        zones = {market.zone for market in self.configuration.markets.values()}
        return any(
            instant(rules.starts, zone) < self.until and (rules.ends is None or instant(rules.ends, zone) > self.since)
            for zone in zones
        )

    def _worth(self) -> Worth:
        row, rates = self.configuration.row, self.configuration.program.rates
        base, day = row.currency, self.until.date()
        scale = Decimal(10) ** decimals(base)
        money = {
            currency: rate * scale / Decimal(10) ** decimals(currency)
            for currency in self.configuration.currencies
            if (rate := rates.on(currency, day)) is not None
        }
        return Worth(base, row.liability_value * scale, money)

    # -- watching -----------------------------------------------------------------------------

    def judged(self, row: Stored, member: Known, judgement: Judgement) -> None:
        """An event of the interval was judged."""
        place = self._place(row, member, judgement.tier_before)
        before = judgement.tier_before.code if judgement.tier_before else ""
        for tier in (judgement.tier, judgement.lifted):
            if tier:
                self.figures.simulated.moves[before, tier.code] += 1
                before = tier.code
        simulated = [_given(award) for award in judgement.awards]
        self._compare(row, member, place, simulated)
        day = judgement.event.program_day
        for award in judgement.awards:
            for payment in award.payments:
                self.spent[payment.account_id] += payment.amount
                if self.replay.shared.left.get(payment.account_id) == 0:
                    self._ended(payment.account_id, day)
        for refused in judgement.refused:
            self.figures.refused[refused.reason] += 1
            if refused.reason == "not-available" and refused.wish.kind not in NAMES:
                self.unlike[refused.wish.kind] += 1

    def reversed(self, row: Stored, member: Known, back: Back) -> None:
        """A reversal of the interval was worked."""
        place = self._place(row, member, back.tier_before)
        if back.tier:
            self.figures.simulated.moves[back.tier_before.code if back.tier_before else "", back.tier.code] += 1
        simulated = [
            Given(one.effect["campaign"], one.effect["rule"], _unit(one.effect), forgiven - one.amount)
            for _, one, forgiven in back.taken
        ]
        self._compare(row, member, place, simulated)

    def missed(self, row: Stored, member: Known) -> None:
        """An event of the interval that nothing causes any more, or its reversal."""
        self._compare(row, member, self._place(row, member, member.member.state.tier), [])

    def skipped(self, row: Stored) -> None:
        """An event of a member that is no more."""
        self.erased += self.since <= row.time < self.until

    def _compare(self, row: Stored, member: Known, place: Place, simulated: list[Given]) -> None:
        live = [
            Given(effect["campaign"], effect["rule"], unit, _amount(effect, unit))
            for effect in row.answer.get("effects", ())
            if (unit := _unit(effect))
        ]
        of = Happened(row.member_id, member.member.state.external_id, row.event_id, row.key)
        self.figures.add(of, place, simulated, live)

    def _place(self, row: Stored, member: Known, tier: Any) -> Place:  # noqa: ANN401  # a rung or None
        return Place(row.day, member.member.state.market.code, tier.code if tier else "")

    def _ended(self, account: int, day: date) -> None:
        name = "{}/{}".format(*self.start.names.get(account, (str(account), "")))
        self.figures.ends_on.setdefault(name, day)

    # -- the report ---------------------------------------------------------------------------

    def body(self) -> Report:
        """Everything that was found, as JSON."""
        row, replay = self.configuration.row, self.replay
        self.figures.live.moves = replays.moves_by_events(row, self.since, self.until)
        return {
            "program": row.code,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "drafts": [{"code": d.code, "version": d.version.number if d.version else None} for d in self.trial.drafts],
            "without": sorted(self.trial.gone),
            "dates_moved": self.moved,
            "events": replay.worked,
            "events_of_erased_members": self.erased,
            "not_replayed": [{"kind": kind, "times": times} for kind, times in sorted(self.unlike.items())],
            **self.figures.body(),
            "budgets": self._budgets(),
        }

    def _budgets(self) -> list[dict[str, Any]]:
        """Budgets that paid: what is left, when they ended, or would at the pace of the interval."""
        days = max(1, (self.until - self.since).days)
        rows = []
        for account, spent in sorted(self.spent.items()):
            payer, unit = self.start.names.get(account, ("", ""))
            left = self.replay.shared.left.get(account)
            if left is None or not payer:
                continue
            ends_on = self.figures.ends_on.get(f"{payer}/{unit}")
            projected = None
            if ends_on is None and spent:
                ahead = left * days // spent
                projected = (self.until + timedelta(days=ahead)).date().isoformat() if ahead < FAR else None
            rows.append(
                {
                    "payer": payer,
                    "unit": unit,
                    "spent": shown(spent, unit),
                    "left": shown(left, unit),
                    "ends_on": ends_on.isoformat() if ends_on else None,
                    "projected_end": projected,
                }
            )
        return rows


def _given(award: Award) -> Given:
    wish = award.wish
    unit = f"{wish.kind}:{wish.code}" if wish.unit == THING else wish.unit
    amount = wish.more.get("amount", award.amount)  # of an entry its score
    return Given(award.campaign.code, award.rule.code, unit, int(str(amount)))


def _unit(effect: Mapping[str, Any]) -> str:
    unit = unit_of(effect)
    return f"{effect['kind']}:{effect[NAMES[effect['kind']]]}" if unit == THING else unit


def _amount(effect: Mapping[str, Any], unit: str) -> int:
    return int(effect.get("amount", 1)) if ":" in unit else awarded(effect, unit)
