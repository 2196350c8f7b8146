"""`manage.py suppliers simulate`: two suppliers of rewards, played on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from loyalty.operations.suppliers.simulator import API_KEY, CLIENT_ID, SECRET, Simulator


class Command(BaseCommand):
    """Play suppliers until Ctrl-C."""

    help = "Play a supplier of vouchers and one of mobile top-ups, with faults on demand (docs/suppliers.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("simulate").add_argument("--port", type=int, default=8099)

    def handle(self, *_args: Any, **options: Any) -> None:
        server = Simulator(port=options["port"])
        self.stdout.write(f"Suppliers at {server.url}: client {CLIENT_ID}, secret {SECRET}, API key {API_KEY}.")
        self.stdout.write("Set SIMULATOR_URL to it, or give it to a supplier as its address. Ctrl-C stops it.")
        try:
            server.serve()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
