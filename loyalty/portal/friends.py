"""Bringing friends: the link to pass on, and how far the friends are; and the door through which they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.generic import View

from campaigns.selectors.referrals import referrals_of
from loyalty.display.value_words import listed
from loyalty.identity.invitations import remember_invitation
from loyalty.portal.base import MemberPage
from loyalty.portal.friend_words import FriendRow, FriendWords
from loyalty.portal.gives import gives_of
from loyalty.portal.overview import Overview
from members.rules.referrals import ReferralRules
from members.selectors.referrals import referral_rules
from members.services.referrals import referral_code

WHATSAPP = "https://wa.me/?"
PAGE = 30


@dataclass(frozen=True, slots=True)
class Invite:
    """What a member passes on; ``share`` opens WhatsApp with a message."""

    code: str
    link: str
    share: str
    qr: SafeString


@dataclass(frozen=True, slots=True)
class Deal:
    """What the friend has to do, and what both get."""

    asks: Sequence[str]
    days: str
    gives: str
    gives_friend: str


class FriendsPage(MemberPage):
    """The member's link, and friends."""

    template_name = "portal/friends/page.html"
    section = "friends"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The code, its link, what there is to get, and a page of friends."""
        context = super().get_context_data(**kwargs)
        rules = referral_rules(self.program)
        if rules is None:
            return context
        overview = Overview(self.program, self.member, self.at)
        friends, older = self.friends(overview, rules)
        return {
            **context,
            "invite": self.invite(),
            "deal": deal(overview, rules),
            "friends": friends,
            "older": older,
            "first": "before" not in self.request.GET,
        }

    def invite(self) -> Invite:
        """The code and its link, in all the ways in which it is passed on."""
        code = referral_code(member=self.member)
        way = reverse("portal:invitation", kwargs={"program": self.program.code, "code": code})
        link = self.request.build_absolute_uri(way)
        text = _("Join me in %(program)s: %(link)s") % {"program": self.program.name, "link": link}
        return Invite(code, link, WHATSAPP + urlencode({"text": text}), _drawn(link))

    def friends(self, overview: Overview, rules: ReferralRules) -> tuple[list[FriendRow], int | None]:
        """Friends in words, newest first, and where earlier ones begin."""
        asked = self.request.GET.get("before", "")
        before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < PAGE else None
        rows = referrals_of(referrer_id=self.member.pk, limit=PAGE + 1, before=before)
        words = FriendWords(rules, overview)
        shown = rows[:PAGE]
        return [words.row(row) for row in shown], shown[-1].id if len(rows) > PAGE else None


def deal(overview: Overview, rules: ReferralRules) -> Deal:
    """What is asked and what is given now, as the live campaigns say."""
    words = FriendWords(rules, overview)
    return Deal(words.asks(), words.days(), _gives(overview, "referral"), _gives(overview, "referred"))


def _gives(overview: Overview, whose: str) -> str:
    kinds = {f"{whose}.joined", f"{whose}.qualified"}
    found = [
        given
        for opening in overview.openings
        for rule in opening.rules
        if rule.event_type in kinds and (given := gives_of(overview, opening.campaign.version_id, rule.index)[0])
    ]
    return listed(list(dict.fromkeys(found)))


def _drawn(link: str) -> SafeString:
    """A QR code, drawn in black; the page lays it on white, which cameras need."""
    svg = segno.make(link, error="m", micro=False).svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308  # drawn by segno from an address of ours


class Invitation(View):
    """A member's link: the friend is shown how to join, and what the link says waits until then."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, program: str, code: str) -> HttpResponse:
        """To the form for joining; whether somebody has the code is found out there."""
        remember_invitation(request, program=program, code=code)
        return HttpResponseRedirect(reverse("portal:join", kwargs={"program": program}))
