"""Members at the portal, in tests: a world with a user who is signed in for one of its members."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from members.models import Member
from tests.campaigns.world import World, document, load

LADDER: Mapping[str, Any] = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "one_step", "grace_days": 30},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver", "ar": "الفضية", "vi": "Bạc"}, "requires": {}},
        {
            "code": "gold",
            "name": {"en": "Gold", "ar": "الذهبية", "vi": "Vàng"},
            "requires": {"amount": "5000.00", "events": 60, "match": "any"},
            "benefits": [
                {"code": "spa", "name": {"en": "Car spa", "ar": "عناية بالسيارة", "vi": "Rửa xe"}, "per_year": 2}
            ],
        },
    ],
}
PAGES = (
    "", "activity/", "tier/", "badges/", "leaderboards/", "earn/", "friends/", "vouchers/", "card/", "rewards/",
    "notices/", "profile/",
)  # fmt: skip


class Words(HTMLParser):
    """The words of a page that a person reads, without those of the head's style and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Texts for screen readers are words too."""
        self.silent += tag in {"style", "script"}
        self.found += [value for name, value in attrs if name in {"aria-label", "title", "placeholder"} and value]

    def handle_endtag(self, tag: str) -> None:
        """Listen again."""
        self.silent -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        """Take in a text."""
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


@dataclass
class Visitor:
    """Somebody who is signed in for a member."""

    world: World
    member: Member
    client: Client = field(default_factory=Client)

    def get(self, page: str = "", *, status: int = 200, program: str | None = None, **query: Any) -> str:
        """The HTML of a page of the portal."""
        answer = self.client.get(f"/p/{program or self.world.program.code}/{page}", query)
        assert answer.status_code == status, (page, answer.status_code, answer.headers.get("Location"))
        return answer.content.decode()

    def post(self, page: str, **data: str) -> int:
        """Send a form; the status."""
        return self.client.post(f"/p/{self.world.program.code}/{page}", data).status_code

    def words(self, page: str = "") -> list[str]:
        """What there is to read on a page."""
        reader = Words()
        reader.feed(self.get(page))
        return reader.found

    def text(self, page: str = "", **query: Any) -> str:
        """All words of a page in one line."""
        reader = Words()
        reader.feed(self.get(page, **query))
        return " ".join(reader.found)

    def queries(self, page: str = "") -> int:
        """How many queries a page takes once the configuration is known."""
        self.get(page)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.get(page)
        return len(captured)


def visit(world: World, member: Member, username: str = "ann@example.com") -> Visitor:
    """Sign in for a member."""
    cache.clear()
    user, _new = User.objects.get_or_create(username=username, defaults={"email": username})
    Member.objects.filter(pk=member.pk).update(user=user)
    visitor = Visitor(world, member)
    visitor.client.force_login(user)
    return visitor


def portal_world(*campaigns: Mapping[str, Any], code: str = "demo", **sections: Any) -> World:
    """A world with a ladder, whose portal speaks English, Arabic and Vietnamese."""
    languages = {"languages": ["en", "ar", "vi", "id", "ms", "th"], "code": code}
    asked = {"tiers": LADDER, **sections, "program": languages | sections.get("program", {})}
    return World(load(document(*campaigns, **asked)))


def hooked(page: str, hook: str) -> list[str]:
    """The plain text of elements with a ``data-test`` hook."""
    end = "</details>" if hook == "activity-row" else "</(?:p|dd)>"
    found = re.findall(rf'data-test="{hook}"[^>]*>(.*?){end}', page, re.DOTALL)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", one).split())) for one in found]
