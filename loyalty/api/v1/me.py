"""What a member's app reads and changes: the profile, the wallet, the ledger, the tier, badges, consents."""

from dataclasses import replace

from rest_framework.request import Request
from rest_framework.response import Response

from core.refusals import Invalid
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView, PersonView
from loyalty.api.v1.badges import badges_page
from loyalty.api.v1.bodies import JSON, MERGE_PATCH, read_json
from loyalty.api.v1.description import ACTING, PAGE, Body, Success, described, header
from loyalty.api.v1.goals import goals_page
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.schema import page, ref
from loyalty.api.v1.tiers import tier_document
from loyalty.api.v1.vouchers import voucher_page
from loyalty.api.v1.wallets import MOMENTS, ledger_page, wallet_document
from members.models import Member
from members.rules.documents import MemberRecord, etag
from members.selectors.members import member_record
from members.selectors.memberships import memberships
from members.services.changes import patch_own_profile

TAG = "Member's app"
IF_MATCH = header("If-Match", "The ETag that the change is meant for; refused if it is another now")
PURPOSES = "consents"
REFUSALS = ["not-found", "malformed"]


class MeMembershipsView(PersonView):
    """In which programs the person takes part."""

    @described(
        "List my memberships",
        tag=TAG,
        answers={200: Success("A page", page(ref("Membership")), {"items": [examples.MEMBERSHIP], "next": None})},
        refusals=["malformed"],
        parameters=[*PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List the memberships of whoever is signed in, oldest first; other calls name one in `Loyalty-Member`."""
        asked = read_page(request, f"memberships:{self.user.pk}")
        return Response(asked.of([_membership(member) for member in memberships(user=self.user)]))


class MeProfileView(MeView):
    """The member."""

    @described(
        "Read me",
        tag=TAG,
        answers={200: Success("The member; ETag is in the headers", ref("Member"), examples.MEMBER)},
        refusals=REFUSALS,
        parameters=[ACTING],
        caller="member",
    )
    def get(self, _request: Request) -> Response:
        """Read the member."""
        return _shown(self.record())

    @described(
        "Change me",
        tag=TAG,
        body=Body(ref("MePatch"), {"language": "id"}, (JSON, MERGE_PATCH)),
        answers={200: Success("The member after the change", ref("Member"), examples.MEMBER)},
        refusals=[*REFUSALS, "changed", "frozen"],
        parameters=[ACTING, IF_MATCH],
        caller="member",
    )
    def patch(self, request: Request) -> Response:
        """Change name, nickname, language, birth date or consents by a JSON merge patch (RFC 7396).

        A birth date is given once; name and birth date stay as they are once the identity is verified. E-mail address
        and phone are changed where they are proven: under `/_allauth/app/v1/account/`. A frozen member can only give
        and withdraw consents, and take the nickname away. Whoever has a nickname appears by it on leaderboards.
        """
        return _shown(self.change(request, read_json(request, (JSON, MERGE_PATCH))))

    def record(self) -> MemberRecord:
        """What is known of the member."""
        return member_record(program=self.member.program, reference=f"uuid:{self.member.uuid}")

    def change(self, request: Request, changes: object) -> MemberRecord:
        """Carry out the member's own change."""
        matches = request.headers.get("If-Match")
        return patch_own_profile(member=self.member, changes=changes, at=self.at, matches=matches)


class MeConsentsView(MeProfileView):
    """What the member has agreed to."""

    @described(
        "Read my consents",
        tag=TAG,
        answers={200: Success("By purpose; ETag is in the headers", ref("Consents"), examples.CONSENTS)},
        refusals=REFUSALS,
        parameters=[ACTING],
        caller="member",
    )
    def get(self, _request: Request) -> Response:
        """Read what the member has agreed to."""
        return _consents(self.record())

    @described(
        "Change my consents",
        tag=TAG,
        body=Body(ref("Consents"), {"marketing": False}, (JSON, MERGE_PATCH)),
        answers={200: Success("The consents after the change", ref("Consents"), examples.CONSENTS)},
        refusals=[*REFUSALS, "changed"],
        parameters=[ACTING, IF_MATCH],
        caller="member",
    )
    def patch(self, request: Request) -> Response:
        """Give (`true`) or withdraw (`false`) consents; those that are absent stay."""
        changes = {PURPOSES: read_json(request, (JSON, MERGE_PATCH))}
        try:
            return _consents(self.change(request, changes))
        except Invalid as invalid:
            raise _seen_from(f"/{PURPOSES}", invalid) from None


class MeWalletView(MeView):
    """What the member has."""

    @described(
        "Read my wallet",
        tag=TAG,
        answers={200: Success("What the member has", ref("Wallet"), examples.WALLET)},
        refusals=[*REFUSALS, "validation"],
        parameters=[ACTING, *MOMENTS],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """Read the wallet, now or at a past moment, as recorded (`at`) or as it happened (`effective`)."""
        return Response(wallet_document(request, self.member, self.at))


class MeLedgerView(MeView):
    """How it came and went."""

    @described(
        "List my ledger",
        tag=TAG,
        answers={200: Success("A page", page(ref("LedgerEntry")), {"items": [examples.ENTRY], "next": None})},
        refusals=REFUSALS,
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List what moved in and out, newest first."""
        return Response(ledger_page(request, self.member))


class MeTierView(MeView):
    """The member's tier."""

    @described(
        "Read my tier",
        tag=TAG,
        answers={200: Success("The tier", ref("Tier"), examples.TIER)},
        refusals=REFUSALS,
        parameters=[ACTING],
        caller="member",
    )
    def get(self, _request: Request) -> Response:
        """Read the tier, what counts toward the next one and what is missing."""
        return Response(tier_document(self.member, self.at))


class MeBadgesView(MeView):
    """The member's badges."""

    @described(
        "List my badges",
        tag=TAG,
        answers={200: Success("A page of badges", page(ref("Badge")), {"items": [examples.BADGE], "next": None})},
        refusals=REFUSALS,
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List the badges that the member earned, newest first."""
        return Response(badges_page(request, self.member))


class MeVouchersView(MeView):
    """The member's vouchers."""

    @described(
        "List my vouchers",
        tag=TAG,
        answers={200: Success("A page of vouchers", page(ref("Voucher")), {"items": [examples.VOUCHER], "next": None})},
        refusals=REFUSALS,
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List the vouchers that the member was given, newest first."""
        return Response(voucher_page(request, self.member, self.at))


class MeGoalsView(MeView):
    """The member's goals."""

    @described(
        "List my goals",
        tag=TAG,
        answers={200: Success("A page of goals", page(ref("Goal")), {"items": [examples.GOAL], "next": None})},
        refusals=REFUSALS,
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List the goals that are open to the member now, with how far each of them is."""
        return Response(goals_page(request, self.member, self.at))


def _shown(record: MemberRecord) -> Response:
    document = record.document()
    return Response(document, headers={"ETag": etag(document)})


def _consents(record: MemberRecord) -> Response:
    document = record.document()
    return Response(document["consents"], headers={"ETag": etag(document)})


def _seen_from(place: str, invalid: Invalid) -> Invalid:
    """The same with pointers that begin at a place in the document, which alone was sent."""
    errors = [replace(error, pointer=error.pointer.removeprefix(place)) for error in invalid.errors]
    return Invalid(invalid.detail, errors=errors)


def _membership(member: Member) -> dict[str, object]:
    return {
        "uuid": str(member.uuid),
        "external_id": member.external_id,
        "program": {"code": member.program.code, "name": member.program.name},
        "market": member.market.code,
        "status": member.status,
        "tier": member.tier and member.tier.code,
    }
