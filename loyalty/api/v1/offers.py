"""Offers: give campaigns to members, note that they saw and took them up, read how far they are."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Offer
from campaigns.selectors.offers import member_offers
from campaigns.services.configuration import current_configuration
from campaigns.services.offer_records import offer_records
from campaigns.services.offer_steps import activate_offer, see_offer
from campaigns.services.offers import Assignment, assign_offers
from core.refusals import NotFound, Refusal
from loyalty.api.problems import problem
from loyalty.api.refusals import InsufficientScope
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import MOST_ITEMS, items, read_json
from loyalty.api.v1.description import MEMBER, PAGE, Body, Success, described
from loyalty.api.v1.description import path as in_path
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import Schema, page, record, ref
from loyalty.api.v1.schema import items as listed
from members.models import Member
from members.selectors.members import find_member

TAG = "Offers"
OFFER = in_path("id", "`id` of the offer", "5120")
MANY = listed(ref("OfferRequest"), maxItems=MOST_ITEMS)
BATCH: Schema = {"oneOf": [MANY, record({"offers": MANY})]}
RESULTS = record({"results": listed({"anyOf": [ref("Offer"), ref("RejectedOffer")]})})
LONGEST_ID = 18


class OfferView(ApiView):
    """What all addresses of offers have in common."""

    scopes = {"POST": "offers:write"}

    def assign(self, requests: Sequence[object]) -> list[Assignment]:
        """Assign, within the caller's scopes."""
        may_name_past = "history:write" in self.caller.scopes
        past = None if may_name_past else InsufficientScope(_("A time in the past needs the scope history:write"))
        return assign_offers(
            program=self.program, requests=requests, client=self.caller.client_id, past=past, at=self.at
        )

    def documents(self, offers: Sequence[Offer]) -> list[dict[str, object]]:
        """Offers as JSON, in an answer about their members."""
        shown = offer_documents(offers, self.program.pk, self.at)
        self.about = [str(document["member"]) for document in shown]
        return shown


class OffersView(OfferView):
    """Offers of the program."""

    @described(
        "Assign an offer",
        tag=TAG,
        body=Body(ref("OfferRequest"), examples.OFFER_REQUEST),
        answers={
            201: Success("Assigned, or held out", ref("Offer"), examples.OFFER),
            200: Success("The reference was known: the offer as it is now", ref("Offer"), examples.OFFER),
        },
        refusals=["idempotency-key-missing", "not-available", "not-eligible", "reference-used"],
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Give a campaign (`delivery: offer` or `opt_in`) to a member, from now or `at`, for its or other `days`.

        Market, audience and holdout are judged here, once. A member who is held out gets `state: held_out`: do not
        show that offer. A campaign may be given again: each offer has its own window and progress.
        """
        (result,) = self.assign([read_json(request)])
        if result.refusal or result.offer is None:
            raise result.refusal or NotFound
        return Response(self.documents([result.offer])[0], status=201 if result.is_new else 200)


class OffersBatchView(OfferView):
    """Many offers at once."""

    @described(
        "Assign many offers",
        tag=TAG,
        body=Body(BATCH, [examples.OFFER_REQUEST]),
        answers={200: Success("The offer or the rejection of each, in order", RESULTS, examples.OFFER_RESULTS)},
        refusals=["idempotency-key-missing"],
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Give up to 5,000 offers; a rejected one harms no other."""
        requests, _prefix = items(read_json(request), "offers")
        results = self.assign(requests)
        shown = iter(self.documents([result.offer for result in results if result.offer]))
        answers = [
            _rejected(index, result.refusal, request.path) if result.refusal else next(shown)
            for index, result in enumerate(results)
        ]
        return Response({"results": answers})


class OfferSeenView(OfferView):
    """That a member saw an offer."""

    @described(
        "Note that an offer was seen",
        tag=TAG,
        answers={200: Success("The offer", ref("Offer"), examples.OFFER | {"state": "seen"})},
        refusals=["not-found", "not-available"],
        parameters=[OFFER],
        repeatable=True,
    )
    @repeatable()
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Note that the member has seen an offer; again changes nothing."""
        found = see_offer(program=self.program, offer_id=offer_number(id), at=self.at)
        return Response(self.documents([found])[0])


class OfferActivateView(OfferView):
    """That a member takes up an offer."""

    @described(
        "Activate an offer",
        tag=TAG,
        answers={200: Success("The offer", ref("Offer"), examples.OFFER | {"state": "activated"})},
        refusals=["not-found", "not-available"],
        parameters=[OFFER],
        repeatable=True,
    )
    @repeatable()
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Note that the member takes up an offer; again changes nothing."""
        found = activate_offer(program=self.program, offer_id=offer_number(id), at=self.at)
        return Response(self.documents([found])[0])


class MemberOffersView(ApiView):
    """A member's offers."""

    scopes = {"GET": "members:read"}

    @described(
        "List offers",
        tag=TAG,
        answers={200: Success("A page of offers", page(ref("Offer")), {"items": [examples.OFFER], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List a member's offers, newest first; those of which the member is held out are shown to nobody."""
        return Response(offers_page(request, find_member(program=self.program, reference=member), self.at))


def offers_page(request: Request, member: Member, at: datetime) -> dict[str, object]:
    """A page of a member's offers."""
    asked = read_page(request, f"offers:{member.pk}")
    before = asked.after if isinstance(asked.after, int) else None
    rows = member_offers(member=member, limit=asked.limit + 1, before=before)
    shown = rows[: asked.limit]
    documents = offer_documents(shown, member.program_id, at)
    return asked.document(documents, shown[-1].pk if len(rows) > asked.limit else None)


def offer_documents(offers: Sequence[Offer], program_id: int, at: datetime) -> list[dict[str, object]]:
    """Offers as JSON, as of a moment."""
    configuration = current_configuration(program_id)
    return [one.document() for one in offer_records(configuration=configuration, offers=offers, at=at)]


def offer_number(text: str) -> int:
    """The number that an id stands for. Raises NotFound."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise NotFound(_("There is no such offer"))
    return int(text)


def _rejected(index: int, refusal: Refusal, instance: str) -> dict[str, object]:
    return {"index": index, "status": "rejected", "problem": problem(refusal, instance=instance)}
