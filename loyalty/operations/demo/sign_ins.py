"""Who may sign in to the demonstration: portal accounts are opened, and all sign-ins told in one table."""

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from rich.console import Console
from rich.table import Table

from core.models import Program, User
from loyalty.identity.addresses import Address
from loyalty.identity.people import claim_memberships, prove
from loyalty.operations.demo.keys import password, totp_secret
from loyalty.operations.demo.personas import PEOPLE
from loyalty.operations.demo.staff import STAFF
from members.services.terms import Acceptance, accept_terms

WIDTH = 118


@dataclass(frozen=True, slots=True)
class SignIn:
    """A row of the table. ``program`` is empty for staff, ``secret`` for members."""

    where: str
    login: str
    name: str
    shows: str | Promise
    program: str = ""
    secret: str = ""


@transaction.atomic
def open_accounts() -> None:
    """Give every persona of the programs that exist a portal account with a proven address."""
    hashed = make_password(password())  # once: it takes its time on purpose
    for row in members():
        user = prove(Address(email=row.login))
        user.password = hashed
        user.save(update_fields=["password"])
        claim_memberships(user)
        for member in user.memberships.select_related("program").exclude(program__terms=None):
            accepted = Acceptance(member.program.terms_id or 0, member.language)
            accept_terms(member=member, accepted=accepted, at=member.enrolled_at)


def members() -> Iterator[SignIn]:
    """The personas of the programs that exist."""
    present = set(Program.objects.filter(code__in=PEOPLE).values_list("code", flat=True))
    for code, people in PEOPLE.items():
        for persona in people(timezone.now()) if code in present else ():
            yield SignIn(f"/p/{code}/", persona.email, persona.name, persona.shows, program=code)


def colleagues() -> Iterator[SignIn]:
    """Staff whose accounts exist."""
    present = set(User.objects.filter(username__in=[one.username for one in STAFF]).values_list("username", flat=True))
    for one in STAFF:
        if one.username in present:
            yield SignIn("/office/", one.username, one.name, one.does, secret=totp_secret(one.username))


def as_text() -> str:
    """The table for the terminal."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH)
    console.print(_table("members", ((row.where, row.login, f"{row.name}. {row.shows}") for row in members())))
    console.print()
    people = ((row.where, row.login, f"{row.name}, {row.shows}", row.secret) for row in colleagues())
    console.print(_table("staff", people, "authenticator secret"))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join(
        [
            *lines,
            "",
            f"Password of all of these: {password()}",
            "Or sign in by code: the mails are shown at /demo/mail",
            "An authenticator's code without a telephone: .venv/bin/python manage.py demo code USER",
        ]
    )


def _table(who: str, rows: Iterable[Sequence[str]], *more: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (who, "sign in as", "", *more):
        table.add_column(title, no_wrap=bool(title))
    for row in rows:
        table.add_row(*row)
    return table


def write(text: str) -> Path:
    """Keep the table in ``var/demo-sign-ins.txt``, for nobody else to read."""
    path = Path(settings.VAR_DIR, "demo-sign-ins.txt")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return path
