"""The catalogue: looking for rewards, and whether a member can have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import Market, Program
from core.refusals import FieldError, Invalid, NotFound
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView, SharedView
from loyalty.api.v1.description import ACTING, PAGE, Success, described, path, query
from loyalty.api.v1.pages import Page, read_page
from loyalty.api.v1.parameters import read_flag, read_texts, read_word
from loyalty.api.v1.schema import ref
from loyalty.display.hurdles import hurdle_words
from loyalty.display.rewards import picture
from members.models import Member, Tier
from members.selectors.members import find_member
from rewards.models.categories import Kind, category_name
from rewards.rules.availability import Reason, Standing, told
from rewards.selectors.catalogue import Item, Shown, browse, find_reward, judge, standing_of
from rewards.selectors.shelves import Facets, Question, Sort

MOST_LETTERS = 200
MOST_CHOICES = 20
FILTERS = (
    query("category", "One of the fifteen, or a program's own; several by comma", examples=["food"]),
    query(
        "brand", "A brand as it is written; repeat it for several", type="array", items={"type": "string"},
        maxItems=MOST_CHOICES,
    ),
    query("kind", "Kinds; several by comma", examples=["voucher"]),
    query("max_points", "Costs at most so many points", type="integer", minimum=0),
    query("q", "Words in any language of the program, as people type them", maxLength=MOST_LETTERS),
    query("sort", "Unasked: what answers `q` best, else a mixture", enum=[*Sort]),
)  # fmt: skip
FOR_PARTNERS = (
    query("market", "Code of a market; that of the member, if one is named", examples=["SG"]),
    query("affordable_for", "External id of a member: only what the member's points suffice for"),
    query("member", "External id of a member: everything, with what the member can have; an app's own unasked"),
)
AFFORDABLE = query("affordable", "1: only what the points of that member suffice for", enum=["0", "1"])
ANSWER = {"items": [examples.REWARD], "next": None, "facets": examples.FACETS, "sort": "suggested"}
REFUSALS = ["malformed", "validation"]
CODE = path("code", "Code of the reward", "coffee-5")


class RewardsView(SharedView):
    """The program's catalogue."""

    scopes = {"GET": "rewards:read"}

    @described(
        "List rewards",
        tag="Rewards",
        answers={200: Success("A page with facets", ref("Rewards"), ANSWER)},
        refusals=[*REFUSALS, "not-found"],
        parameters=[ACTING, *FOR_PARTNERS, AFFORDABLE, *FILTERS, *PAGE],
        caller="either",
    )
    def get(self, request: Request) -> Response:
        """Look for rewards that points buy. Facets say how many each further choice would leave.

        Typing errors are guessed only where nothing is found as typed. With a member each item says whether the member
        can have it, and if not, every reason why. To a member's app it answers for that member, in any market.
        """
        asked = Asking(request, self.program, self.at, me=self.me, anywhere=True)
        return Response(asked.answer())


class RewardView(SharedView):
    """A reward."""

    scopes = {"GET": "rewards:read"}

    @described(
        "Read a reward",
        tag="Rewards",
        answers={200: Success("The reward", ref("Reward"), examples.REWARD)},
        refusals=[*REFUSALS, "not-found"],
        parameters=[ACTING, CODE, *FOR_PARTNERS],
        caller="either",
    )
    def get(self, request: Request, code: str) -> Response:
        """Read a reward, also one that is only given; with a member, whether the member can have it."""
        asked = Asking(request, self.program, self.at, me=self.me, anywhere=True)
        return Response(asked.one(code))


