"""Members who bring members: telling of one, and how far those are whom a member brought."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.referrals import ReferralView, referral_of, referrals_of
from core.refusals import FieldError, Invalid, unknown_fields
from core.rules.moments import show_moment
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import named, read_json
from loyalty.api.v1.description import ACTING, MEMBER, PAGE, Body, Success, described
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import ref
from loyalty.display.friends import initial
from members.models import Member
from members.selectors.members import find_member
from members.selectors.referrals import referral_rules
from members.services.referrals import claim_referral, referral_code

FIELDS = frozenset({"code", "member", "signals"})


class ReferralsView(ApiView):
    """All referrals of the program."""

    scopes = {"POST": "referrals:write"}

    @described(
        "Tell of a referral",
        tag="Referrals",
        body=Body(ref("ReferralRequest"), examples.REFERRAL_REQUEST),
        answers={
            200: Success("Known already; nothing has changed", ref("Referral"), examples.REFERRAL),
            201: Success("Noted, as guards judge it", ref("Referral"), examples.REFERRAL),
        },
        refusals=["not-eligible"],
        repeatable=True,
    )
    @repeatable()
    def post(self, request: Request) -> Response:
        """Note that a member was brought by the one whose code this is, once and for ever.

        It may be told as many local days after enrolment as the friend has for qualifying, 30 if the program sets none.
        What a guard refuses or holds is noted as `refused` or `held`, with its reason.
        """
        given = _body(read_json(request))
        self.about = named(given, "member")
        made, is_new = claim_referral(
            program=self.program,
            code=given.get("code"),
            member=given.get("member"),
            signals=given.get("signals"),
            at=self.at,
        )
        found = referral_of(friend_id=made.friend_id)
        self.about = [found.friend.external_id, found.referrer.external_id] if found else []
        return Response(found and referral_document(found), status=201 if is_new else 200)


class MemberReferralsView(ApiView):
    """Those whom a member brought."""

    scopes = {"GET": "members:read"}

    @described(
        "List referrals",
        tag="Referrals",
        answers={200: Success("The code, and a page of friends", ref("Referrals"), examples.REFERRALS)},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List those whom a member brought, newest first, with the member's code (made when first asked for).

        `referred_by` is how the member itself was brought. Without a referral section in the program there is no code.
        """
        found = find_member(program=self.program, reference=member)
        brought = referral_of(friend_id=found.pk)
        asked = read_page(request, f"referrals:{found.pk}")
        before = asked.after if isinstance(asked.after, int) else None
        rows = referrals_of(referrer_id=found.pk, limit=asked.limit + 1, before=before)
        shown = rows[: asked.limit]
        page = asked.document([referral_document(row) for row in shown], _ended(shown, rows))
        return Response({**_code(request, found), "referred_by": brought and referral_document(brought), **page})


class MeReferralView(MeView):
    """The member's code and friends."""

    @described(
        "Read my referrals",
        tag="Me",
        answers={200: Success("The code, and a page of friends", ref("MyReferrals"), examples.MY_REFERRALS)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """Read the code and the link to pass on, and how far the friends are. Of a friend only the initial is told."""
        asked = read_page(request, f"my-referrals:{self.member.pk}")
        before = asked.after if isinstance(asked.after, int) else None
        rows = referrals_of(referrer_id=self.member.pk, limit=asked.limit + 1, before=before)
        shown = rows[: asked.limit]
        return Response(
            {**_code(request, self.member), **asked.document([_own(row) for row in shown], _ended(shown, rows))}
        )


def referral_document(row: ReferralView) -> dict[str, object]:
    """A referral as a partner system sees it."""
    return {
        "id": str(row.uuid),
        "member": row.friend.external_id,
        "referrer": row.referrer.external_id,
        **_standing(row),
        "reason": row.reason or None,
    }


def _own(row: ReferralView) -> dict[str, object]:
    """A referral as the one who brought the friend sees it: not who it is, and not what guards saw."""
    reason = row.reason if row.reason == "cooling" else None
    return {"id": str(row.uuid), "friend": initial(row.friend.name), **_standing(row), "reason": reason}


def _standing(row: ReferralView) -> dict[str, object]:
    return {
        "state": row.state,
        "joined_at": show_moment(row.joined_at),
        "verified_at": row.verified_at and show_moment(row.verified_at),
        "qualified_at": row.qualified_at and show_moment(row.qualified_at),
        "due_at": row.due_at and show_moment(row.due_at),
    }


def _ended(shown: list[ReferralView], rows: list[ReferralView]) -> int | None:
    return shown[-1].id if len(rows) > len(shown) else None


def _code(request: Request, member: Member) -> dict[str, object]:
    """The code and the address that friends open; none where members do not bring members."""
    if referral_rules(member.program) is None:
        return {"code": None, "link": None}
    code = referral_code(member=member)
    way = reverse("portal:invitation", kwargs={"program": member.program.code, "code": code})
    return {"code": code, "link": request.build_absolute_uri(way)}


def _body(document: object) -> Mapping[str, object]:
    if not isinstance(document, dict):
        raise Invalid(errors=[FieldError("", "invalid", _("Send a JSON object."))])
    if unknown := document.keys() - FIELDS:
        raise Invalid(errors=unknown_fields(unknown))
    return document
