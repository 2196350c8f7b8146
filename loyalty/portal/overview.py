"""What several pages show of a member: what there is, what counts, what can be done next."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from campaigns.rules.next_steps import NextStep, Vehicle, next_step
from campaigns.rules.openings import Opening, Outlook
from campaigns.selectors.glance import Glance, read_glance
from campaigns.selectors.holdings import Holdings, member_holdings
from campaigns.selectors.names import Names, program_names
from campaigns.services.configuration import Configuration, configuration_of
from campaigns.services.offer_records import OfferRecord, offer_records
from campaigns.services.opt_ins import OptIn, offered_to_take, opt_ins_of
from campaigns.services.outlooks import look_ahead
from campaigns.services.progress import MemberGoal, goals_of
from core.models import Program
from members.models import Member
from members.rules.facts import SERVICE_PREFIX, local_date, year_start
from members.rules.windows import Sums
from members.selectors.windows import sum_windows


@dataclass(frozen=True)
class Overview:
    """Reads each part when a page asks for it, once."""

    program: Program
    member: Member
    at: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """Of the member's market."""
        return ZoneInfo(self.member.market.timezone)

    @cached_property
    def today(self) -> date:
        """The day in the member's market."""
        return local_date(self.at, self.zone)

    @cached_property
    def names(self) -> Names:
        """What codes are called."""
        return program_names(self.program)

    @cached_property
    def configuration(self) -> Configuration:
        """The rules in force."""
        return configuration_of(self.program)

    @cached_property
    def holdings(self) -> Holdings:
        """Points and money."""
        rates = self.configuration.program.rates
        return member_holdings(program=self.program, member=self.member, rates=rates, at=self.at)

    @cached_property
    def glance(self) -> Glance:
        """Badges, limits, vehicles and the like."""
        first = date(self.today.year, 1, 1) if self.configuration.program.calendar_year else year_start(self.today)
        opt_ins = {campaign.campaign_id for campaign in offered_to_take(self.configuration)}
        return read_glance(member=self.member, since=first, opt_ins=opt_ins, at=self.at)

    @cached_property
    def sums(self) -> Sums:
        """What counts in the windows that end today."""
        counted = self.glance.sums
        if counted and counted.day == self.today:
            return counted
        return sum_windows([(self.member.pk, self.today)])[self.member.pk, self.today]

    @cached_property
    def outlook(self) -> Outlook:
        """The member as the rules see one."""
        return look_ahead(
            configuration=self.configuration,
            member=self.member,
            glance=self.glance,
            points=self.holdings.points,
            sums=self.sums,
            at=self.at,
        )

    @cached_property
    def openings(self) -> list[Opening]:
        """Campaigns that are open to the member."""
        return self.outlook.openings()

    @cached_property
    def goals(self) -> list[MemberGoal]:
        """How far the member is."""
        return goals_of(
            configuration=self.configuration,
            state=self.outlook.member,
            at=self.at,
            campaigns=self.names.campaigns,
        )

    @cached_property
    def offers(self) -> list[OfferRecord]:
        """What the member was given, while it lasts."""
        found = self.glance
        return offer_records(configuration=self.configuration, offers=found.offers, at=self.at, kept=found.tallies)

    @cached_property
    def opt_ins(self) -> list[OptIn]:
        """What the member may take."""
        if not offered_to_take(self.configuration):
            return []
        state, taken = self.outlook.member, self.glance.taken
        return opt_ins_of(configuration=self.configuration, state=state, taken=taken, at=self.at)

    @cached_property
    def next_step(self) -> NextStep | None:
        """What to do next."""
        served = [count.last_at for code, count in self.glance.type_counts.items() if code.startswith(SERVICE_PREFIX)]
        last = max((local_date(at, self.zone) for at in served if at), default=None)
        return next_step(
            openings=self.openings,
            verified=self.member.kyc == Member.Kyc.VERIFIED,
            grace_until=self.member.grace_until,
            vehicles=[
                Vehicle(car.model, max(filter(None, (last, car.bought_on)), default=None))
                for car in self.glance.vehicles
            ],
            today=self.today,
        )
