"""All that is kept about a member, for the member's app to hand over."""

from django.http import HttpResponse
from rest_framework.request import Request

from loyalty.api.v1.acting import MeView
from loyalty.api.v1.description import ACTING, Success, described
from loyalty.api.v1.export_shapes import EXPORT
from loyalty.api.v1.schema import ref
from loyalty.operations.my_data import my_data_file


class MeExportView(MeView):
    """The member's data."""

    @described(
        "Export my data",
        tag="Member's app",
        answers={200: Success("All that is kept, as one document", ref("Export"), EXPORT)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING],
        caller="member",
    )
    def get(self, _request: Request) -> HttpResponse:
        """Read all that is kept about the member: profile, ledger, events, vouchers, consents and the rest, unpaged."""
        return HttpResponse("".join(my_data_file(member=self.member, at=self.at)), content_type="application/json")
