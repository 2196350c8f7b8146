"""The member's home page, beside a view that answers the same bytes through the same middleware."""

import statistics
import time
from collections.abc import Iterable, Sequence

from django.core.management import CommandError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from campaigns.services.offers import assign_offers
from core.models import Program, User
from loyalty.operations.bench import bare_page
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.redeeming import bench_reward
from loyalty.operations.bench.stores import Store, inside
from members.models import Member, Notice
from rewards.services.redemptions import redeem_reward
from rewards.services.stock import stock_codes

SLOWER = 8  # than the bare view
QUERIES = 12
VISITORS = 20
NOTICES = 5
OFFER = "top-up-offer"  # of programs/bench.yaml: it has a goal


def portal_home(store: Store, seconds: float) -> list[Figure]:
    """Home of members with much activity, warm, by turns with the yardstick; times in milliseconds."""
    with inside(store), transaction.atomic():
        program = Program.objects.get()
        address = f"/p/{program.code}/"
        visitors = _visitors(program)
        for visitor in visitors:
            bare_page.PREPARED[address] = _page(visitor, address)
        queries = max(_queries(visitor, address) for visitor in visitors)
        home, bare = _by_turns(visitors, address, seconds)
        transaction.set_rollback(True)
    return [
        Figure("portal_home", home, "ms p50", bare, home / bare, f"≤ {SLOWER}", home / bare <= SLOWER),
        Figure("portal_home_queries", queries, "queries", None, None, f"≤ {QUERIES}", queries <= QUERIES),
    ]


def _visitors(program: Program) -> list[Client]:
    """Browsers of members with the most kinds of activity, each signed in, with all that a home page may show.

    Each has notices to read, redeemed a reward, holds its voucher and an offer with a goal.
    """
    members = (
        Member.objects.filter(program=program, type_counts__occurrences__gte=2).distinct().order_by("pk")[:VISITORS]
    )
    _hold_everything(program, members)
    visitors = []
    for member in members:
        member.user = User.objects.create(username=f"bench-{member.pk}")
        member.save(update_fields=["user"])
        Notice.objects.bulk_create(
            [Notice(member=member, kind="welcome", key=f"bench-{n}", at=timezone.now()) for n in range(NOTICES)]
        )
        visitor = Client(SERVER_NAME="localhost")
        visitor.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        visitors.append(visitor)
    return visitors


def _hold_everything(program: Program, members: Iterable[Member]) -> None:
    at, reward = timezone.now(), bench_reward(program, "bench-home")
    stock_codes(reward=reward, codes=[f"bench-home-{number:06}" for number in range(VISITORS)])
    for member in members:
        redeem_reward(program=program, member=member, reward=reward, at=at, channel="bench")
    offers = [{"campaign": OFFER, "member": member.external_id} for member in members]
    assign_offers(program=program, requests=offers, client="bench", past=None, at=at)


def _page(visitor: Client, address: str) -> bytes:
    response = visitor.get(address)
    if b'data-test="balance"' not in response.content:
        raise CommandError(f"{address} answered {response.status_code} without a balance.")
    return bytes(response.content)


def _queries(visitor: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        _page(visitor, address)
    return len(captured)


def _by_turns(visitors: Sequence[Client], address: str, seconds: float) -> tuple[float, float]:
    """Medians of both in milliseconds; by turns, so that what disturbs one disturbs the other."""
    home: list[float] = []
    bare: list[float] = []
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        home += [_timed(visitor, address) for visitor in visitors]
        with override_settings(ROOT_URLCONF=bare_page.__name__):
            bare += [_timed(visitor, address) for visitor in visitors]
    return statistics.median(home), statistics.median(bare)


def _timed(visitor: Client, address: str) -> float:
    start = time.perf_counter()
    visitor.get(address)
    return 1000 * (time.perf_counter() - start)
