"""What joining asks: of people and of businesses, in programs with terms and without."""

from typing import Any

from django import forms
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from core.models import Market, Program, User
from loyalty.identity.addresses import Address, country_of, read_address
from loyalty.portal.places import countries
from members.rules.joining import CUSTOMER, MERCHANT, categories
from members.rules.profiles import CONSENTS
from members.services.terms import Acceptance

OF_PEOPLE = ("birth_date",)
OF_BUSINESSES = ("legal_name", "trading_name", "category")


class JoinForm(forms.Form):
    """What a new member says. Whoever is signed in has an address already."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Tell us your name.")})
    legal_name = forms.CharField(max_length=200, error_messages={"required": _("Tell us the name of your business.")})
    trading_name = forms.CharField(max_length=200, required=False)
    category = forms.CharField(max_length=80, error_messages={"required": _("Tell us what your business does.")})
    address = forms.CharField(
        max_length=254, error_messages={"required": _("Enter an e-mail address or a phone number.")}
    )
    market = forms.ChoiceField()
    language = forms.ChoiceField()
    birth_date = forms.DateField(required=False, error_messages={"invalid": _("This is not a date.")})
    terms = forms.CharField(error_messages={"required": _("Please accept the terms to join.")})
    marketing = forms.BooleanField(required=False)
    profiling = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,
        program: Program,
        kind: str = CUSTOMER,
        markets: list[Market],
        user: User | None,
        **kwargs: Any,
    ) -> None:
        """Ask what this kind of member is asked, offering the program's markets, languages and lines of business."""
        super().__init__(*args, **kwargs)
        self.program, self.kind, self.markets = program, kind, markets
        self.choose("market", [(market.code, market.name) for market in markets])
        self.choose("language", [(code, get_language_info(code)["name_local"]) for code in program.languages])
        unasked = OF_PEOPLE if kind == MERCHANT else OF_BUSINESSES
        for name in (*unasked, *["address"] * bool(user), *["terms"] * (not program.terms_id)):
            del self.fields[name]
        if kind == MERCHANT:
            self.choose_category()

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What can be chosen."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # it is declared above
        field.choices = choices

    def choose_category(self) -> None:
        """One of the program's lines of business, if it names any."""
        offered = categories(self.program.joining, language=get_language() or "")
        if offered:
            errors = {"required": _("Tell us what your business does.")}
            self.fields["category"] = forms.ChoiceField(choices=[("", "–"), *offered], error_messages=errors)

    def clean_address(self) -> Address:
        """Codes by SMS go to the program's countries only: numbers elsewhere cost, and are used to make them cost."""
        known = countries(self.markets)
        address = read_address(self.cleaned_data["address"], countries=known)
        if address.phone and country_of(address.phone) not in known:
            raise forms.ValidationError(_("We cannot send codes to this country. Use your e-mail address."))
        return address

    def clean_terms(self) -> Acceptance:
        """Those that were there to be read are those in force."""
        terms = self.program.terms
        if terms is None or self.cleaned_data["terms"] != str(terms.pk):
            raise forms.ValidationError(_("The terms have changed. Please read and accept them again."))
        return Acceptance(terms.pk, terms.spoken(get_language() or "")[0])

    @property
    def accepted(self) -> Acceptance | None:
        """The terms that were accepted; None where there are none."""
        found: Acceptance | None = self.cleaned_data.get("terms")
        return found

    def profile(self) -> dict[str, object]:
        """The member, in the shape of the API."""
        given = self.cleaned_data
        return {
            "market": given["market"],
            "language": given["language"],
            "name": given["name"],
            "consents": {purpose: given[purpose] for purpose in CONSENTS},
            **(self._business() if self.kind == MERCHANT else self._person()),
        }

    def _person(self) -> dict[str, object]:
        born = self.cleaned_data["birth_date"]
        return {"birth_date": born.isoformat() if born else None}

    def _business(self) -> dict[str, object]:
        return {"kind": MERCHANT, "merchant": {name: self.cleaned_data[name] for name in OF_BUSINESSES}}
