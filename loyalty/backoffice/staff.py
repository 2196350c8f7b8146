"""Who may do what: roles of staff, and machines that call the API."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from core.models import ApiClient, Program, User
from core.rules.scopes import SCOPES
from core.services.clients import Credentials, create_client
from dealers.models import StaffRole
from loyalty.backoffice.base import ReadOnly
from loyalty.identity import rights
from loyalty.identity.fresh import demand_fresh

PLACES = {"regional_manager": "region", "dealer_manager": "dealer", "outlet_adviser": "outlet"}


class StaffRoleForm(forms.ModelForm[StaffRole]):
    """A role for somebody who works here already, named as they sign in."""

    giver: User | None = None
    who = forms.CharField(label=_("User name or e-mail"), widget=UnfoldAdminTextInputWidget)

    class Meta:
        """All but the user, who is not picked from a list of everybody."""

        model = StaffRole
        fields: ClassVar[list[str]] = ["program", "role", "region", "dealer", "outlet"]

    def clean_who(self) -> str:
        """Staff only: members are no choice."""
        name: str = self.cleaned_data["who"].strip()
        staff = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_staff=True, is_active=True)
        found = staff.order_by("pk").first()
        if found is None:
            raise ValidationError(_("Nobody of the staff signs in so."))
        if found == self.giver:
            raise ValidationError(_("Nobody gives a role to themselves: ask another administrator."))
        self.instance.user = found
        return name

    def clean(self) -> dict[str, Any]:
        """The place belongs to the program, and a role for one place names it."""
        data = super().clean() or {}
        needed = PLACES.get(data.get("role", ""))
        if needed and not data.get(needed):
            self.add_error(needed, _("This role is for one place: name it."))
        for name in PLACES.values():
            if data.get(name) and data[name].program_id != getattr(data.get("program"), "pk", None):
                self.add_error(name, _("It belongs to another program."))
        if not self.errors and self._is_held(data):
            self.add_error("who", _("This role is held already."))
        return data

    def _is_held(self, data: dict[str, Any]) -> bool:
        """Asked under a lock of whose role it is: who gives the same one at the same moment waits for the answer."""
        User.objects.select_for_update(no_key=True).get(pk=self.instance.user_id)
        places = {name: data.get(name) for name in PLACES.values()}
        held = StaffRole.objects.filter(user=self.instance.user, program=data["program"], role=data["role"])
        return held.filter(**places).exists()


@admin.register(StaffRole)
class StaffRoleAdmin(ReadOnly):
    """Roles: given and taken by administrators, who show once more who they are."""

    form = StaffRoleForm
    fields = ("who", "program", "role", "region", "dealer", "outlet")
    list_display = ("user", "role", "program", "region", "dealer", "outlet")
    list_filter = ("program", "role")
    list_select_related = ("user", "program", "region", "dealer", "outlet")
    search_fields = ("user__username__exact", "user__email__iexact")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return rights.may_change(request.user, StaffRole)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of the program; nobody takes a role from themselves, so that one administrator is left."""
        is_own = isinstance(obj, StaffRole) and obj.user_id == request.user.pk
        return not is_own and rights.may_change(request.user, StaffRole, obj)

    def get_fields(self, request: HttpRequest, obj: StaffRole | None = None) -> tuple[str, ...]:
        """The user is shown once the role is given."""
        fixed: tuple[str, ...] = ("user", *self.fields[1:])
        return fixed if obj else self.fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Programs that the reader administers."""
        if db_field.name == "program":
            kwargs["queryset"] = rights.programs_of(request.user, "staff.change", whole=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: StaffRole | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's own
        """A form that knows who gives."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"giver": request.user})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever gives a role has just shown who they are."""
        if request.method == "POST":
            demand_fresh(request)
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response


class ApiClientForm(forms.ModelForm[ApiClient]):
    """A new client."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=[(scope, scope) for scope in SCOPES], widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        """What the service asks for."""

        model = ApiClient
        fields: ClassVar[list[str]] = ["program", "name", "requests_per_second"]
        widgets: ClassVar[dict[str, Any]] = {
            "name": UnfoldAdminTextInputWidget,
            "requests_per_second": UnfoldAdminIntegerFieldWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Nobody is let in without ever being answered."""
        super().__init__(*args, **kwargs)
        if pace := self.fields.get("requests_per_second"):  # not in a form that only shows
            pace.validators.append(MinValueValidator(1))
            pace.widget.attrs["min"] = 1


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnly):
    """Machines that call the API: made here with a secret that is shown once, and shut out by deleting them."""

    form = ApiClientForm
    list_display = ("name", "program", "client", "requests_per_second")
    list_filter = ("program",)
    list_select_related = ("program", "client")
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return rights.may_change(request.user, ApiClient)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of the program."""
        return rights.may_change(request.user, ApiClient, obj)

    def get_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> tuple[str, ...]:
        """Scopes are chosen once."""
        return ("program", "name", "requests_per_second", "client") if obj else (
            "program", "name", "requests_per_second", "scopes"
        )  # fmt: skip

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Programs that the reader administers."""
        if db_field.name == "program":
            kwargs["queryset"] = rights.programs_of(request.user, "system.change", whole=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Make a client and show its secret this once."""
        extra_context = {"show_save_and_add_another": False, "show_save_and_continue": False, **(extra_context or {})}
        if request.method != "POST":
            response: HttpResponse = super().add_view(request, form_url, extra_context)
            return response
        demand_fresh(request)
        form = self.get_form(request)(request.POST)
        if not self.has_add_permission(request) or not form.is_valid():
            invalid: HttpResponse = super().add_view(request, form_url, extra_context)
            return invalid
        return self._shown_once(request, self._create(request, form.cleaned_data))

    def _create(self, request: HttpRequest, data: dict[str, Any]) -> Credentials:
        program: Program = data["program"]
        credentials = create_client(
            program=program,
            name=data["name"],
            scopes=data["scopes"],
            requests_per_second=data["requests_per_second"],
        )
        made = ApiClient.objects.get(client=credentials.client_id)
        self.log_addition(request, made, [{"added": {}}])
        return credentials

    def _shown_once(self, request: HttpRequest, credentials: Credentials) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "credentials": credentials}
        response = TemplateResponse(request, "backoffice/credentials.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def delete_model(self, request: HttpRequest, obj: ApiClient) -> None:
        """The OAuth client goes, and with it its tokens."""
        obj.client.delete()
