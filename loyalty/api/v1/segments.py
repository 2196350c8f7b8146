"""List segments: who is in them."""

from dataclasses import asdict

from rest_framework.request import Request
from rest_framework.response import Response

from core.refusals import FieldError, Invalid
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import items, read_json
from members.services.segments import set_segment_members


class SegmentMembersView(ApiView):
    """The members of a list segment."""

    scopes = {"PUT": "segments:write"}

    def put(self, request: Request, code: str) -> Response:
        """Name exactly the members of a list segment, by external id, up to 5,000."""
        named, prefix = items(read_json(request), "members")
        try:
            change = set_segment_members(program=self.program, code=code, external_ids=named)
        except Invalid as invalid:
            errors = [FieldError(prefix + error.pointer, error.code, error.detail) for error in invalid.errors]
            raise Invalid(invalid.detail, errors=errors) from None
        return Response({"segment": code} | asdict(change))
