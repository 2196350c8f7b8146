"""The cells of a reward in a spreadsheet: as a person types them, and as they are shown."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from core.rules.sheets import FORMULA, Turned
from loyalty.backoffice.reward_judging import LANGUAGES, TEXTS
from rewards.models import Reward

MOST_CELL = 20_000
PLAIN = ("code", "kind", "category", "brand", "stock", "supplier", "sku", "valid_days", "points", "image")
LISTS = ("markets", "tiers", "outlets", "denominations", "cost", "per_member")
SAID = tuple(f"{text}_{code}" for text in TEXTS for code in LANGUAGES)
NOT_TEXT = frozenset({"valid_days", "points", "low_stock", "paused", "retired"})
YES, NO = frozenset({"1", "true", "yes", "x"}), frozenset({"", "0", "false", "no"})
COLUMNS = ("program", *PLAIN[:4], *SAID, *LISTS, *PLAIN[4:], "low_stock", "paused", "retired")
DENOMINATION = re.compile(r"(?P<value>[\d.]+) (?P<currency>[A-Z]{3}) = (?P<points>\d+)")
AMOUNT = re.compile(r"(?P<currency>[A-Z]{3}) (?P<amount>[\d.]+)")
LIMIT = re.compile(r"(?P<times>\d+) per (?P<per>\w+)")


def read_cell(name: str, value: object) -> str:
    """The text of a cell. Raises ValidationError: too long, like a formula, or made something else by a spreadsheet."""
    text = "" if value is None else str(value).strip()
    if isinstance(value, Turned) and name not in NOT_TEXT:
        said = _("%(name)s: the spreadsheet has made something else of what was typed. Format the column as text")
        raise ValidationError(said % {"name": name})
    if len(text) > MOST_CELL:
        raise ValidationError(_("%(name)s: the cell is too long") % {"name": name})
    if text[:2] and text[0] == "'" and text[1:2] in FORMULA:
        text = text[1:]
    elif text.startswith(FORMULA):
        raise ValidationError(_("%(name)s: a cell must not begin like a formula") % {"name": name})
    return text


def said_entry(row: Mapping[str, str], item: dict[str, Any]) -> dict[str, Any]:
    """The entry with what the row says in place of what was; an empty cell empties."""
    for name in ("kind", "category", "brand", "image"):
        if name in row:
            item[name] = row[name] or None
    for name in ("points", "valid_days"):
        if name in row:
            item[name] = read_number(name, row[name])
    for text in TEXTS:
        given = {one: row[f"{text}_{one}"] for one in LANGUAGES if f"{text}_{one}" in row}
        merged = {**(item.get(text) or {}), **given}
        item[text] = {one: said for one, said in merged.items() if said} or None
    for name in ("markets", "tiers", "outlets"):
        if name in row:
            item[name] = [part for part in re.split(r"[\s,;]+", row[name]) if part] or None
    return _priced(row, item)


def _priced(row: Mapping[str, str], item: dict[str, Any]) -> dict[str, Any]:
    if "denominations" in row:
        found = _parts("denominations", row["denominations"], DENOMINATION, "10.00 SGD = 1000")
        item["denominations"] = [{**part, "points": int(part["points"])} for part in found] or None
    if "cost" in row:
        found = _parts("cost", row["cost"], AMOUNT, "SGD 4.50")
        item["cost"] = _costs(found)
    if "per_member" in row:
        found = _parts("per_member", row["per_member"], LIMIT, "2 per month")
        item["per_member"] = {"times": int(found[0]["times"]), "per": found[0]["per"]} if found else None
    if "stock" in row:
        supplier = {"supplier": row.get("supplier", ""), "sku": row.get("sku", "")}
        item["stock"] = supplier if row["stock"] == "supplier" else row["stock"] or None
    return item


def _costs(found: list[dict[str, str]]) -> dict[str, str] | None:
    costs = {part["currency"]: part["amount"] for part in found}
    if len(costs) < len(found):
        raise ValidationError(_("cost: a currency stands in it twice"))
    return costs or None


def read_flag(name: str, text: str) -> bool:
    """A yes or a no. Raises ValidationError: neither."""
    said = text.lower()
    if said not in YES | NO:
        raise ValidationError(_("%(name)s: write 1 for yes, or leave the cell empty for no") % {"name": name})
    return said in YES


def _parts(name: str, text: str, form: re.Pattern[str], example: str) -> list[dict[str, str]]:
    """The parts of a cell, apart by semicolons."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        if not (fit := form.fullmatch(part)):
            message = _("%(name)s: write it like “%(example)s”, several apart by semicolons")
            raise ValidationError(message % {"name": name, "example": example})
        found.append(fit.groupdict())
    return found


def read_number(name: str, text: str) -> int | None:
    """A whole number, none for an empty cell. Raises ValidationError: no such number, or too large a one."""
    plain = text.removesuffix(".0")
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) < 16):  # noqa: PLR2004 - fits a bigint
        raise ValidationError(_("%(name)s: a whole number, without separators") % {"name": name})
    return int(Decimal(plain))


def shown_cells(reward: Reward) -> dict[str, str]:
    """What a reward has in each column."""
    texts = {f"{t}_{one}": getattr(reward, build_localized_fieldname(t, one)) or "" for t in TEXTS for one in LANGUAGES}
    values = {
        "program": reward.program.code, "code": reward.code, "kind": reward.kind, "category": reward.category,
        "brand": reward.brand, "stock": reward.stock, "supplier": reward.supplier, "sku": reward.sku,
        "valid_days": reward.valid_days, "points": reward.points, "image": reward.picture,
        "markets": " ".join(reward.markets), "tiers": " ".join(reward.tiers),
        "outlets": " ".join(reward.outlets),
        "denominations": "; ".join(f"{d['value']} {d['currency']} = {d['points']}" for d in reward.denominations),
        "cost": "; ".join(f"{currency} {amount}" for currency, amount in reward.cost.items()),
        "per_member": f"{reward.limit_times} per {reward.limit_per}" if reward.limit_times else "",
        "low_stock": reward.low_stock,
        "paused": "1" if reward.paused else "",
        "retired": "1" if reward.retired else "",
    }  # fmt: skip
    return texts | {name: "" if value is None else str(value) for name, value in values.items()}
