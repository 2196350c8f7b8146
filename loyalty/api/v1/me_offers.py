"""A member's own offers: those received, and campaigns that may be taken."""

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.offer_steps import activate_offer, opt_in, see_offer
from campaigns.services.opt_ins import open_opt_ins
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.description import ACTING, PAGE, Success, described
from loyalty.api.v1.me import REFUSALS, TAG
from loyalty.api.v1.offers import OFFER, offer_documents, offer_number, offers_page
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import page, ref

OPT_IN = "opt-in:"  # before the code of a campaign: the id of what may be taken


class MeOffersView(MeView):
    """The member's offers."""

    @described(
        "List my offers",
        tag=TAG,
        answers={
            200: Success(
                "A page of offers", page(ref("Offer")), {"items": [examples.OPT_IN, examples.OFFER], "next": None}
            )
        },
        refusals=REFUSALS,
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List campaigns that the member may take (`state: available`), then the member's offers, newest first."""
        found = offers_page(request, self.member, self.at)
        if "cursor" not in request.query_params:
            available = [one.document(OPT_IN) for one in open_opt_ins(member=self.member, at=self.at)]
            found["items"] = [*available, *found["items"]]  # type: ignore[misc]  # the page's own list
        return Response(found)


class MeOfferSeenView(MeView):
    """That the member saw an offer."""

    @described(
        "Note that I saw an offer",
        tag=TAG,
        answers={200: Success("The offer", ref("Offer"), examples.OFFER | {"state": "seen"})},
        refusals=[*REFUSALS, "not-available"],
        parameters=[ACTING, OFFER],
        repeatable=True,
        caller="member",
    )
    @repeatable()
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Note that the member has seen an offer; again changes nothing."""
        member = self.member
        found = see_offer(program=member.program, offer_id=offer_number(id), member=member, at=self.at)
        return Response(offer_documents([found], member.program_id, self.at)[0])


class MeOfferActivateView(MeView):
    """That the member takes up an offer."""

    @described(
        "Activate my offer",
        tag=TAG,
        answers={
            200: Success("The offer", ref("Offer"), examples.OFFER | {"state": "activated"}),
        },
        refusals=[*REFUSALS, "not-available", "frozen"],
        parameters=[ACTING, OFFER],
        repeatable=True,
        caller="member",
    )
    @repeatable()
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Take up an offer, or a campaign with `delivery: opt_in` by its `opt-in:CODE`; again changes nothing."""
        member = self.member
        if id.startswith(OPT_IN):
            code = id.removeprefix(OPT_IN)
            found = opt_in(program=member.program, member=member, campaign=code, at=self.at)
        else:
            number = offer_number(id)
            found = activate_offer(program=member.program, offer_id=number, member=member, at=self.at)
        return Response(offer_documents([found], member.program_id, self.at)[0])
