"""Members: enrol, read, change, erase."""

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.api.problems import problem
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import JSON, MERGE_PATCH, MOST_ITEMS, items, named, read_json
from loyalty.api.v1.description import MEMBER, Body, Success, described, header
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import Schema, record, ref
from loyalty.api.v1.schema import items as listed
from loyalty.operations.erase import erase
from members.rules.documents import MemberRecord, etag
from members.selectors.members import member_record
from members.services.changes import patch_member
from members.services.enrolment import Enrolment, enrol_member, enrol_members

MOST: Schema = {"maxItems": MOST_ITEMS}
BATCH: Schema = {
    "oneOf": [listed(ref("MemberRequest"), **MOST), record({"members": listed(ref("MemberRequest"), **MOST)})]
}
RESULTS = record({"results": listed(ref("MemberResult"))})


class MembersView(ApiView):
    """All members of the program."""

    scopes = {"POST": "members:write"}

    @described(
        "Enrol a member",
        tag="Members",
        body=Body(ref("MemberRequest"), examples.MEMBER_REQUEST),
        answers={201: Success("Enrolled; Location and ETag are in the headers", ref("Member"), examples.MEMBER)},
        refusals=["duplicate-member"],
        repeatable=True,
    )
    @repeatable()
    def post(self, request: Request) -> Response:
        """Enrol a member: on the first rung of the ladder, since `enrolled_at` (default: now; past times are fine)."""
        asked = read_json(request)
        self.about = named(asked, "external_id")
        external_id = enrol_member(program=self.program, request=asked, at=self.at)
        location = request.build_absolute_uri(reverse("api:member", args=[external_id]))
        record = member_record(program=self.program, reference=external_id)
        return _shown(record, status=201, headers={"Location": location})


class MemberView(ApiView):
    """One member."""

    scopes = {"GET": "members:read", "PATCH": "members:write", "DELETE": "members:write"}

    @described(
        "Read a member",
        tag="Members",
        answers={200: Success("The member; ETag is in the headers", ref("Member"), examples.MEMBER)},
        refusals=["not-found"],
        parameters=[MEMBER],
    )
    def get(self, _request: Request, member: str) -> Response:
        """Read a member by external id or `uuid:…`."""
        return _shown(member_record(program=self.program, reference=member))

    @described(
        "Change a member",
        tag="Members",
        body=Body(ref("MemberPatch"), {"phone": "+6598765432", "attributes": {"hobby": None}}, (JSON, MERGE_PATCH)),
        answers={200: Success("The member after the change", ref("Member"), examples.MEMBER)},
        refusals=["not-found", "changed"],
        parameters=[MEMBER, header("If-Match", "The ETag that the change is meant for; refused if it is another now")],
    )
    def patch(self, request: Request, member: str) -> Response:
        """Change a member by a JSON merge patch (RFC 7396): null empties, lists are replaced whole."""
        record = patch_member(
            program=self.program,
            reference=member,
            changes=read_json(request, (JSON, MERGE_PATCH)),
            at=self.at,
            matches=request.headers.get("If-Match"),
        )
        return _shown(record)

    @described(
        "Erase a member",
        tag="Members",
        answers={204: Success("Erased: nothing says who the member was")},
        refusals=["not-found"],
        parameters=[MEMBER],
    )
    def delete(self, _request: Request, member: str) -> Response:
        """Erase a member: identity, merchant, cars, signals, attributes, and its name in stored events and answers.

        The ledger stays, under a random id. The external id may be enrolled anew, as another member.
        """
        erase(program=self.program, reference=member, at=self.at)
        return Response(status=204)


class MembersBatchView(ApiView):
    """Many members at once."""

    scopes = {"POST": "members:write"}

    @described(
        "Enrol and change many members",
        tag="Members",
        body=Body(BATCH, [examples.MEMBER_REQUEST]),
        answers={200: Success("A result for each, in order", RESULTS, examples.RESULTS)},
        repeatable=True,
    )
    @repeatable()
    def post(self, request: Request) -> Response:
        """Enrol new members and change known ones, up to 5,000; a rejected one harms no other.

        A known member is changed as by PATCH: what is absent stays. One member may stand in a batch twice.
        """
        requests, _ = items(read_json(request), "members")
        results = enrol_members(program=self.program, requests=requests, at=self.at)
        self.about = [result.external_id for result in results if result.external_id]
        return Response({"results": [_result(result, request.path) for result in results]})


def _shown(record: MemberRecord, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    document = record.document()
    return Response(document, status=status, headers={"ETag": etag(document), **(headers or {})})


def _result(result: Enrolment, instance: str) -> dict[str, object]:
    shown: dict[str, object] = {"external_id": result.external_id, "status": str(result.status)}
    return shown | {"problem": problem(result.refusal, instance=instance)} if result.refusal else shown
