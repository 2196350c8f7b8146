"""``manage.py festivals shift``: by people who may change campaigns, and kept in the history."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import FestivalShift
from core.models import User
from dealers.models import StaffRole
from tests.campaigns.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    one = make_world()
    for name, role in (("mia", "marketer"), ("fay", "finance")):
        StaffRole.objects.create(user=User.objects.create_user(name), program=one.program, role=role)
    return one


def shift(days: str, by: str = "mia", falls_on: str = "2027-03-09", market: str = "SG") -> str:
    out = StringIO()
    options = ("--program", "demo", "--market", market, "--by", by)
    call_command("festivals", "shift", "eid-al-fitr", falls_on, days, *options, stdout=out)
    return out.getvalue()


def test_a_marketer_shifts_a_festival_and_takes_it_back(world: World) -> None:
    assert shift("1") == "demo/SG: eid-al-fitr of 2027-03-09 moves by +1 days.\n"
    shift("-1")
    assert FestivalShift.objects.get().days == -1
    shift("0")
    assert not FestivalShift.objects.exists()
    events = FestivalShift.pgh_event_model.objects.order_by("pgh_id")  # type: ignore[attr-defined]
    kept = events.values_list("days", "pgh_context__metadata__user")
    mia = User.objects.get(username="mia").pk
    assert list(kept) == [(1, mia), (-1, mia)]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"by": "fay"}, 1, "fay may not do this"),
        ({"falls_on": "2027-03-08"}, 1, "in that year it begins on: 2027-03-09"),
        ({"days": "8"}, 1, "moves by a week at most"),
        ({"by": "nobody"}, 2, "There is no user nobody."),
        ({"market": "XX"}, 2, "There is no market XX in program demo."),
    ],
)
def test_what_is_refused_changes_nothing(world: World, change: dict[str, str], code: int, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        shift(**{"days": "1", **change})
    assert refused.value.returncode == code
    assert not FestivalShift.objects.exists()
