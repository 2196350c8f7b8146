"""The site of the back office: who comes in, and where one lands."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.sites import UnfoldAdminSite

from loyalty.backoffice.landing import landing
from loyalty.backoffice.proving import prove
from loyalty.identity import rights


class Office(UnfoldAdminSite):
    """Unfold's site with our rights. Packages' own admin classes stay out: ours show what they hold."""

    index_template = "backoffice/landing.html"
    index_title = _("Overview")

    def register(self, model_or_iterable: Any, admin_class: type[Any] | None = None, **options: Any) -> None:
        """Take our own classes only."""
        if admin_class is not None and admin_class.__module__.startswith("loyalty.backoffice"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with a role that opens the office."""
        user = request.user
        return bool(user.is_active and user.is_staff and rights.may(user, "office.view"))

    def extra_urls(self) -> list[URLPattern]:
        """Pages that belong to no model; the language can be chosen before signing in."""
        return [
            path("language/", set_language, name="language"),
            path("prove/", self.admin_view(prove), name="prove"),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What matters today to somebody with these roles."""
        response: TemplateResponse = super().index(request, {**(extra_context or {}), **landing(request)})
        return response
