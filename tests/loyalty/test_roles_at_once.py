"""Two administrators give the same role at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from core.models import User
from dealers.models import StaffRole
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import make_staffed
from tests.waiting import somebody_waits


@pytest.mark.django_db(transaction=True)
def test_a_role_that_is_being_given_is_waited_for_and_then_held() -> None:
    own = make_staffed("demo")
    nora = User.objects.create_user("nora", is_staff=True)
    browser = sign_in_staff(Client(), own.staff("administrator"))

    def give() -> str:
        try:
            data = {"who": "nora", "program": own.program.pk, "role": "support"}
            return browser.post("/office/dealers/staffrole/add/", data).content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=nora.pk)
            StaffRole.objects.create(user=nora, program=own.program, role="support")
            answer = pool.submit(give)
            while not somebody_waits() and not answer.done():
                time.sleep(0.01)
        assert "This role is held already." in answer.result()
    assert StaffRole.objects.filter(user=nora).count() == 1
