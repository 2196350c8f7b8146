"""What joining asks: of people and of businesses, in programs with terms and without."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from core.models import Market, Program, User
from loyalty.identity.addresses import Address, country_of, read_address
from loyalty.portal.places import countries
from members.rules import readers
from members.rules.joining import CUSTOMER, MERCHANT, categories
from members.rules.profiles import CONSENTS
from members.services.terms import Acceptance

OF_PEOPLE = ("birth_date",)
OF_BUSINESSES = ("legal_name", "trading_name", "category")
PLAIN = ("name", "market", "language", *OF_PEOPLE)
ADDRESSES = {"email": "address", "phone": "address"}  # fields of a profile that go by another name here
NO_DATE = _("This is not a date.")
WRONG: Mapping[tuple[str, str], Promise] = {
    ("birth_date", "in-the-future"): _("This day is still to come."),
    ("birth_date", "invalid"): _("This day is too long ago."),
}


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
    birth_date = forms.DateField(required=False, error_messages={"invalid": NO_DATE})
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

    def clean_birth_date(self) -> date | None:
        """A day on which somebody alive may have been born: judged now, before the code is sent."""
        born: date | None = self.cleaned_data["birth_date"]
        try:
            return readers.birth_date(born and born.isoformat(), timezone.now())
        except readers.Wrong as wrong:
            raise forms.ValidationError(_sentence("birth_date", wrong.code)) from None

    def refuse(self, wrongs: Iterable[tuple[str, str]]) -> None:
        """Show what the program refused beside its fields, unless the form itself says what is wrong there."""
        for name, code in wrongs:
            field = ADDRESSES.get(name, name)
            if field in self.fields and field not in self.errors:
                self.add_error(field, _sentence(name, code))

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


def as_sent(profile: Mapping[str, Any], accepted: Acceptance | None) -> dict[str, object]:
    """What a browser sent for this profile, less the address."""
    return {
        **{name: profile.get(name) or "" for name in PLAIN},
        **(profile.get("merchant") or {}),
        **profile["consents"],
        "terms": accepted.terms if accepted else "",
    }


def _sentence(name: str, code: str) -> str:
    return str(WRONG.get((name, code), _("This cannot be taken. Please check it.")))
