"""``manage.py create_api_client PROGRAM NAME --scopes "a b"``."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import Program
from core.refusals import Invalid
from core.rules.scopes import SCOPES
from core.services.clients import create_client


class Command(BaseCommand):
    """Create a client of the API and print its id and secret, once, as JSON."""

    help = "Create a client of the API and print its id and secret, once, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", help="code of the program whose data the client may see")
        parser.add_argument("name", help="who it is, for people")
        parser.add_argument("--scopes", required=True, help=f"what it may do, with spaces between: {' '.join(SCOPES)}")
        parser.add_argument("--requests-per-second", type=int, default=600, help="how fast it may ask (600)")

    def handle(self, *args: Any, **options: Any) -> None:
        program = Program.objects.filter(code=options["program"]).first()
        if program is None:
            codes = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise CommandError(f"There is no program {options['program']}. Programs: {codes}.")
        try:
            credentials = create_client(
                program=program,
                name=options["name"],
                scopes=options["scopes"].replace(",", " ").split(),
                requests_per_second=options["requests_per_second"],
            )
        except Invalid as invalid:
            raise CommandError(" ".join(str(error.detail) for error in invalid.errors)) from None
        self.stdout.write(json.dumps(asdict(credentials)))
