"""What the invented rewards of the demonstration promise is what the product does with them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings

from core.models import Program
from loyalty.display.rewards import picture
from loyalty.operations.demo.catalogue import DOZENS, FEW, UNITS, fill_marketplace, invented
from loyalty.operations.program_file.loading import load_program
from loyalty.operations.program_file.sections.rewards import reward_columns
from rewards.models import Reward
from rewards.rules.categories import CATEGORIES
from rewards.selectors.pieces import count_pieces
from tests.campaigns.world import NOW

pytestmark = pytest.mark.django_db
PICTURES = Path(settings.BASE_DIR, "static", "rewards")
FOREIGN = re.compile(r"<(text|script|style|image|foreignObject)|href|var\(|@import|\son\w+=")


def goods(program: str = "wallet") -> dict[str, list[Mapping[str, Any]]]:
    """The rewards of a program by kind, top-ups apart from other credit."""
    raw = Path(settings.BASE_DIR, "programs", f"{program}.yaml").read_bytes()
    assert not load_program(raw=raw, at=NOW, why="test").errors
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in invented(Program.objects.get(code=program)):
        is_top_up = item["kind"] == "prepaid_credit" and isinstance(item["stock"], dict)
        found["top_up" if is_top_up else item["kind"]].append(item)
    return found


def test_terms_and_texts_are_those_of_the_kind() -> None:
    found = goods()
    said = {kind: {(item["text"]["en"].replace(item["brand"], "B"), item["terms"]["en"]) for item in items}
            for kind, items in found.items()}  # fmt: skip
    assert all(len(texts) == 1 for texts in said.values())
    texts = {kind: " ".join(next(iter(both))) for kind, both in said.items()}
    assert {kind for kind, text in texts.items() if "One code, one use." in text} == {
        "voucher", "experience", "merchandise", "prepaid_credit"
    }  # fmt: skip
    assert {kind for kind, text in texts.items() if "minutes" in text} == {"top_up"}
    assert {kind for kind, text in texts.items() if "bill" in text} == {"gift_card"}
    assert {kind for kind, text in texts.items() if "cashback wallet" in text} == {"cashback"}
    for items in found.values():
        for name in ("name", "text", "terms"):
            assert all(item[name].keys() == {"en", "id", "ms", "vi", "th"} for item in items)
            assert not any("{" in text for item in items for text in item[name].values())


def test_some_gift_cards_are_codes_of_several_values_of_which_the_smallest_is_there() -> None:
    goods()
    program = Program.objects.get(code="wallet")
    fill_marketplace(program)
    cards = list(Reward.objects.filter(program=program, stock="codes").exclude(denominations=[]).order_by("code"))
    assert len(cards) > 1
    left = {pk: pieces.of_value for pk, pieces in count_pieces(cards, member=None, at=NOW).items()}
    assert {left[one.pk][one.values[0]] for one in cards} == {DOZENS}
    assert {left[one.pk][one.values[-1]] for one in cards} == {0, FEW}


def test_cashback_pays_what_its_name_says_and_neither_it_nor_top_ups_expire() -> None:
    found = goods()
    for item in found["cashback"]:
        assert Reward(**reward_columns(dict(item))).pays_out
        ((currency, paid),) = item["cost"].items()
        assert Decimal(paid) == Decimal(UNITS[currency]) * item["points"] / 100
    assert not any("valid_days" in item for item in (*found["cashback"], *found["top_up"]))
    assert all(item["valid_days"] for item in found["voucher"])


def test_every_category_has_a_small_picture_that_stands_alone() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == set(CATEGORIES)
    for path in PICTURES.iterdir():
        drawn = path.read_text()
        assert ET.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(drawn) < 3000
        assert not FOREIGN.search(drawn)


def test_goods_have_the_picture_of_their_category_and_what_only_a_brand_says_has_none() -> None:
    for items in goods().values():
        for item in items:
            is_money = item["kind"] == "gift_card" or item["name"]["en"].endswith(" voucher")
            assert item.get("image") == (None if is_money else f"rewards/{item['category']}.svg")
    for program in ("wallet", "merchant", "automotive"):
        goods(program)
        rows = Reward.objects.filter(program__code=program, from_file=True)
        assert rows
        assert all(picture(row).endswith(f"rewards/{row.category}.svg") for row in rows)
