"""``manage.py vouchers``: prove that every voucher is accounted for; bring codes under a new key."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from rewards.services.proofs import ProvedVouchers, prove_vouchers
from rewards.services.resealing import reseal


class Command(BaseCommand):
    """Look after vouchers."""

    help = "Prove that issued = used + expired + open + void, and that every redemption was paid and handed out once."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        prove = actions.add_parser("prove", help="check all vouchers; exit code 1 when they do not add up")
        prove.add_argument("--json", action="store_true")
        actions.add_parser("reseal", help="bring codes, PINs, numbers and secrets under the newest VOUCHER_KEY")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every proof, or how much was brought under the newest key."""
        if options["action"] == "reseal":
            self._reseal()
            return
        found = prove_vouchers(at=timezone.now())
        self.stdout.write(json.dumps(as_json(found), default=str) if options["json"] else as_text(found))
        if not all(one.ok for one in found):
            raise CommandError("The vouchers do not add up.")

    def _reseal(self) -> None:
        done = reseal()
        counts = f"{done.vouchers} vouchers, {done.redemptions} redemptions, {done.suppliers} suppliers"
        self.stdout.write(f"Brought under the newest key: {counts}.")
        if done.left or done.twice:
            raise CommandError(f"Left: {done.left} vouchers that others held, {done.twice} whose code is there twice.")


def as_json(found: list[ProvedVouchers]) -> dict[str, object]:
    """The report's shape: ok, programs with totals, proofs with their offending rows."""
    return {"ok": all(one.ok for one in found), "programs": [_program(one) for one in found]}


def _program(one: ProvedVouchers) -> dict[str, object]:
    proofs = [{"name": p.name, "ok": p.ok, "rows": p.rows, "sample": p.sample} for p in one.proofs]
    return {"program": one.program.code, "ok": one.ok, "totals": one.totals, "proofs": proofs}


def as_text(found: list[ProvedVouchers]) -> str:
    """One line a proof; a wrong one with its first rows."""
    lines = []
    for one in found:
        totals = ", ".join(f"{count} {name}" for name, count in one.totals.items())
        lines.append(f"{one.program.code}: {'ok' if one.ok else 'WRONG'} ({totals})")
        for proof in one.proofs:
            count = f" ({proof.rows})" if proof.rows else ""
            lines.append(f"  {'ok   ' if proof.ok else 'WRONG'} {proof.name}{count}")
            lines.extend(f"          {row}" for row in proof.sample)
    return "\n".join(lines) or "There are no programs yet."
