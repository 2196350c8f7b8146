"""A small program for tests of members: two markets, a region, a ladder, declared attributes."""

from decimal import Decimal

from core.models import Market, Program, Region
from members.models import Attribute, Segment, Tier


def make_program(code: str = "demo") -> Program:
    """Singapore in English and Indonesia in Indonesian; silver is the first tier; hobby, visits and budget declared."""
    program = Program.objects.create(
        code=code,
        name="Demo",
        languages=["en", "id"],
        currency="SGD",
        timezone="Asia/Singapore",
        points_name="points",
        points_expire="never",
        liability_value=Decimal("0.01"),
    )
    _market(program, "SG", "SGD", "Asia/Singapore", ["en"])
    indonesia = _market(program, "ID", "IDR", "Asia/Jakarta", ["id", "en"])
    Region.objects.create(program=program, market=indonesia, code="JKT", name="Greater Jakarta")
    for rank, tier in enumerate(("silver", "gold"), 1):
        Tier.objects.create(program=program, code=tier, name=tier.title(), rank=rank)
    for attribute, kind in (("hobby", "text"), ("visits", "integer"), ("budget", "amount"), ("since", "date")):
        Attribute.objects.create(program=program, code=attribute, type=kind)
    Attribute.objects.create(program=program, code="size", type="choice", choices=["small", "large"])
    Segment.objects.create(program=program, code="vip", name="Invited", kind="list")
    return program


def _market(program: Program, code: str, currency: str, timezone: str, languages: list[str]) -> Market:
    return Market.objects.create(
        program=program, code=code, name=code, currency=currency, timezone=timezone, languages=languages
    )
