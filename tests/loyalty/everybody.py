"""Two programs alike and everybody who may come by, for tests of who may come where."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from core.models import User
from rewards.rules.pictures import FOLDER
from rewards.services.pictures import keep_picture
from tests.loyalty.addresses import Claim
from tests.loyalty.app import App, make_app
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import Staffed, make_staffed

OWN, OTHER = "first-program", "second-program"


@dataclass
class World:
    """Two programs alike and everybody who may come by; ``own`` is theirs."""

    own: Staffed
    other: Staffed
    staff: dict[str, Client] = field(default_factory=dict)

    def office(self, role: str) -> Client:
        """A browser in which somebody with this role is in the office."""
        if role not in self.staff:
            user = User.objects.create_superuser("boss") if role == "superuser" else self.own.staff(role)
            self.staff[role] = sign_in_staff(browser(), user)
            self.staff[role].user = user  # type: ignore[attr-defined]
        return self.staff[role]

    @cached_property
    def app(self) -> App:
        """A member's phone."""
        return make_app(self.own.members["JKT"])

    @cached_property
    def member(self) -> Client:
        """A browser in which the same member is signed in."""
        client = browser()
        client.force_login(self.app.user)
        return client

    @cached_property
    def stranger(self) -> Client:
        """A browser in which a member of the other program is signed in."""
        client = browser()
        client.force_login(make_app(self.other.members["JKT"]).user)
        return client

    def fill(self, claim: Claim, program: str = OWN) -> str:
        """The address with what is there."""
        member = self.own.members["JKT"]
        return claim.at(
            program=program,
            member=member.external_id,
            code="vip",
            name="validation",
            object_id=member.pk,
            content_type_id=1,
            app="members",
            model="member",
            pk=1,
            id=self._of_member(claim.address),
            size=180,
            kind="budget",
            unit="points",
            simulation=1,
            redemption=self.own.redemption.uuid,
            voucher=self.own.redemption.vouchers.get().uuid,
            uuid="00000000-0000-4000-8000-000000000000",
            picture=keep_picture(b"a picture").removeprefix(FOLDER),
        )

    def _of_member(self, address: str) -> object:
        """The id of what the person of the app has there."""
        if "me/vouchers" in address:
            return self.own.redemption.vouchers.get().uuid
        return self.own.redemption.uuid if "redemptions" in address else 1


def browser(**options: Any) -> Client:
    """A browser in which nobody is signed in."""
    return Client(raise_request_exception=False, **options)


@contextmanager
def kept_programs(blocker: DjangoDbBlocker) -> Iterator[tuple[Staffed, Staffed]]:
    """The programs for all tests of a module; what one of them does is undone, and they are after the last."""
    with blocker.unblock(), transaction.atomic():
        yield make_staffed(OWN), make_staffed(OTHER)
        transaction.set_rollback(True)


def names_others(answer: Any, of_own: tuple[str, ...] = ()) -> bool:
    """Whether an answer names the other program, or these."""
    body = answer.getvalue().decode()
    return any(name in body for name in (OTHER, *of_own))
