"""Roles: what each may see and do, in its program, its region, its dealer, and nowhere else."""

from collections.abc import Iterable

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Model, QuerySet
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Event, Outcome
from core.models import Program, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffRole
from ledger.models import Transfer
from loyalty.identity.belongings import BELONGINGS
from loyalty.identity.permissions import AREAS, PERMISSIONS, ROLES
from loyalty.identity.rights import may, may_at, may_change, may_everywhere, may_view, programs_of, restrict, visible
from members.models import Member, MemberIdentity
from tests.loyalty.two_programs import PLACED, Staffed, make_staffed

pytestmark = pytest.mark.django_db
ROOMS = {"core", "ledger", "dealers", "members", "rewards", "campaigns"}
ROLE_NAMES = [role.value for role in StaffRole.Role]
UNPLACED = [name for name in ROLE_NAMES if name not in PLACED]


@pytest.fixture
def own() -> Staffed:
    return make_staffed("own")


@pytest.fixture
def other(own: Staffed) -> Staffed:
    return make_staffed("other")


def codes(rows: QuerySet[Model], field: str = "code") -> set[str]:
    return set(rows.values_list(field, flat=True))


def of_program(model: type[Model], program: Program) -> set[object]:
    """Primary keys of a program's rows, asked row by row."""
    found = model._default_manager.annotate(of=F(BELONGINGS[model].program)).values_list("pk", "of")
    return {pk for pk, program_id in found if program_id == program.pk}


def test_every_role_has_permissions_and_every_permission_is_known() -> None:
    assert set(ROLES) == set(ROLE_NAMES)
    assert frozenset().union(*ROLES.values()) <= PERMISSIONS
    assert {belonging.area for belonging in BELONGINGS.values()} <= AREAS.keys()


def test_every_model_of_ours_in_the_back_office_belongs_somewhere() -> None:
    ours = {model for model in admin.site._registry if model.__module__.partition(".")[0] in ROOMS}
    assert ours - BELONGINGS.keys() == set()


def test_a_permission_that_does_not_exist_is_an_error_and_not_a_no(own: Staffed) -> None:
    with pytest.raises(KeyError):
        may(own.staff("support"), "members.destroy")


def test_a_role_gives_its_permissions_in_its_own_program_only(own: Staffed, other: Staffed) -> None:
    for role in ROLE_NAMES:
        user = own.staff(role)
        assert {name for name in PERMISSIONS if may(user, name, own.program)} == ROLES[role]
        assert {name for name in PERMISSIONS if may(user, name)} == ROLES[role]
        assert {name for name in PERMISSIONS if may(user, name, other.program)} == set()
        whole = ROLES[role] if role in UNPLACED else frozenset()
        assert {name for name in PERMISSIONS if may_everywhere(user, name, own.program)} == whole


def test_a_role_for_a_program_sees_all_rows_of_it_that_it_may_see_and_no_others(own: Staffed, other: Staffed) -> None:
    users = {role: own.staff(role) for role in UNPLACED}
    other.staff("support")
    for model, belonging in BELONGINGS.items():
        rows = of_program(model, own.program)
        for role, user in users.items():
            seen = set(visible(user, model._default_manager.all()).values_list("pk", flat=True))
            allowed = f"{belonging.area}.view" in ROLES[role]
            assert seen == (rows if allowed else set()), (role, model)
            assert may_view(user, model) == allowed


def test_a_regional_manager_sees_the_region_alone(own: Staffed, other: Staffed) -> None:
    user = own.staff("regional_manager", "JKT")
    seen: dict[str, set[str]] = {
        "members": codes(visible(user, Member.objects.all()), "external_id"),
        "names": codes(visible(user, MemberIdentity.objects.all()), "name"),
        "dealers": codes(visible(user, Dealer.objects.all())),
        "outlets": codes(visible(user, Outlet.objects.all())),
        "budgets": codes(visible(user, Budget.objects.all())),
        "contracts": codes(visible(user, Contract.objects.all()), "dealer__code"),
        "events": codes(visible(user, Event.objects.all()), "member__external_id"),
        "outcomes": codes(visible(user, Outcome.objects.all()), "event__member__external_id"),
        "campaigns": codes(visible(user, Campaign.objects.all()), "program__code"),
        "transfers": codes(visible(user, Transfer.objects.all()), "id"),
    }
    assert seen == {
        "members": {"jkt-of-own"},
        "names": {"Person jkt-of-own"},
        "dealers": {"JKT-01"},
        "outlets": {"JKT-01-S1"},
        "budgets": {"of-JKT"},
        "contracts": {"JKT-01"},
        "events": {"jkt-of-own"},
        "outcomes": {"jkt-of-own"},
        "campaigns": {"own"},
        "transfers": set(),
    }


def test_a_regional_manager_sees_who_of_other_regions_came_to_the_region(own: Staffed) -> None:
    event = Event.objects.get(member=own.members["BDG"])
    Event.objects.filter(pk=event.pk).update(outlet_id=own.place("outlet", "JKT").pk)
    assert event in visible(own.staff("regional_manager", "JKT"), Event.objects.all())


