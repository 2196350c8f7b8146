"""Members: enrol, read, change, erase."""

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.api.problems import problem
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import JSON, MERGE_PATCH, items, read_json
from loyalty.api.v1.repeats import repeatable
from loyalty.operations.erase import erase
from members.rules.documents import MemberRecord, etag
from members.selectors.members import member_record
from members.services.changes import patch_member
from members.services.enrolment import Enrolment, enrol_member, enrol_members


class MembersView(ApiView):
    """All members of the program."""

    scopes = {"POST": "members:write"}

    @repeatable()
    def post(self, request: Request) -> Response:
        """Enrol a member."""
        external_id = enrol_member(program=self.program, request=read_json(request), at=self.at)
        location = request.build_absolute_uri(reverse("api:member", args=[external_id]))
        record = member_record(program=self.program, reference=external_id)
        return _shown(record, status=201, headers={"Location": location})


class MemberView(ApiView):
    """One member."""

    scopes = {"GET": "members:read", "PATCH": "members:write", "DELETE": "members:write"}

    def get(self, _request: Request, member: str) -> Response:
        """Read a member."""
        return _shown(member_record(program=self.program, reference=member))

    def patch(self, request: Request, member: str) -> Response:
        """Change a member by a JSON merge patch."""
        record = patch_member(
            program=self.program,
            reference=member,
            changes=read_json(request, (JSON, MERGE_PATCH)),
            at=self.at,
            matches=request.headers.get("If-Match"),
        )
        return _shown(record)

    def delete(self, _request: Request, member: str) -> Response:
        """Erase a member."""
        erase(program=self.program, reference=member, at=self.at)
        return Response(status=204)


class MembersBatchView(ApiView):
    """Many members at once."""

    scopes = {"POST": "members:write"}

    @repeatable()
    def post(self, request: Request) -> Response:
        """Enrol new members and change known ones, up to 5,000."""
        requests, _ = items(read_json(request), "members")
        results = enrol_members(program=self.program, requests=requests, at=self.at)
        return Response({"results": [_result(result, request.path) for result in results]})


def _shown(record: MemberRecord, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    document = record.document()
    return Response(document, status=status, headers={"ETag": etag(document), **(headers or {})})


def _result(result: Enrolment, instance: str) -> dict[str, object]:
    shown: dict[str, object] = {"external_id": result.external_id, "status": str(result.status)}
    return shown | {"problem": problem(result.refusal, instance=instance)} if result.refusal else shown
