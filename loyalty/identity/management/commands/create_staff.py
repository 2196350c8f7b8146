"""``manage.py create_staff USERNAME --program CODE --role ROLE``."""

import json
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import Program, Region, User
from dealers.models import Dealer, Outlet, StaffRole
from loyalty.identity.staff import Post, make_staff

PLACES = {
    "regional_manager": (Region, "region"),
    "dealer_manager": (Dealer, "dealer"),
    "outlet_adviser": (Outlet, "outlet"),
}


class Command(BaseCommand):
    """Make an account for staff and print its first password, once, as JSON."""

    help = "Make an account for staff and print its first password, once; the second factor is set up at first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--program", required=True, help="code of the program")
        parser.add_argument("--role", required=True, choices=StaffRole.Role.values)
        parser.add_argument("--place", default="", help="code of the region, dealer or outlet of a role that has one")
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="", help="first and last name")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(username=options["username"]).exists():
            raise CommandError(f"There is a user {options['username']} already.")
        program = Program.objects.filter(code=options["program"]).first()
        if program is None:
            codes = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise CommandError(f"There is no program {options['program']}. Programs: {codes}.")
        password = secrets.token_urlsafe(12)
        make_staff(
            username=options["username"],
            email=options["email"],
            name=options["name"],
            password=password,
            roles=[Post(program, options["role"], **_place(program, options["role"], options["place"]))],
        )
        self.stdout.write(json.dumps({"username": options["username"], "password": password}))


def _place(program: Program, role: str, code: str) -> dict[str, Any]:
    """The region, dealer or outlet that the role is for."""
    if role not in PLACES:
        return {}
    model, name = PLACES[role]
    found = model._default_manager.filter(program=program, code=code).first()  # type: ignore[misc]  # each has both
    if found is None:
        raise CommandError(f"A {role} needs --place, the code of a {name} of {program.code}.")
    return {name: found}
