"""A program loaded from data, its members, and the door for events, for tests of the engine."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from campaigns.rules.answers import Body
from campaigns.services.configuration import current_configuration
from campaigns.services.intake import Answer, take_in
from core.models import Program
from loyalty.operations.program_file.loading import load_program
from members.models import Member
from members.services.enrolment import enrol_members

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)  # a Monday, noon in Singapore
ENROLLED = "2020-01-01T00:00:00Z"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

BASE: dict[str, Any] = {
    "program": {
        "code": "demo",
        "name": {"en": "Demo"},
        "languages": ["en"],
        "currency": "SGD",
        "timezone": "Asia/Singapore",
        "points": {
            "name": {"en": "points"},
            "expire": {"months": 12, "at": "month_end"},
            "pending_days": 0,
            "liability_value": "0.01",
        },
    },
    "rates": [{"currency": "IDR", "from": "2020-01-01", "rate": "0.000083"}],
    "markets": [
        {"code": "SG", "name": "Singapore", "currency": "SGD", "timezone": "Asia/Singapore", "languages": ["en"]},
        {"code": "ID", "name": "Indonesia", "currency": "IDR", "timezone": "Asia/Jakarta", "languages": ["en"]},
    ],
    "regions": [{"code": "JKT", "name": "Jakarta", "market": "ID"}],
    "attributes": {"member": [{"code": "hobby", "type": "text"}]},
    "event_types": [
        {
            "code": "payment.completed",
            "name": {"en": "Payment"},
            "amount": "required",
            "qualifying": True,
            "data": [
                {"code": "category", "type": "choice", "choices": ["bill", "transfer", "utilities", "shopping"]},
                {"code": "litres", "type": "amount"},
            ],
        },
        {"code": "wallet.topped_up", "name": {"en": "Top-up"}, "amount": "required", "qualifying": False},
        {"code": "app.opened", "name": {"en": "App opened"}, "amount": "none", "qualifying": False},
    ],
    "outlets": [{"code": "SG-ORCHARD", "kind": "partner_outlet", "name": {"en": "Orchard"}, "market": "SG"}],
    "dealers": [
        {
            "code": "JKT-01",
            "name": {"en": "Jakarta Motors"},
            "market": "ID",
            "region": "JKT",
            "outlets": [{"code": "JKT-01-S1", "kind": "service_centre", "name": {"en": "Kemang"}}],
        }
    ],
    "badges": [{"code": "first-bill", "name": {"en": "First bill"}, "icon": "receipt"}],
    "segments": [{"code": "vip", "name": {"en": "Invited"}, "kind": "list"}],
}

PER_DOLLAR = {"points": {"per_amount": {"points": 1, "every": "1", "currency": "SGD"}}}


def everyday(**more: Any) -> dict[str, Any]:
    """Base earning: one point a dollar."""
    return campaign("everyday", rule("base", PER_DOLLAR), promise=True, **more)


def rule(code: str, *then: Mapping[str, Any], event: str = "payment.completed", **more: Any) -> dict[str, Any]:
    """A rule."""
    return {"code": code, "event": event, "then": list(then), **more}


def campaign(code: str, *rules: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A live campaign since 2026."""
    return {
        "code": code,
        "name": {"en": code},
        "state": "live",
        "starts": "2026-01-01T00:00:00+08:00",
        "rules": list(rules),
        **more,
    }


def fixed(points: int, **more: Any) -> dict[str, Any]:
    """An effect: so many points."""
    return {"points": {"fixed": points, **more}}


@dataclass
class World:
    """A loaded program."""

    program: Program
    keys: "count[int]" = field(default_factory=lambda: count(1))

    def member(self, external_id: str = "ann", market: str = "SG", at: datetime = NOW, **more: Any) -> Member:
        """Enrol a member."""
        request = {"external_id": external_id, "market": market, "enrolled_at": ENROLLED, **more}
        (enrolment,) = enrol_members(program=self.program, requests=[request], at=at)
        assert enrolment.refusal is None, vars(enrolment.refusal)
        return Member.objects.get(program=self.program, external_id=external_id)

    def event(self, amount: str | None = "100.00", key: str | None = None, **more: Any) -> dict[str, Any]:
        """An event as JSON; ``data`` adds to amount and currency."""
        data = {"amount": amount, "currency": more.pop("currency", "SGD")} if amount is not None else {}
        return {
            "specversion": "1.0",
            "id": key or f"e{next(self.keys):06}",
            "source": "/test",
            "type": "payment.completed",
            "subject": "ann",
            "time": NOW.isoformat(),
            **more,
            "data": data | more.get("data", {}),
        }

    def reversal(self, original: str, amount: str | None = None, **more: Any) -> dict[str, Any]:
        """A reversal of an event of the same source."""
        data = {"source": "/test", "id": original} | ({"amount": amount} if amount else {})
        return self.event(None, type="event.reversed", data=data, **more)

    def send(self, *events: Mapping[str, Any], at: datetime = NOW, trace: bool = False) -> list[Answer]:
        """Post a batch."""
        return take_in(program=self.program, events=events, at=at, trace=trace)

    def outcome(self, *args: Any, at: datetime = NOW, **kwargs: Any) -> Body:
        """Post one event that must be worked, and read its outcome."""
        (answer,) = self.send(self.event(*args, **kwargs), at=at)
        assert answer.body is not None, answer.refusal and answer.refusal.errors
        return answer.body

    def reload(self, document: Mapping[str, Any]) -> None:
        """Load the program's file anew."""
        load(document)
        self.program.refresh_from_db()


def document(*campaigns: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """The base program with campaigns and other sections; ``program`` adds to that section."""
    body = deepcopy(BASE)
    body["program"] |= sections.pop("program", {})
    return {**body, **sections, "campaigns": list(campaigns)}


def load(body: Mapping[str, Any]) -> Program:
    """Load a program file; JSON is YAML too."""
    plan = load_program(raw=json.dumps(body).encode(), at=NOW, why="test")
    assert not plan.errors, plan.errors
    return Program.objects.get(code=body["program"]["code"])


def make_world(*campaigns: Mapping[str, Any], **sections: Any) -> World:
    """A world with these campaigns."""
    return World(load(document(*campaigns, **sections)))


def effects(body: Body) -> Sequence[tuple[str, str, Any]]:
    """Kind, rule and amount (or badge) of each effect."""
    return [(e["kind"], e["rule"], e.get("amount", e.get("badge"))) for e in body["effects"]]


@contextmanager
def kept_world(blocker: DjangoDbBlocker, *campaigns: Mapping[str, Any], **sections: Any) -> Iterator[World]:
    """A world for all tests of a module, rolled back after them; tests must not load its program anew.

    It is another program than that of ``make_world``: what is remembered of a revision must stay true.
    """
    with blocker.unblock(), transaction.atomic():
        world = make_world(*campaigns, **sections, program={"code": "kept"})
        current_configuration(world.program.pk)  # it opens accounts and goals: those of a test would be rolled back
        yield world
        transaction.set_rollback(True)


def case(code: str, *then: Mapping[str, Any], when: Any = None, **more: Any) -> dict[str, Any]:
    """A campaign whose rule listens to payments of its own channel, so that many live in one world."""
    own = {"fact": "event.channel", "op": "eq", "value": code}
    return campaign(code, rule(code, *then, when={"all": [own, when]} if when else own), **more)