class MeRewardsView(MeView):
    """The member's catalogue."""

    @described(
        "List rewards for me",
        tag="Member's app",
        answers={200: Success("A page with facets", ref("Rewards"), ANSWER)},
        refusals=[*REFUSALS, "not-found"],
        parameters=[ACTING, AFFORDABLE, *FILTERS, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """Look for rewards in my market; each says whether I can have it, and if not, every reason why."""
        asked = Asking(request, self.member.program, self.at, me=self.member)
        return Response(asked.answer())


class MeRewardView(MeView):
    """A reward for the member."""

    @described(
        "Read a reward for me",
        tag="Member's app",
        answers={200: Success("The reward", ref("Reward"), examples.REWARD)},
        refusals=[*REFUSALS, "not-found"],
        parameters=[ACTING, CODE],
        caller="member",
    )
    def get(self, request: Request, code: str) -> Response:
        """Read a reward, and whether I can have it."""
        asked = Asking(request, self.member.program, self.at, me=self.member)
        return Response(asked.one(code))


@dataclass
class Asking:
    """A request about the catalogue: for whom, where, and in what words the answer is given.

    ``me``: the member whose app asks; ``anywhere``: of whichever market, else of the member's own.
    """

    request: Request
    program: Program
    at: datetime
    me: Member | None = None
    anywhere: bool = False

    def __post_init__(self) -> None:
        """Find the member and the market; raises NotFound and Invalid."""
        self.member = self._named() if self.anywhere else self.me
        self.only_affordable = read_flag(self.request, "affordable")
        if self.only_affordable and not self.member:
            name = "affordable_for"
            raise _invalid(name, "required", _("name %(name)s in the query") % {"name": name})
        self.only_affordable |= bool(self.anywhere and self._text("affordable_for"))
        self.standing: Standing | None = standing_of(self.member, at=self.at) if self.member else None
        self.market = self.member.market if self.member and not self.anywhere else self._market()

    def _named(self) -> Member | None:
        """The member whom a partner names, or who asks: to members there is nobody else."""
        if not (named := self._text("affordable_for") or self._text("member")):
            return self.me
        if self.me and named not in {self.me.external_id, f"uuid:{self.me.uuid}"}:
            raise NotFound(_("There is no such member"))
        return self.me or find_member(program=self.program, reference=named)

    def _market(self) -> Market | None:
        code = self._text("market")
        if code is None:
            return self.member.market if self.member else None
        market = Market.objects.filter(program=self.program, code=code, retired=False).first()
        if market is None:
            raise _invalid("market", "unknown", _("there is no market %(market)s") % {"market": code})
        return market

    def answer(self) -> dict[str, object]:
        """A page."""
        asked = read_page(self.request, self._list())
        order = self.question.order
        after = asked.after if isinstance(asked.after, list) else None
        with timezone.override(self._zone()):
            shown = browse(
                self.question,
                currency=self.market.currency if self.market else None,
                limit=asked.limit,
                after=[int(str(part)) for part in after] if after else None,
                at=self.at,
                member=self.member,
                standing=self.standing,
            )
            return self._page(asked, shown) | {"sort": order.value}

    def one(self, code: str) -> dict[str, object]:
        """A reward."""
        reward = find_reward(program=self.program, code=code)
        with timezone.override(self._zone()):
            item = judge(reward, market=self.market, at=self.at, member=self.member, standing=self.standing)
            return self._item(item, self._tiers([item]))

    @property
    def question(self) -> Question:
        """What is asked for; raises Invalid, Malformed."""
        kinds = self._choices("kind")
        if unknown := [kind for kind in kinds if kind not in Kind.values]:
            raise _invalid("kind", "invalid", _("there is no kind %(kind)s") % {"kind": unknown[0]})
        return Question(
            program_id=self.program.pk,
            market=self.market.code if self.market else None,
            text=self._text("q") or "",
            categories=self._choices("category"),
            brands=self._choices("brand", by_comma=False),
            kinds=kinds,
            most=self._most(),
            purse=self.standing.points if self.standing else None,
            affordable=self.only_affordable,
            sort=self._sort(),
        )

    def _list(self) -> str:
        """The name of this very list: a cursor of another question is refused."""
        asked = sorted((k, v) for k, v in self.request.query_params.lists() if k not in {"cursor", "limit"})
        return f"rewards:{self.program.pk}:{self.member.pk if self.member else ''}:{asked}"

    def _zone(self) -> ZoneInfo:
        market = self.member.market if self.member else self.market
        return ZoneInfo(market.timezone if market else self.program.timezone)

    def _text(self, name: str) -> str | None:
        value = read_word(self.request, name)
        if value is not None and len(value) > MOST_LETTERS:
            detail = _("%(name)s has at most %(most)s characters") % {"name": name, "most": MOST_LETTERS}
            raise _invalid(name, "too-long", detail)
        return value or None

    def _choices(self, name: str, *, by_comma: bool = True) -> Sequence[str]:
        """What a parameter names: repeated, and unless there may be commas in it also apart by them."""
        given = read_texts(self.request, name)
        if by_comma:
            given = [part.strip() for value in given for part in value.split(",")]
        chosen = list(dict.fromkeys(filter(None, given)))
        if len(chosen) > MOST_CHOICES:
            detail = _("%(name)s names at most %(most)s at once") % {"name": name, "most": MOST_CHOICES}
            raise _invalid(name, "too-long", detail)
        return chosen

    def _most(self) -> int | None:
        value = self._text("max_points")
        if value is not None and not (value.isascii() and value.isdigit() and len(value) < 16):  # noqa: PLR2004 - fits
            raise _invalid("max_points", "invalid", _("max_points is a whole number of points"))
        return int(value) if value else None

    def _sort(self) -> Sort | None:
        value = self._text("sort")
        if value is not None and value not in set(Sort):
            raise _invalid("sort", "invalid", _("sort is one of: %(sorts)s") % {"sorts": ", ".join(Sort)})
        return Sort(value) if value else None

    def _page(self, asked: Page, shown: Shown) -> dict[str, object]:
        tiers = self._tiers(shown.items)
        items = [self._item(item, tiers) for item in shown.items]
        following: list[object] | None = list(shown.following) if shown.following else None
        return asked.document(items, following) | {"facets": self._facets(shown.facets)}

    def _facets(self, facets: Facets | None) -> dict[str, Any] | None:
        if facets is None:
            return None
        shown: dict[str, Any] = {
            "total": facets.total,
            "category": [{"value": v, "name": category_name(v), "count": n} for v, n in facets.category.items()],
            "brand": [{"value": v, "name": v, "count": n} for v, n in facets.brand.items()],
            "kind": [{"value": v, "name": str(Kind(v).label), "count": n} for v, n in facets.kind.items()],
            "points": [{"up_to": band, "count": n} for band, n in facets.points.items()],
        }
        if facets.affordable is not None:
            return shown | {"affordable": facets.affordable}
        names = {market.code: market.name for market in Market.objects.filter(program=self.program)}
        return shown | {"market": [{"value": v, "name": names[v], "count": n} for v, n in facets.market.items()]}

    def _tiers(self, items: Sequence[Item]) -> Mapping[str, str]:
        """What tiers are called; asked for only where one stands in the way."""
        if not any(reason.tiers for item in items for reason in item.reasons):
            return {}
        return {tier.code: tier.name for tier in Tier.objects.filter(program=self.program)}

    def _item(self, item: Item, tiers: Mapping[str, str]) -> dict[str, object]:
        reasons = _why_not(item.reasons, tiers)
        values = [
            {**one.denomination, "left": one.left, "available": one.available, "why_not": _why_not(one.reasons, tiers)}
            for one in item.values
        ]
        return {
            **reward_document(item),
            "denominations": values,
            "available": item.available,
            "why_not": reasons,
            "member_message": reasons[0]["detail"] if reasons else None,
        }


def _why_not(reasons: Sequence[Reason], tiers: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {"code": reason.hurdle.value, "detail": hurdle_words(reason, tiers=tiers), **told(reason)} for reason in reasons
    ]


def reward_document(item: Item) -> dict[str, object]:
    """A reward as the API shows it, less its denominations and whether it can be had."""
    reward = item.reward
    limit = {"times": reward.limit_times, "per": reward.limit_per} if reward.limit_times else None
    return {
        "code": reward.code,
        "kind": reward.kind,
        "category": reward.category,
        "category_name": category_name(reward.category),
        "brand": reward.brand,
        "name": reward.name,
        "text": reward.text or None,
        "terms": reward.terms or None,
        "image": picture(reward) or None,
        "markets": reward.markets,
        "points": item.points,
        "tiers": reward.tiers,
        "outlets": reward.outlets,
        "per_member": limit,
        "valid_days": reward.valid_days,
        "left": item.left,
    }


def _invalid(name: str, code: str, detail: str) -> Invalid:
    return Invalid(errors=[FieldError(f"/{name}", code, detail)])
