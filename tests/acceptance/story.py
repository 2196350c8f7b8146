"""Telling the story of a program through its API: who joins, what happens, and what they then have."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from itertools import batched
from json import loads
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from campaigns.models import Offer
from campaigns.services.contests import close_contests
from campaigns.tasks import qualify_due_referrals
from core.models import Program
from loyalty.operations.program_file.loading import load_program
from members.models import Member
from members.models.keeping import ClockTimestamp
from tests.campaigns.derived import settle
from tests.loyalty.api import Caller, document, make_caller, problem

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
BATCH = 500
SOURCE = "/till"


@dataclass
class Clock:
    """The clock of a story, that only what happens moves on; the database notes by its own when it took what."""

    now: datetime = BEGUN

    def __call__(self) -> datetime:
        """What ``timezone.now`` answers."""
        return self.now

    def pass_to(self, moment: str) -> None:
        """Let time pass, never back."""
        self.now = max(self.now, datetime.fromisoformat(moment))


@dataclass
class Story:
    """A program, and the partner system that tells what happens in it, as it happens."""

    caller: Caller
    holdouts: Mapping[str, float]  # percent by campaign
    clock: Clock
    uuids: dict[str, str] = field(default_factory=dict)
    told: int = 0

    @property
    def code(self) -> str:
        """Of the program."""
        return self.caller.program.code

    # -- what happens ---------------------------------------------------------------------------

    def enrol(self, members: Iterable[Mapping[str, Any]]) -> None:
        """Let members join."""
        for batch in batched(members, BATCH):
            answer = self.caller.post("members/batch", {"members": list(batch)})
            results = document(answer)["results"]
            assert [one["status"] for one in results] == ["created"] * len(batch), results
            rows = Member.objects.filter(external_id__in=[one["external_id"] for one in batch])
            self.uuids |= {name: str(uuid) for name, uuid in rows.values_list("external_id", "uuid")}
        settle()

    def members(self, shape: Mapping[str, Any], *, out: str = "") -> Iterator[str]:
        """Members of a shape who are in every campaign, or out of this one alone: as many as are asked for."""
        for round_ in range(100):
            some = [f"{shape['external_id']}-{out}{round_}-{number}" for number in range(20)]
            self.enrol({**shape, "external_id": name} for name in some)
            yield from self.choose(out=out, among=some)
        raise AssertionError(f"the hash chooses nobody of 2,000: {out}")

    def event(self, kind: str, member: str, time: str, /, *, key: str = "", **data: Any) -> dict[str, Any]:
        """An event as a till sends it."""
        self.told += 1
        return {
            "specversion": "1.0",
            "id": key or f"e{self.told}",
            "source": SOURCE,
            "type": kind,
            "subject": member,
            "time": time,
            "data": data,
        }

    def back(self, key: str, member: str, time: str, **data: Any) -> dict[str, Any]:
        """The return of an event, whole or in part (``amount``)."""
        return self.event("event.reversed", member, time, source=SOURCE, id=key, **data)

    def send(self, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Send events in one request, and let what follows from them follow."""
        if events:
            self.pass_to(max((str(event["time"]) for event in events), key=datetime.fromisoformat))
        answer = self.caller.post("events/batch", {"events": list(events)})
        assert answer.status_code == 200, answer.content
        settle()
        return list(document(answer)["results"])

    def pass_to(self, moment: str) -> None:
        """Let time pass, and what waits for it come."""
        self.clock.pass_to(moment)
        qualify_due_referrals()
        settle()

    def offer(self, campaign: str, member: str, at: str) -> str:
        """Give a member an offer; its id."""
        self.pass_to(at)
        asked = {"campaign": campaign, "member": member, "at": at}
        answer = self.caller.post("offers", asked, Idempotency_Key=f"{campaign} {member} {at}")
        assert answer.status_code == 201, answer.content
        return str(document(answer)["id"])

    def activate(self, offer: str) -> None:
        """Let a member take part."""
        answer = self.caller.post(f"offers/{offer}/activate", {}, Idempotency_Key=f"activate {offer}")
        assert answer.status_code == 200, answer.content
        Offer.objects.filter(activated_at__lte=self.clock.now).update(activated_at=ClockTimestamp())

    # -- what they have -------------------------------------------------------------------------

    def get(self, path: str) -> dict[str, Any]:
        """What an address answers."""
        answer = self.caller.get(path)
        assert answer.status_code == 200, answer.content
        return dict(document(answer))

    def points(self, member: str) -> int:
        """Points of a member, also those that are still pending."""
        points = self.get(f"members/{member}/wallet")["points"]
        return int(points["available"]) + int(points["pending"])

    def cashback(self, member: str) -> dict[str, str]:
        """Money that a member may spend, by currency."""
        return {one["currency"]: one["available"] for one in self.get(f"members/{member}/wallet")["cashback"]}

    def tier(self, member: str) -> str:
        """The code of a member's tier."""
        return str(self.get(f"members/{member}/tier")["code"])

    def badges(self, member: str) -> set[str]:
        """Codes of the badges that a member has earned."""
        return {one["badge"] for one in self.get(f"members/{member}/badges")["items"]}

    def reason(self, event: Mapping[str, Any], campaign: str) -> str:
        """Why the first rule of a campaign did not fire for an event."""
        trace = self.get(f"events/one?source={event['source']}&id={event['id']}")["trace"]
        return next(str(line["reason"]) for line in trace if line["campaign"] == campaign)

    def is_out(self, member: str, campaign: str) -> bool:
        """Whether the published hash holds a member out of a campaign."""
        digest = sha256(f"{self.code}/{campaign}/{self.uuids[member]}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % 10_000 < self.holdouts[campaign] * 100

    def choose(self, *, out: str = "", among: Iterable[str]) -> list[str]:
        """Members who are in every campaign, or out of this one alone."""
        return [
            member
            for member in among
            if {campaign for campaign in self.holdouts if self.is_out(member, campaign)} == ({out} if out else set())
        ]

    # -- what must hold in the end --------------------------------------------------------------

    def proves(self) -> bool:
        """Whether all books add up."""
        said = StringIO()
        call_command("ledger", "prove", json=True, stdout=said)
        return bool(loads(said.getvalue())["ok"])

    def close(self, at: datetime) -> int:
        """Close the contests that are due; how many."""
        closed = close_contests(program=self.caller.program, at=at)
        settle()
        return closed

    def expire(self, at: str) -> None:
        """Let points lapse whose day is past."""
        self.pass_to(at)
        call_command("ledger", "expire", "--at", at, stdout=StringIO())

    def review(self, at: str) -> None:
        """Review the tiers in the night before a day."""
        self.pass_to(f"{at}T12:00:00+00:00")
        call_command("tiers", "review", "--program", self.code, "--at", at, stdout=StringIO())

    def awards_that_differ(self, since: str, until: str) -> list[dict[str, Any]]:
        """Awards of the year that a replay of the live campaigns does not give, or gives otherwise."""
        said = StringIO()
        call_command("simulate", self.code, "--from", since, "--to", until, "--json", stdout=said)
        report = loads(said.getvalue())
        assert report["live"]["awards"] > 0
        return list(report["difference"]["listed"])


def tell(code: str, clock: Clock) -> Story:
    """Load a program as it is shipped."""
    raw = Path(settings.BASE_DIR, "programs", f"{code}.yaml").read_bytes()
    plan = load_program(raw=raw, at=BEGUN, why="test")
    assert not plan.errors, plan.errors
    program = Program.objects.get(code=code)
    definitions = {
        version.campaign.code: version.definition
        for campaign in program.campaigns.all()
        for version in campaign.versions.select_related("campaign")
    }
    holdouts = {name: float(d["holdout"]) for name, d in definitions.items() if d.get("holdout")}
    return Story(make_caller(program, requests_per_second=100_000), holdouts, clock)


def refused(results: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Campaign, kind and reason of all that events were refused."""
    return [(one["campaign"], one["kind"], one["reason"]) for result in results for one in result["refused"]]


__all__ = ["BEGUN", "SOURCE", "Clock", "Story", "problem", "refused", "tell"]