def test_a_dealer_manager_sees_the_dealer_its_outlets_and_what_happened_there(own: Staffed, other: Staffed) -> None:
    user = own.staff("dealer_manager", "BDG")
    assert codes(visible(user, Dealer.objects.all())) == {"BDG-01"}
    assert codes(visible(user, Outlet.objects.all())) == {"BDG-01-S1"}
    assert codes(visible(user, Budget.objects.all())) == {"of-BDG"}
    assert codes(visible(user, Event.objects.all()), "member__external_id") == {"bdg-of-own"}
    assert not visible(user, Member.objects.all()).exists()
    assert not may_view(user, Member)


def test_any_role_can_be_for_one_place(own: Staffed, other: Staffed) -> None:
    user = own.staff("support", region="JKT")
    assert may(user, "members.change", own.program)
    assert not may_everywhere(user, "members.change", own.program)
    assert may_change(user, Member, own.members["JKT"])
    assert not may_change(user, Member, own.members["BDG"])
    assert not may_change(user, Member, other.members["JKT"])
    assert not visible(user, Transfer.objects.all()).exists()


def test_what_is_common_to_a_program_is_written_by_roles_for_the_whole_of_it(own: Staffed, other: Staffed) -> None:
    rows: list[tuple[str, Model]] = [
        ("marketer", Campaign.objects.get(program=own.program)),
        ("administrator", own.program),
        ("administrator", own.place("region", "JKT")),
    ]
    for role, row in rows:
        whole, placed = own.staff(role), own.staff(role, region="JKT")
        assert may_view(placed, type(row), row)
        assert (may_change(whole, type(row), row), may_change(placed, type(row), row)) == (True, False), row
        assert (may_change(whole, type(row)), may_change(placed, type(row))) == (True, False), row
        assert not may_change(other.staff(role), type(row), row)
    everywhere = Campaign.objects.all()
    assert codes(restrict(own.staff("marketer"), "campaigns.change", everywhere), "program__code") == {"own"}
    assert not restrict(own.staff("marketer", region="JKT"), "campaigns.change", everywhere).exists()


def test_whether_a_permission_holds_at_a_place_is_known_without_asking_for_the_row(own: Staffed) -> None:
    user, program_id = own.staff("support", region="JKT"), own.program.pk
    jakarta, bandung = (own.members[region].region_id for region in ("JKT", "BDG"))
    assert may_at(user, "personal_data.view", program_id=program_id, region_id=jakarta)
    assert not may_at(user, "personal_data.view", program_id=program_id, region_id=bandung)
    assert not may_at(user, "personal_data.view", program_id=program_id)
    assert not may_at(user, "ledger.approve", program_id=program_id, region_id=jakarta)
    assert may_at(own.staff("support"), "personal_data.view", program_id=program_id, region_id=bandung)


def test_roles_add_up_and_each_keeps_to_its_own_place(own: Staffed, other: Staffed) -> None:
    user = own.staff("leadership")
    StaffRole.objects.create(user=user, program=other.program, role="support", region=other.place("region", "BDG"))
    members: Iterable[Member] = visible(user, Member.objects.all())
    assert set(members) == {*own.members.values(), other.members["BDG"]}
    assert set(restrict(user, "members.change", Member.objects.all())) == {other.members["BDG"]}
    assert may_view(user, Member, own.members["JKT"])
    assert not may_change(user, Member, own.members["JKT"])
    assert list(programs_of(user)) == [other.program, own.program]
    assert list(programs_of(user, "members.change")) == [other.program]


def test_an_administrator_sees_the_programs_people_and_no_others(own: Staffed, other: Staffed) -> None:
    user, colleague, stranger = own.staff("administrator"), own.staff("support"), other.staff("support")
    StaffRole.objects.create(user=colleague, program=own.program, role="finance")
    assert list(visible(user, User.objects.order_by("pk"))) == [user, colleague]
    assert not may_view(user, User, stranger)


def test_superusers_may_everything_and_people_without_roles_nothing(own: Staffed, other: Staffed) -> None:
    boss, nobody = User.objects.create_superuser("boss"), User.objects.create_user("nobody", is_staff=True)
    assert {name for name in PERMISSIONS if may(boss, name, own.program)} == PERMISSIONS
    assert visible(boss, Member.objects.all()).count() == 4
    assert list(programs_of(boss)) == [other.program, own.program]
    for user in (nobody, AnonymousUser()):
        assert not any(may(user, name) for name in PERMISSIONS)
        assert not visible(user, Member.objects.all()).exists()
        assert not may_view(user, Member, own.members["JKT"])
        assert not programs_of(user).exists()


def test_who_has_left_may_nothing(own: Staffed) -> None:
    user, boss = own.staff("administrator"), User.objects.create_superuser("boss", is_active=False)
    user.is_active = False
    assert not may(user, "members.view")
    assert not may(boss, "members.view")


def test_roles_are_read_once_however_often_they_are_asked_for(
    own: Staffed, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = User.objects.get(pk=own.staff("support").pk)
    member = own.members["JKT"]
    with django_assert_num_queries(2):  # the roles, and whether the row is within them
        for _ in range(3):
            assert may(user, "members.view", own.program)
            assert may_change(user, Member, member)
