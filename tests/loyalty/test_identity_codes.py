"""Members sign in by a code that reaches them by mail or SMS, whoever they are and whether we know them or not."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core.models import Program, User
from members.models import Member
from tests.loyalty.people import CODE, ask_code, enter_code, last_code, mail_server, sign_in, sms_gateway
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def program() -> Program:
    cache.clear()
    return make_program()


def test_a_member_of_a_partner_system_signs_in_with_the_address_it_gave(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="Ann@Example.com")
    answer = sign_in(client, "ann@example.com ")
    assert answer["Location"] == "/p/demo/choose/"
    member = Member.objects.get(external_id="M-1")
    assert member.user is not None
    assert client.session["_auth_user_id"] == str(member.user.pk)
    assert client.get("/p/demo/choose/")["Location"] == "/p/demo/"
