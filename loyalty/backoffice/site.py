"""The site of the back office: who comes in, and where one lands."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.sites import UnfoldAdminSite

from loyalty.backoffice import (
    budgets,
    festivals,
    holdouts,
    reratings,
    simulation_sheet,
    simulations,
    staff_notices,
    statements,
    stock,
)
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
            path("budgets/", self.admin_view(budgets.tree), name="budgets"),
            path("budgets/<slug:kind>/<int:pk>/<slug:unit>/", self.admin_view(budgets.one_pace), name="budget_pace"),
            path("holdouts/", self.admin_view(holdouts.page), name="holdouts"),
            path("reratings/", self.admin_view(reratings.page), name="reratings"),
            path("reratings/<int:pk>/", self.admin_view(reratings.one), name="rerating"),
            path("reratings/<int:pk>/decide/", self.admin_view(reratings.decide), name="rerating_decide"),
            path("simulations/", self.admin_view(simulations.page), name="simulations"),
            path("simulations/<int:pk>/", self.admin_view(simulation_sheet.sheet), name="simulation"),
            path("festivals/", self.admin_view(festivals.page), name="festivals"),
            path("stock/", self.admin_view(stock.page), name="stock"),
            path("stock/<int:pk>/", self.admin_view(stock.reward), name="stock_reward"),
            path("stock/lists/<int:pk>/", self.admin_view(stock.one_list), name="stock_list"),
            path("stock/lists/<int:pk>/decide/", self.admin_view(stock.decide), name="stock_decide"),
            path("statements/", self.admin_view(statements.page), name="statements"),
            path("statements/<int:pk>/", self.admin_view(statements.one), name="statement"),
            path("statements/<int:pk>/decide/", self.admin_view(statements.decide), name="statement_decide"),
            path("differences/", self.admin_view(statements.queue), name="differences"),
            path("notices/read/", self.admin_view(staff_notices.read), name="staff_notices_read"),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What matters today to somebody with these roles."""
        response: TemplateResponse = super().index(request, {**(extra_context or {}), **landing(request)})
        return response
