"""What a campaign is follows from its dates, in lists and filters as everywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Campaign, CampaignVersion
from campaigns.selectors.promises import promises
from campaigns.selectors.states import with_state
from campaigns.selectors.versions import state_at
from tests.campaigns.world import NOW, World, campaign, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db
MARKETS = [
    {"code": code, "name": code, "currency": "SGD", "timezone": zone, "languages": ["en"]}
    for code, zone in {"SG": "Asia/Singapore", "US": "America/New_York", "NZ": "Pacific/Auckland"}.items()
]
# Around the changes of clocks in New York (8 March and 1 November 2026) and Auckland (5 April and 27 September).
TURNS = [datetime(2026, 3, 8), datetime(2026, 11, 1), datetime(2026, 4, 5), datetime(2026, 9, 27)]  # noqa: DTZ001
WALLS = st.builds(lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(TURNS), st.integers(-60, 300))
MOMENTS = st.one_of(
    WALLS.map(lambda wall: wall.isoformat()),
    st.builds(
        lambda wall, zone: f"{wall.isoformat()}{zone}", WALLS, st.sampled_from(["+08:00", "-05:00", "+00:00", "Z"])
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(
        django_db_blocker, campaign("c", rule("r", fixed(1))), markets=MARKETS, regions=[], outlets=[], dealers=[]
    ) as one:
        yield one


@given(
    state=st.sampled_from(Campaign.State.values), starts=MOMENTS, ends=st.none() | MOMENTS,
    markets=st.none() | st.lists(st.sampled_from(["SG", "US", "NZ"]), min_size=1, unique=True),
    wall=WALLS, ahead=st.integers(-1, 1),
)  # fmt: skip
def test_the_database_and_python_agree(
    world: World, state: str, starts: str, ends: str | None, markets: list[str] | None, wall: datetime, ahead: int
) -> None:
    at = (wall + timedelta(hours=ahead * 8)).replace(tzinfo=UTC)
    row = Campaign.objects.get(program=world.program)
    definition = {"starts": starts, "ends": ends, **({"markets": markets} if markets else {})}
    CampaignVersion.objects.filter(campaign=row).update(definition=definition)
    Campaign.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()
    (shown,) = with_state(Campaign.objects.filter(pk=row.pk), at).values_list("shown", flat=True)
    assert shown == state_at(row, at).value


def test_one_query_whatever_the_number() -> None:
    world = make_world(*[campaign(f"c{n}", rule("r", fixed(1)), state="scheduled") for n in range(3)])
    with CaptureQueriesContext(connection) as captured:
        rows = list(with_state(Campaign.objects.filter(program=world.program), NOW).filter(shown="live"))
    assert (len(rows), len(captured)) == (3, 1)


def test_a_scheduled_promise_that_has_begun_is_told_to_visitors() -> None:
    more = {"promise": True, "state": "scheduled", "text": {"en": "One point a dollar"}}
    world = make_world(campaign("c", rule("r", fixed(1)), **more))
    told = promises(program=world.program, at=NOW)
    assert [promise.text for promise in told] == ["One point a dollar"]
    assert promises(program=world.program, at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC)) == []
