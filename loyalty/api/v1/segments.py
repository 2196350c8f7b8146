"""List segments: who is in them."""

from dataclasses import asdict

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from core.refusals import FieldError, Invalid
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import MOST_ITEMS, items, read_json
from loyalty.api.v1.description import Body, Success, described, path
from loyalty.api.v1.schema import EXTERNAL_ID, WHOLE, Schema, record, text
from loyalty.api.v1.schema import items as listed
from members.services.segments import set_segment_members

LIST = listed(EXTERNAL_ID, maxItems=MOST_ITEMS)
NAMES: Schema = {"oneOf": [LIST, record({"members": LIST})]}
CHANGE = record({"segment": text(), "members": WHOLE, "added": WHOLE, "removed": WHOLE})


class SegmentMembersView(ApiView):
    """The members of a list segment."""

    scopes = {"PUT": "segments:write"}

    @described(
        "Name the members of a list segment",
        tag="Segments",
        body=Body(NAMES, ["M-0001", "M-0002"]),
        answers={200: Success("How many it has now, how many came and went", CHANGE, examples.CHANGE)},
        refusals=["not-found"],
        parameters=[path("code", "Code of a segment of kind list", "vip")],
    )
    def put(self, request: Request, code: str) -> Response:
        """Make exactly these members the members of a list segment, by external id, up to 5,000.

        Ids that name nobody are all named, and nothing changes.
        """
        named, prefix = items(read_json(request), "members")
        try:
            change = set_segment_members(program=self.program, code=code, external_ids=named, at=timezone.now())
        except Invalid as invalid:
            errors = [FieldError(prefix + error.pointer, error.code, error.detail) for error in invalid.errors]
            raise Invalid(invalid.detail, errors=errors) from None
        return Response({"segment": code} | asdict(change))
