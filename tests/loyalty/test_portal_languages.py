"""Pages in other languages have no English left over."""

import re

import pytest
from django.utils import timezone, translation

from campaigns.models import Badge, Campaign
from core.models import Market
from members.models import Member, Notice
from tests.campaigns.world import campaign, everyday, fixed, rule
from tests.loyalty.portal import PAGES, Visitor, portal_world, visit

pytestmark = pytest.mark.django_db
LATIN = re.compile(r"[A-Za-z]{3,}")
# Names that are the same everywhere: currencies, the member's and the car's own, languages by their own names.
NAMES = {
    "SGD",
    "SBA",
    "ann",
    "example",
    "com",
    "Sahrin",
    "Dune",
    "English",
    "Bahasa",
    "Indonesia",
    "Melayu",
    "Ti",
    "Vi",
}
TEXTS = {"ar": "كل يوم", "vi": "Mỗi ngày"}


@pytest.fixture
def ann() -> Visitor:
    texts = {"en": "x", **TEXTS}
    names = {"name": {"en": "x", "ar": "برنامج", "vi": "Chương trình"}}
    world = portal_world(
        everyday(name=texts, text=texts, terms=texts),
        program={**names, "points": {"name": {"en": "x", "ar": "نقطة", "vi": "điểm"}, "expire": "never",
                                     "pending_days": 0, "liability_value": "0.01"}},
    )  # fmt: skip
    for name, value in TEXTS.items():
        with translation.override(name):
            for row in world.program.event_types.all():
                row.name = value
                row.save()
    Badge.objects.update(name_ar="وسام", name_vi="Huy hiệu")
    Market.objects.update(name_ar="سنغافورة", name_vi="Xin-ga-po")
    car = {"vin": "V1", "plate": "SBA 1", "model": "Sahrin Dune", "warranty_until": "2030-05-01"}
    member = world.member("ann", vehicles=[car], name="ann", email="ann@example.com")
    world.send(*(world.event("50.00", time=timezone.now().isoformat()) for _ in range(3)), at=timezone.now())
    Notice.objects.create(member=member, kind="welcome", key="welcome", at=timezone.now())
    return visit(world, member)


def english_words(visitor: Visitor, page: str) -> set[str]:
    return {word for text in visitor.words(page) for word in LATIN.findall(text)} - NAMES


@pytest.mark.parametrize("address", PAGES)
def test_an_arabic_page_is_arabic_all_over(ann: Visitor, address: str) -> None:
    Member.objects.filter(pk=ann.member.pk).update(language="ar")
    assert 'lang="ar"' in ann.get(address)
    assert 'dir="rtl"' in ann.get(address)
    assert english_words(ann, address) == set()


@pytest.mark.parametrize("address", PAGES)
def test_a_vietnamese_page_shares_no_sentence_with_the_english_one(ann: Visitor, address: str) -> None:
    english = {text for text in ann.words(address) if len(LATIN.findall(text)) > 1}
    Member.objects.filter(pk=ann.member.pk).update(language="vi")
    vietnamese = set(ann.words(address))
    assert {text for text in english & vietnamese if set(LATIN.findall(text)) - NAMES} == set()


def test_figures_follow_the_language(ann: Visitor) -> None:
    assert "SGD 1.50" in ann.text()
    Member.objects.filter(pk=ann.member.pk).update(language="vi")
    assert "1,50 SGD" in ann.text()


def test_a_campaign_without_words_in_a_language_is_told_in_another(ann: Visitor) -> None:
    Campaign.objects.update(name_ar="", text_ar="")
    Member.objects.filter(pk=ann.member.pk).update(language="ar")
    assert rule("r", fixed(1))["code"] == "r"
    assert "نقطة واحدة" in ann.text("earn/")


def test_codes_that_nobody_put_into_words_are_not_read_in_other_languages() -> None:
    bills = {"fact": "event.data.category", "op": "eq", "value": "bill"}
    world = portal_world(campaign("bills", rule("r", fixed(5), when=bills), name={"en": "Bills", "ar": "الفواتير"}))
    ann = visit(world, world.member("ann"))
    world.send(world.event("50.00", time=timezone.now().isoformat(), data={"category": "shopping"}), at=timezone.now())
    assert "Bills: Category: Shopping. It takes Bill." in ann.text("activity/")
    Member.objects.filter(pk=ann.member.pk).update(language="ar")
    assert "الفواتير: لم تكن هذه من النوع الذي تكافئه" in ann.text("activity/")
    assert "Shopping" not in ann.text("activity/")
    assert "Bill" not in ann.text("earn/")
