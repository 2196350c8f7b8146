"""The map of addresses, and what docs/security.md says of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, resolve

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "security.md"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ROW = re.compile(r"^\| `(/[^`]*)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
CATCH_ALL = {"^api(?:/|$)": "/api…", "office/(?P<url>.*)$": "/office/…"}


@dataclass(frozen=True)
class Claim:
    """A row of the document: an address, who may come, what keeps forged requests out, what limits tries."""

    address: str
    who: str
    forged: str
    limit: str

    def at(self, **values: object) -> str:
        """The address with its parameters filled."""
        return self.address.replace("…", "nowhere/").format(**values)


def claims() -> dict[str, Claim]:
    """Every row by its address; an address has one row."""
    rows = [Claim(*(cell.strip() for cell in row)) for row in ROW.findall(DOCUMENT.read_text())]
    found = {claim.address: claim for claim in rows}
    assert len(found) == len(rows)
    return found


def addresses() -> dict[str, Any]:
    """Every address that leads somewhere and the view behind it: the first one counts, as it does for requests."""
    found: dict[str, Any] = {}
    for route, view in _walk(get_resolver(), ""):
        found.setdefault(_plain(route), view)
    return found


def address_of(path: str) -> str:
    """The address of the map at which a path is answered."""
    return _plain(resolve(path).route)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _walk(pattern, route)


def _plain(route: str) -> str:
    """As people write addresses; those of models that only differ in the model are one."""
    if route in CATCH_ALL:
        return CATCH_ALL[route]
    if "app_label" in route:
        return "/office/{app}/"
    address = "/" + PARAMETER.sub(r"{\1}", route)
    for model in admin.site._registry:
        address = address.replace(
            f"/office/{model._meta.app_label}/{model._meta.model_name}/", "/office/{app}/{model}/"
        )
    own = OF_ONE_MODEL.get(address.removeprefix("/office/{app}/{model}/"))
    return f"/office/{own}" if own else address


OF_ONE_MODEL = {
    "{object_id}/contact/": "members/member/{object_id}/contact/",
    "{pk}/cancel/": "core/job/{pk}/cancel/",
    "{pk}/step/": "campaigns/campaign/{pk}/step/",
    "{pk}/review/": "members/referral/{pk}/review/",
    "{pk}/code/": "rewards/voucher/{pk}/code/",
    "find/": "rewards/voucher/find/",
    "{pk}/decide/": "rewards/redemption/{pk}/decide/",
    "{pk}/give-back/": "rewards/redemption/{pk}/give-back/",
    "{pk}/again/": "rewards/redemption/{pk}/again/",
    "{pk}/ask/": "rewards/supplierorder/{pk}/ask/",
    "{pk}/settle/": "rewards/supplierorder/{pk}/settle/",
    "{id}/password/": "core/user/{id}/password/",
    "import/": "rewards/reward/import/",
    "import/errors/": "rewards/reward/import/errors/",
    "process_import/": "rewards/reward/process_import/",
    "export/": "rewards/reward/export/",
}


def areas_of_models() -> dict[str, str]:
    """The area of each model of the back office: ``superusers`` for theirs."""
    table = DOCUMENT.read_text().partition("| area | models |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    return {label: area for area, labels in rows for label in re.findall(r"`([\w.]+)`", labels)}


def documented_roles() -> dict[str, set[str]]:
    """The permissions of each role."""
    table = DOCUMENT.read_text().partition("| area | marketer |")[2].partition("\n\n")[0]
    names = [
        "marketer",
        *(name.strip().replace(" ", "_") for name in table.partition("\n")[0].split("|") if name.strip()),
    ]
    roles: dict[str, set[str]] = {name: set() for name in names}
    for row in table.splitlines()[2:]:
        area, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        for name, cell in zip(names, cells, strict=True):
            roles[name] |= {f"{area.strip('`')}.{act}" for act in cell.split() if act != "–"}
    return roles
