"""What the pages have in common through which people come into a program."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from loyalty.identity.doors import remember_door
from loyalty.portal.base import ProgramPage


@method_decorator([never_cache, sensitive_post_parameters("password", "code")], name="dispatch")
class DoorPage(ProgramPage):
    """A door of a program: where people go afterwards travels along as ``next``."""

    section = "door"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Let allauth know which program this is."""
        super().setup(request, *args, **kwargs)
        request.door = self.program  # type: ignore[attr-defined]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever does something here came through this program's door."""
        if request.method == "POST":
            remember_door(request, self.program.code)
        return super().dispatch(request, *args, **kwargs)

    @property
    def way(self) -> str:
        """Where to go afterwards; empty if nobody said, or if it leads away from here."""
        return get_next_redirect_url(self.request) or ""

    def to(self, page: str, *, onward: bool = True) -> HttpResponseRedirect:
        """Another page of the program, with the way that remains."""
        return HttpResponseRedirect(self.address(page, onward=onward))

    def address(self, page: str, *, onward: bool = True) -> str:
        """The address of another page of the program."""
        query = f"?{urlencode({'next': self.way})}" if onward and self.way else ""
        return reverse(f"portal:{page}", kwargs={"program": self.program.code}) + query

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The way, and it as a query for links."""
        query = f"?{urlencode({'next': self.way})}" if self.way else ""
        return {**super().get_context_data(**kwargs), "way": self.way, "onward": query}


class EntryPage(DoorPage):
    """A door for those who are not signed in; others are shown to their membership."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Pass on who is in already."""
        if request.user.is_authenticated:
            return self.to("choose")
        return super().dispatch(request, *args, **kwargs)
