"""Redemptions in the back office: found, decided by the right second person, told on landing page and member's page."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.refusals import Invalid
from dealers.models import StaffRole
from loyalty.display.notices import in_words
from loyalty.operations import redemption_review as review
from members.models import Member, Notice
from rewards.models import Redemption, RedemptionPolicy
from rewards.models.codes import decrypted
from rewards.rules.codes import grouped
from tests.campaigns.world import World
from tests.loyalty.people import office_client, sign_in_staff
from tests.rewards.redeeming import points, redeem, rich, shop

pytestmark = pytest.mark.django_db
LIST = reverse("admin:rewards_redemption_changelist")


@pytest.fixture
def world() -> World:
    return shop()


@pytest.fixture
def ann(world: World) -> Member:
    return rich(world)


def waiting(world: World, ann: Member, **more: Any) -> Redemption:
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=100)
    made = redeem(world, ann, "coffee", **more)
    assert made.waits_for == "approval"
    return made


def staff(world: World, role: str) -> tuple[User, Client]:
    user = User.objects.create_user(role, is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role)
    return user, sign_in_staff(Client(), user)


def decide(client: Client, row: Redemption, decision: str) -> int:
    return client.post(reverse("admin:rewards_redemption_decide", args=[row.pk]), {"decision": decision}).status_code


def test_redemptions_are_found_by_id_reference_member_and_what_they_wait_for(world: World, ann: Member) -> None:
    office = office_client()
    first = redeem(world, ann, "twice", reference="o-1", client="bank")
    second = redeem(world, rich(world, 500, "bob"), "twice")
    third = waiting(world, ann)

    def shown(query: str = "") -> list[Redemption]:
        return list(office.get(LIST + query).context["cl"].result_list)

    assert shown() == [third, second, first]
    assert shown(f"?q={second.uuid}") == [second]
    assert shown(f"?q={str(second.uuid)[:8].upper()}") == [second]
    assert shown("?q=o-1") == [first]
    assert shown("?q=ann") == [third, first]
    assert shown("?waits_for__exact=approval") == [third]
    assert shown("?state__exact=issued") == [second, first]
    assert office.get(reverse("admin:rewards_redemption_change", args=[first.pk])).status_code == 200


def test_a_page_says_the_state_in_words_and_leads_to_the_vouchers(world: World, ann: Member) -> None:
    row = redeem(world, ann, "coffee")
    voucher = row.vouchers.get()
    page = office_client().get(_page(row)).content.decode()
    assert "(&#x27;" not in page
    assert "Issued" in page
    assert reverse("admin:rewards_voucher_change", args=[voucher.pk]) in page
    assert decrypted(voucher.cipher) not in page


def test_vouchers_are_found_by_whole_code_however_it_is_typed_and_by_id(world: World, ann: Member) -> None:
    office, address = office_client(), reverse("admin:rewards_voucher_changelist")
    wanted, _other = redeem(world, ann, "coffee", 2).vouchers.order_by("pk")
    code, page = decrypted(wanted.cipher), reverse("admin:rewards_voucher_change", args=[wanted.pk])
    for term in (code, grouped(code).lower()):
        assert office.post(f"{address}find/", {"q": term}).headers["Location"] == page
    assert list(office.get(address, {"q": str(wanted.uuid)}).context["cl"].result_list) == [wanted]
    assert len(office.get(address, {"q": "ann"}).context["cl"].result_list) == 2
    assert len(office.get(address, {"q": code[:-1]}).context["cl"].result_list) == 0


def test_codes_are_not_guessed_in_the_office(world: World, ann: Member) -> None:
    (held,) = redeem(world, ann, "coffee").vouchers.all()
    (_user, guesser), (_other, colleague) = staff(world, "marketer"), staff(world, "support")
    find = reverse("admin:rewards_voucher_find")
    for number in range(20):
        assert "Not found" in guesser.post(find, {"q": f"12345678{number:02}"}, follow=True).content.decode()
    page = guesser.post(find, {"q": decrypted(held.cipher)}, follow=True)
    assert page.redirect_chain == [(reverse("admin:rewards_voucher_changelist"), 302)]
    assert "Too many codes that nobody has" in page.content.decode()
    assert colleague.post(find, {"q": decrypted(held.cipher)}).headers["Location"].endswith(f"/{held.pk}/change/")


def test_a_finance_approver_decides_and_nobody_else(world: World, ann: Member) -> None:
    first, second = waiting(world, ann), waiting(world, ann)
    _user, finance = staff(world, "finance")
    assert 'data-test="decide"' not in finance.get(_page(first)).content.decode()
    assert decide(finance, first, "approve") == 404
    approver, client = staff(world, "finance_approver")
    assert 'data-test="decide"' in client.get(_page(first)).content.decode()
    tile = client.get(reverse("admin:index")).content.decode()
    assert "2 redemptions wait for approval" in " ".join(tile.split())
    assert decide(client, first, "perhaps") == 404
    assert (decide(client, first, "approve"), decide(client, second, "reject")) == (302, 302)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.decided_by, second.state, second.because) == (
        "issued", approver, "cancelled", "refused",
    )  # fmt: skip
    assert points(ann) == 900


def test_what_waits_for_a_frozen_member_is_not_approved_and_can_be_rejected(world: World, ann: Member) -> None:
    _approver, client = staff(world, "finance_approver")
    first, second = waiting(world, ann), waiting(world, ann)
    assert 'data-test="frozen"' not in client.get(_page(first)).content.decode()
    Member.objects.filter(pk=ann.pk).update(status="frozen")
    page = client.get(_page(first)).content.decode()
    assert ('data-test="frozen"' in page, 'value="approve"' in page, 'value="reject"' in page) == (True, False, True)
    assert (decide(client, first, "approve"), decide(client, second, "reject")) == (302, 302)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.waits_for, first.vouchers.count()) == ("pending", "approval", 0)
    assert (second.state, points(ann)) == ("cancelled", 900)
    Member.objects.filter(pk=ann.pk).update(status="active")
    decide(client, first, "approve")
    first.refresh_from_db()
    assert first.state == "issued"


def test_the_page_says_what_counts_together_with_one_that_waits(world: World, ann: Member) -> None:
    first = redeem(world, ann, "coffee")
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=150)
    second = redeem(world, ann, "coffee")
    _user, client = staff(world, "finance_approver")
    page = client.get(_page(second)).content.decode()
    assert 'data-test="unseen"' in page
    assert "together with 100 points" in " ".join(page.split())
    others = LIST + f"?q=uuid:{ann.uuid}"
    assert others in page
    assert list(client.get(others).context["cl"].result_list) == [second, first]
    assert 'data-test="unseen"' not in client.get(_page(first)).content.decode()


def test_who_asked_for_it_does_not_approve_it(world: World, ann: Member) -> None:
    approver, client = staff(world, "finance_approver")
    made = waiting(world, ann, asked_by=approver)
    answer = client.post(
        reverse("admin:rewards_redemption_decide", args=[made.pk]), {"decision": "approve"}, follow=True
    )
    assert "Somebody else must decide." in answer.content.decode()
    made.refresh_from_db()
    assert made.waits_for == "approval"


def test_the_members_page_has_a_tab_of_them(world: World, ann: Member) -> None:
    redeem(world, ann, "coffee", quantity=2)
    office = office_client()
    address = reverse("admin:members_member_change", args=[ann.pk])
    page = office.get(address, {"tab": "redemptions"}).content.decode()
    assert "Coffee" in page
    assert "Issued" in page
    assert "Coffee" in office.get(address, {"tab": "ledger"}).content.decode()


def test_the_policy_is_changed_by_administrators_alone(world: World) -> None:
    address = reverse("admin:rewards_redemptionpolicy_change", args=[world.program.pk])
    for role, changed in (("marketer", None), ("administrator", 5000)):
        _user, client = staff(world, role)
        client.post(address, {"approve_from_points": "5000", "together_hours": "48", "cooling_hours": "24"})
        assert RedemptionPolicy.objects.get(program=world.program).approve_from_points == changed


@pytest.mark.parametrize("wrong", [{"approve_from_points": "0"}, {"together_hours": "721"}, {"cooling_hours": "721"}])
def test_what_no_policy_can_be_is_told_at_its_field(world: World, wrong: dict[str, str]) -> None:
    address = reverse("admin:rewards_redemptionpolicy_change", args=[world.program.pk])
    right = {"approve_from_points": "5", "together_hours": "24", "cooling_hours": "24"}
    answer = office_client().post(address, right | wrong)
    assert set(answer.context["adminform"].form.errors) == set(wrong)


def _page(row: Redemption) -> str:
    return reverse("admin:rewards_redemption_change", args=[row.pk])


def cancel(client: Client, row: Redemption, because: str = "Wrong outlet") -> Any:
    address = reverse("admin:rewards_redemption_cancel", args=[row.pk])
    return client.post(address, {"because": because}, follow=True)


def test_support_cancels_with_a_reason_and_the_member_is_told(world: World, ann: Member) -> None:
    row = redeem(world, ann, "twice")  # good for ever
    user, support = staff(world, "support")
    for role in ("marketer", "finance", "finance_approver", "channel_manager"):
        _user, client = staff(world, role)
        assert cancel(client, row).status_code == 404
        assert 'data-test="cancel"' not in client.get(_page(row)).content.decode()
    assert 'data-test="cancel"' in support.get(_page(row)).content.decode()
    for wrong in ("", "  ", "x" * 501, "a\nb"):
        assert "Say why" in cancel(support, row, wrong).content.decode()
    row.refresh_from_db()
    assert row.state == "issued"
    page = cancel(support, row, " Wrong outlet ").content.decode()
    row.refresh_from_db()
    assert (row.state, row.because, row.note, row.decided_by) == ("cancelled", "office", "Wrong outlet", user)
    assert "Wrong outlet" in page
    assert 'data-test="cancel"' not in page
    assert points(ann) == 1000
    assert row.vouchers.get().state == "void"
    notice = Notice.objects.get(member=ann, kind="redemption_back")
    assert in_words(member=ann, notices=[notice])[0].body.startswith("We have cancelled Twice. 10 points")
    assert LogEntry.objects.filter(user=user).latest("pk").change_message == "Cancelled it"
    assert "cancelled already" in cancel(support, row, "again").content.decode()
    row.refresh_from_db()
    assert row.note == "Wrong outlet"


def test_nobody_of_the_staff_cancels_what_is_their_own(world: World, ann: Member) -> None:
    row = redeem(world, ann, "coffee")
    user, support = staff(world, "support")
    Member.objects.filter(pk=ann.pk).update(user=user)
    assert 'data-test="cancel"' not in support.get(_page(row)).content.decode()
    assert cancel(support, row).status_code == 404
    with pytest.raises(Invalid):
        review.cancel(redemption=Redemption.objects.get(pk=row.pk), reason="Mine", by=user, at=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.note) == ("issued", "")


def test_who_approved_it_stays_written_when_it_is_given_back(world: World, ann: Member) -> None:
    row = waiting(world, ann)
    approver, finance = staff(world, "finance_approver")
    user, support = staff(world, "support")
    decide(finance, row, "approve")
    cancel(support, row)
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.note) == ("cancelled", approver, "Wrong outlet")
    said = LogEntry.objects.filter(object_id=str(row.pk)).order_by("pk")
    assert list(said.values_list("user", "change_message")) == [(approver.pk, "Approved it"), (user.pk, "Cancelled it")]


def test_who_rejected_it_is_in_its_history_and_who_was_refused_is_not(world: World, ann: Member) -> None:
    row = waiting(world, ann)
    approver, finance = staff(world, "finance_approver")
    decide(finance, row, "reject")
    decide(finance, row, "reject")
    said = LogEntry.objects.filter(object_id=str(row.pk))
    assert list(said.values_list("user", "change_message")) == [(approver.pk, "Rejected it")]


def test_staff_do_not_cancel_what_was_used_paid_out_or_ordered(world: World, ann: Member) -> None:
    used, ordered, cash = (redeem(world, rich(world, 1000, name), code)
                           for name, code in (("bob", "coffee"), ("cy", "top-up"), ("di", "cash-5")))  # fmt: skip
    used.vouchers.update(state="used", used_at=timezone.now())
    _user, support = staff(world, "support")
    for row, said in ((used, "was used"), (ordered, "is with the supplier"), (cash, "delivered at once")):
        assert said in cancel(support, row).content.decode()
        state = row.state
        row.refresh_from_db()
        assert (row.state, row.note) == (state, "")
