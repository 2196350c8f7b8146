"""Reading what an outlet asks: which code, where, for what amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid, told, unknown_fields
from core.rules.money import WrongAmount, is_currency, read_amount, read_minor
from core.rules.texts import is_storable

KNOWN = ("code", "outlet", "amount", "currency")
UNDO = "undo"
REQUIRED = ("code", "outlet")
LONGEST = {"code": 200, "outlet": 40, "amount": 30, "currency": 3}


@dataclass(frozen=True, slots=True)
class UseRequest:
    """A code, typed or scanned, at an outlet (its code). ``amount``: minor units of ``currency``; None = not said.

    Without ``currency`` an amount is in that of the outlet's market, which is asked with ``minor``. ``undo``: of
    voiding, nothing but to give back what this outlet took.
    """

    code: str
    outlet: str
    amount: Decimal | None = None
    currency: str = ""
    undo: bool = False

    def minor(self, currency: str) -> int | None:
        """The amount in minor units of the currency that it is in. Raises Invalid: too many decimals, too much."""
        if self.amount is None:
            return None
        try:
            return read_minor(self.amount, currency)
        except WrongAmount as wrong:
            raise Invalid(errors=[_wrong(wrong)]) from None


def read_use(body: object, *, voids: bool = False) -> UseRequest:
    """A request out of JSON; ``voids``: to take a voucher out of use. Raises Invalid with all that is wrong."""
    if not isinstance(body, Mapping):
        raise Invalid(errors=[FieldError("", "invalid", _("send an object with code and outlet"))])
    errors = unknown_fields(body.keys() - {*KNOWN, *([UNDO] if voids else [])})
    texts = {name: _text(body, name, errors) for name in KNOWN}
    if texts["currency"] and not is_currency(texts["currency"]):
        errors.append(FieldError("/currency", "wrong-currency", _("This is no currency: send a code like SGD.")))
    amount = _amount(texts["amount"], errors)
    undo = body.get(UNDO, False) if voids else False
    if not isinstance(undo, bool):
        errors.append(FieldError(f"/{UNDO}", "invalid", _("%(name)s is true or false") % {"name": UNDO}))
    if errors:
        raise Invalid(errors=errors)
    return UseRequest(texts["code"], texts["outlet"], amount, texts["currency"], undo)


def _text(body: Mapping[str, Any], name: str, errors: list[FieldError]) -> str:
    value = body.get(name)
    if value is None:
        if name in REQUIRED:
            errors.append(FieldError(f"/{name}", "required", _("say which %(name)s") % {"name": name}))
        return ""
    if not isinstance(value, str) or not value.strip() or not is_storable(value):
        errors.append(FieldError(f"/{name}", "invalid", _("%(name)s is a text") % {"name": name}))
        return ""
    if len(value) > LONGEST[name]:
        detail = _("%(name)s has at most %(most)s characters") % {"name": name, "most": LONGEST[name]}
        errors.append(FieldError(f"/{name}", "too-long", detail))
        return ""
    return value


def _amount(text: str, errors: list[FieldError]) -> Decimal | None:
    if not text:
        return None
    try:
        return read_amount(text)
    except WrongAmount as wrong:
        errors.append(_wrong(wrong))
        return None


def _wrong(wrong: WrongAmount) -> FieldError:
    return FieldError("/amount", wrong.code, told(wrong))
