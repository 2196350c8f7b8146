"""Suppliers: credentials that are written and never read, floats and pauses."""

from base64 import b64decode
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminPasswordWidget

from core.rules.money import is_currency, to_decimal, to_minor
from loyalty.backoffice.base import Bounded, ReadOnly
from loyalty.backoffice.columns import Shade
from loyalty.display import formats
from loyalty.identity import rights
from rewards.models import Supplier
from rewards.services.suppliers.calling import SIMULATOR

SECRETS = {"secret": "new_secret", "webhook_secret": "new_webhook_secret"}
WHOLE = URLValidator(schemes=["https"])


def _secret(label: Any) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    said = _("Kept encrypted and never shown. Leave it empty to keep the one that is stored.")
    return forms.CharField(label=label, required=False, strip=True, widget=widget, help_text=said)


def _is_public(address: str) -> bool:
    """Whether an address names a host, and none that is inside by its name or number."""
    try:
        WHOLE(address)
        host = urlsplit(address).hostname or ""
        return ip_address(host).is_global if ":" in host or host[-1:].isdigit() else "." in host
    except (ValueError, ValidationError):
        return False


def _is_key(secret: str) -> bool:
    """Whether signatures can be checked with it."""
    key = secret.removeprefix("whsec_").rstrip("=")
    try:
        return bool(b64decode(key + "=" * (-len(key) % 4), validate=True))
    except ValueError:
        return False


class SupplierForm(forms.ModelForm[Supplier]):
    """A supplier; its secrets can be set and not be seen."""

    new_secret = _secret(_("Client secret or API key"))
    new_webhook_secret = _secret(_("Secret of its webhook"))
    low = forms.DecimalField(
        label=_("Tell us when it falls below"),
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        widget=UnfoldAdminDecimalFieldWidget,
    )

    class Meta:
        """What people decide."""

        model = Supplier
        fields: ClassVar[list[str]] = [
            "program", "code", "name", "adapter", "base_url", "client_id", "currency", "answer_within_minutes",
            "paused", "paused_because",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the threshold as an amount."""
        super().__init__(*args, **kwargs)
        if self.instance.low_minor is not None:
            self.initial["low"] = to_decimal(self.instance.low_minor, self.instance.currency)
        for name in ("base_url", "client_id"):
            if name in self.fields:
                self.fields[name].widget.attrs["dir"] = "auto"

    def clean_base_url(self) -> str:
        """Money and codes travel there: encrypted, or in a demonstration to the simulator."""
        found: str = self.cleaned_data["base_url"].strip()
        if found == SIMULATOR and settings.DEMO:
            return found
        if not found.startswith("https://"):
            raise ValidationError(_("The address begins with https://."))
        if not _is_public(found):
            raise ValidationError(_("This is no address of a server in the public internet."))
        return found

    def clean_currency(self) -> str:
        """One of ISO 4217."""
        found: str = self.cleaned_data["currency"].strip().upper()
        if not is_currency(found):
            raise ValidationError(_("There is no such currency."))
        return found

    def clean_new_webhook_secret(self) -> str:
        """As Standard Webhooks writes it."""
        found: str = self.cleaned_data["new_webhook_secret"]
        if found and not found.startswith("whsec_"):
            raise ValidationError(_("It begins with whsec_."))
        if found and not _is_key(found):
            raise ValidationError(_("What follows whsec_ is damaged. Copy the secret once more."))
        return found

    def clean(self) -> dict[str, Any]:
        """A pause has a reason, and what is not paused has none."""
        data = super().clean() or {}
        if data.get("paused") and not data.get("paused_because"):
            self.add_error("paused_because", _("Say why, for your colleagues."))
        if not data.get("paused"):
            data["paused_because"] = ""
        if data.get("low") is not None and data.get("currency"):
            self._read_low(data)
        others = Supplier.objects.filter(
            program=data.get("program", self.instance.program_id), code=data.get("code", "")
        )
        if others.exclude(pk=self.instance.pk).exists():
            self.add_error("code", _("Another supplier of the program has this code."))
        if "base_url" in self.changed_data and self.instance.secret and not data.get("new_secret"):
            self.add_error("new_secret", _("The address has changed: enter the secret again."))  # never sent to another
        return data

    def _read_low(self, data: dict[str, Any]) -> None:
        try:
            data["low_minor"] = to_minor(data["low"], data["currency"])
        except ValueError:
            self.add_error("low", _("The currency has fewer decimals."))

    def save(self, commit: bool = True) -> Supplier:  # noqa: FBT001, FBT002 - Django's own
        """Encrypt new secrets; the time to answer begins anew after a pause."""
        row = self.instance
        row.low_minor = self.cleaned_data.get("low_minor")
        for column, name in SECRETS.items():
            if self.cleaned_data.get(name):
                row.keep(column, self.cleaned_data[name])
        if "paused" in self.changed_data and not row.paused:
            row.resumed_at = timezone.now()
        return super().save(commit)


@admin.register(Supplier)
class SupplierAdmin(Bounded, ReadOnly):
    """Suppliers: how they are reached, what is left of their floats, and whether they are paused."""

    bounds: ClassVar[Mapping[str, Mapping[str, int]]] = {"answer_within_minutes": {"min_value": 1, "max_value": 10_080}}
    form = SupplierForm
    list_display = (
        "code",
        "name",
        "program",
        "adapter",
        "shown_balance",
        "balance_at",
        "shown_pause",
        "paused_because",
    )
    list_filter = ("program", "adapter", "paused")
    list_select_related = ("program",)
    search_fields = ("code", "name")
    asked = (
        "program", "code", "name", "adapter", "base_url", "client_id", "new_secret", "new_webhook_secret", "currency",
        "low", "answer_within_minutes", "paused", "paused_because",
    )  # fmt: skip
    shown = (
        "program", "code", "name", "adapter", "base_url", "currency", "answer_within_minutes", "paused",
        "paused_because",
    )  # fmt: skip
    seen = ("shown_balance", "balance_at", "shown_webhook")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change suppliers."""
        return rights.may_change(request.user, Supplier)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may change suppliers, of this program."""
        return rights.may_change(request.user, Supplier, obj)

    def get_fields(self, request: HttpRequest, obj: Supplier | None = None) -> tuple[str, ...]:
        """Readers see no names of accounts."""
        if obj is None:
            return self.asked
        return (*(self.asked if self.has_change_permission(request, obj) else self.shown), *self.seen)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Program and code stay: rewards name it by them."""
        if obj is None:
            return ()
        return ("program", "code", *self.seen)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Programs whose suppliers the reader may change."""
        if db_field.name == "program":
            kwargs["queryset"] = rights.programs_of(request.user, "suppliers.change", whole=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("Float"))
    def shown_balance(self, row: Supplier) -> str:
        """What is left, as far as it is known."""
        return "–" if row.balance_minor is None else formats.amount(row.balance_minor, row.currency)

    @display(description=_("paused"), label={"paused": "warning"})
    def shown_pause(self, row: Supplier) -> Shade | None:
        """Nothing, or the word in a colour: that a supplier works is no alarm."""
        return Shade("paused", gettext("paused")) if row.paused else None

    @display(description=_("Address of its webhook"))
    def shown_webhook(self, row: Supplier) -> SafeString:
        """What the supplier is told."""
        return format_html('<bdi dir="ltr">{}</bdi>', f"{settings.PUBLIC_URL}/hooks/suppliers/{row.uuid}/")
