"""Some hundred members of one program whose facts lie on and around the edges of every window."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.models import Market, Program, Region
from dealers.models import Dealer, Outlet
from ledger.services.accounts import AccountSpec, member_specs, open_accounts, open_book
from ledger.services.posting import Entry, Movement, post
from members.models import (
    Attribute,
    EventType,
    Member,
    MemberDay,
    MemberFacts,
    MemberIdentity,
    MemberTypeCount,
    MerchantProfile,
    Segment,
    SegmentMember,
    Tier,
    Vehicle,
)
from members.rules.facts import local_date
from members.rules.windows import DayEntry, Sums
from tests.members.conditions import PROGRAM

SIZE = 240
BASES = [date(2026, 3, 1), date(2024, 2, 29), date(2026, 3, 8)]  # the last: clocks go forward in New York
ZONES = {"SG": "Asia/Singapore", "ID": "Asia/Jakarta", "NY": "America/New_York"}
MOMENTS = [
    datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=UTC),  # the last moment of the day in Singapore
    datetime(2026, 3, 1, 16, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 59, tzinfo=UTC),  # a minute before, and as, the clocks change
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
]
EDGE_DAYS = [1, 0, -1, -7, -28, -29, -30, -88, -89, -90, -362, -363, -364, -365, -366, -400]
EDGE_TIMES = [timedelta(hours=hours) for hours in (-3, 0, 1, 5, 24, 36, 365)]
TICK = timedelta(microseconds=1)
TEXTS = ["golf", "Golf club", "ĐIỆN lạnh", "a%_\\b", "it's", "İstanbul", "Straße", "ΣΑΣ", "🚗 x", "X"]


class Population:
    """The rows, all from one seed."""

    def __init__(self, seed: int = 20260301) -> None:
        self.random = Random(seed)
        self.program = Program.objects.create(
            code="edges",
            name="Edges",
            languages=["en", "id"],
            currency="SGD",
            timezone="Asia/Singapore",
            points_name="points",
            points_expire="never",
            liability_value="0.01",
        )
        self.declare()
        self.members = self.add_members()
        self.add_profiles()
        self.add_activity()
        self.add_counts()
        self.add_points()

    def maybe[T](self, values: Sequence[T]) -> T | None:
        """One of the values, or none."""
        return self.random.choice([*values, None])

    def moment(self) -> datetime:
        """A time on an edge, or a microsecond beside it."""
        edge = self.random.choice(MOMENTS) - self.random.choice(EDGE_TIMES)
        return edge + self.random.choice([TICK, -TICK, 0 * TICK])

    def day(self) -> date:
        return self.random.choice(BASES) + timedelta(days=self.random.choice(EDGE_DAYS))

    def declare(self) -> None:
        """All that the tests' catalogue knows, as rows."""
        program = self.program
        self.markets = [
            Market.objects.create(
                program=program, code=code, name=code, currency="SGD", timezone=ZONES[code], languages=["en"]
            )
            for code in sorted(PROGRAM.markets)
        ]
        market = self.markets[0]
        self.regions = [
            Region.objects.create(program=program, market=market, code=code, name=code) for code in PROGRAM.regions
        ]
        dealers = [
            Dealer.objects.create(program=program, market=market, code=code, name=code) for code in PROGRAM.dealers
        ]
        self.outlets = [
            Outlet.objects.create(
                program=program, code=code, kind="service_centre", name=code, market=market, dealer=owner
            )
            for code, owner in zip(sorted(PROGRAM.outlets), [*dealers, None], strict=True)
        ]
        self.tiers = [
            Tier.objects.create(program=program, code=code, name=code, rank=rank)
            for rank, code in enumerate(("silver", "gold"), 1)
        ]
        self.segments = [
            Segment.objects.create(program=program, code=code, name=code, kind="list") for code in PROGRAM.segments
        ]
        self.types = [
            EventType.objects.create(program=program, code=code, name=code, amount="optional", qualifying=True)
            for code in (*PROGRAM.event_types, "badge.earned", "referral.qualified")
        ]
        for code, fact in PROGRAM.member_attributes.items():
            Attribute.objects.create(program=program, code=code, type=fact.kind, choices=sorted(fact.choices or ()))

    def attributes(self) -> dict[str, object]:
        """Stored attributes; some no longer fit their declaration."""
        values: dict[str, Sequence[object]] = {
            "hobby": [*TEXTS, "", 5],
            "children": [0, 1, 2, 10**17, "2", 1.5, True],
            "income": ["0", "9.99", "10.00", "25.50", 10, "10,5"],
            "newsletter": [True, False, "true", 1],
            "wedding": ["2026-02-28", "2026-03-01", "2026-03-04", "1.3.2026", 20260301],
            "colour": ["red", "blue", None],
        }
        return {code: self.random.choice(known) for code, known in values.items() if self.random.random() < 0.8}

    def add_members(self) -> list[Member]:
        return Member.objects.bulk_create(
            Member(
                program=self.program,
                external_id=f"M-{number}",
                kind=self.random.choice(["customer", "merchant"]),
                status=self.random.choice(["active", "active", "frozen"]),
                market=self.random.choice(self.markets),
                region=self.maybe(self.regions),
                language=self.random.choice(["en", "id"]),
                kyc=self.random.choice(["none", "pending", "verified", "verified", "rejected"]),
                kyc_at=self.moment(),
                enrolled_at=self.moment(),
                attributes=self.attributes(),
                tier=self.maybe(self.tiers),
            )
            for number in range(SIZE)
        )

    def add_profiles(self) -> None:
        random, some = self.random, self.random.sample
        MemberIdentity.objects.bulk_create(
            MemberIdentity(member=member, birth_date=self.maybe([date(1990, 2, 28), date(2000, 12, 1)]))
            for member in some(self.members, SIZE * 3 // 4)
        )
        MerchantProfile.objects.bulk_create(
            MerchantProfile(
                member=member,
                category=random.choice([*TEXTS, ""]),
                partner_type=random.choice(["golf", ""]),
                agent=random.choice(["x", ""]),
                preferred=random.choice([True, False]),
            )
            for member in self.members
            if member.kind == "merchant"
        )
        SegmentMember.objects.bulk_create(
            SegmentMember(segment=segment, member=member)
            for segment in self.segments
            for member in some(self.members, SIZE // 3)
        )
        Vehicle.objects.bulk_create(
            Vehicle(
                program=self.program,
                member=random.choice(self.members),
                vin=f"VIN{number}",
                bought_on=self.maybe([self.day()]),
                warranty_until=self.maybe([self.day() + timedelta(days=30)]),
            )
            for number in range(SIZE)
        )

    def add_activity(self) -> None:
        """Days, and a row of sums that is right for some day."""
        days = {
            (member, self.day(), self.random.choice(self.types), self.random.choice([0, *(o.pk for o in self.outlets)]))
            for member in self.members
            for _ in range(self.random.randrange(8))
        }
        rows = [
            MemberDay(
                member=member,
                day=day,
                event_type=event_type,
                outlet_id=outlet,
                occurrences=2,
                events=self.random.choice([0, 1, 2]),
                amount_minor=self.random.choice([0, 999, 1000, 1001, 2550]),
                status_points=self.random.choice([0, 10, 25]),
            )
            for member, day, event_type, outlet in sorted(days, key=lambda row: (row[0].pk, row[1], row[2].pk, row[3]))
        ]
        MemberDay.objects.bulk_create(rows)
        MemberFacts.objects.bulk_create(
            self.sums(member, [row for row in rows if row.member == member]) for member in self.members
        )

    def sums(self, member: Member, rows: list[MemberDay]) -> MemberFacts:
        zone = ZoneInfo(member.market.timezone)
        today = self.random.choice([local_date(at, zone) for at in MOMENTS] + [date(2026, 2, 20)])
        sums = Sums(today)
        for row in rows:
            sums.add(DayEntry(row.day, 0, 0, row.occurrences, row.events, row.amount_minor, row.status_points))
        totals = asdict(sums)
        return MemberFacts(
            member=member,
            rolled_on=totals.pop("day"),
            last_active_on=max((row.day for row in rows if row.events), default=None),
            **totals,
        )

    def add_counts(self) -> None:
        pairs = [(member, event_type) for member in self.members for event_type in self.types]
        MemberTypeCount.objects.bulk_create(
            self.count(member, event_type) for member, event_type in self.random.sample(pairs, len(pairs) // 2)
        )

    def count(self, member: Member, event_type: EventType) -> MemberTypeCount:
        """A counter; nothing is left of some, since all their events were taken back."""
        occurrences = self.random.choice([0, 1, 2, 24])
        first, last = sorted([self.moment(), self.moment()]) if occurrences else (None, None)
        return MemberTypeCount(
            member=member, event_type=event_type, occurrences=occurrences, first_at=first, last_at=last
        )

    def add_points(self) -> None:
        """Wallets for most members; points in some, not all good any more, and some still pending."""
        book = open_book(program=self.program, unit="points")
        owners = [member.uuid for member in self.random.sample(self.members, SIZE * 2 // 3)]
        ids = open_accounts(book=book, specs=[AccountSpec("mint", "mint"), *member_specs(owners)])
        post(
            book=book,
            entries=[
                Entry(
                    f"{kind}:{owner}:{number}",
                    "award",
                    MOMENTS[0],
                    (self.gift(kind, ids["mint"], ids[f"{kind}:{owner}"]),),
                )
                for owner in owners
                for kind in ("member", "pending")
                for number in range(self.random.randrange(3))
            ],
        )

    def gift(self, kind: str, mint: int, account: int) -> Movement:
        days = [base + timedelta(days=days) for base in BASES for days in (-1, 0, 1)]
        return Movement(
            src=mint,
            dst=account,
            amount=self.random.choice([1, 10, 24, 365]),
            expires_on=self.maybe(days),
            available_on=self.random.choice(days) if kind == "pending" else None,
        )
