"""The catalogue of rewards, and its shelves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from modeltranslation.utils import build_localized_fieldname

from core.models import Program
from core.models.texts import Translated
from dealers.models import Outlet
from rewards.models.categories import Kind, Per, Stock
from rewards.rules.prices import Value, value_of
from rewards.rules.searching import search_text

LANGUAGES = ("en", "id", "ms", "vi", "th", "ar")


class SearchText(models.TextField[str, str]):
    """What search compares, made anew out of the other columns by every save, single or in bulk."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002, FBT001 - as Django calls it
        """Names in every language, brand, code, category; then the description."""
        row: Any = model_instance
        texts = {name: [_spoken(row, name, code) for code in LANGUAGES] for name in ("name", "text")}
        made = search_text(
            names=[*texts["name"], row.brand], code=row.code, category=row.category, descriptions=texts["text"]
        )
        setattr(row, self.attname, made)
        return made


def _spoken(row: models.Model, name: str, language: str) -> str:
    return getattr(row, build_localized_fieldname(name, language), None) or ""


class Reward(Translated):
    """Something a member can be given or can spend points on.

    It costs ``points``, or has ``denominations`` (``[{"value": "10.00", "currency": "SGD", "points": 1000}]``), or has
    neither and is only given. ``cost``: what a piece costs the program, decimal strings by currency. ``markets`` and
    ``tiers`` are codes; no tiers = for everybody. ``outlets``: codes of the outlets, of dealers with all of theirs, or
    of kinds of outlets that take its vouchers; none = all of its markets. A member may take ``limit_times`` pieces in a
    period ``limit_per``; pieces are good for ``valid_days`` (None = for ever). ``supplier`` and ``sku`` say where a
    supplier's pieces come from. ``picture`` is a file in the folder of brands. ``paused``: shown, and not to be had for
    the time being. ``low_stock``: staff are told when so many codes or fewer are left, of a value where there are
    denominations. ``from_file``: a program file says what it is; all others live here alone, and no file retires them.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="rewards")
    code = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)
    category = models.CharField(max_length=40)
    brand = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    text = models.TextField(default="", blank=True)
    terms = models.TextField(default="", blank=True)
    markets = ArrayField(models.CharField(max_length=40), default=list)
    points = models.BigIntegerField(null=True, blank=True)
    denominations = models.JSONField(default=list, blank=True)
    cost = models.JSONField(default=dict, blank=True)
    tiers = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    outlets = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    stock = models.CharField(max_length=10, choices=Stock, default=Stock.UNLIMITED)
    supplier = models.CharField(max_length=200, default="", blank=True)
    sku = models.CharField(max_length=200, default="", blank=True)
    valid_days = models.PositiveIntegerField(null=True, blank=True)
    limit_times = models.BigIntegerField(null=True, blank=True)
    limit_per = models.CharField(max_length=8, choices=Per, default="", blank=True)
    picture = models.CharField(max_length=200, default="", blank=True)
    paused = models.BooleanField(default=False)
    low_stock = models.PositiveIntegerField(null=True, blank=True)
    from_file = models.BooleanField(default=False, editable=False)
    search = SearchText(default="", editable=False)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program; a reward has one price, and stays what it is once somebody has it."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "code", name="reward_code_once"),
            models.CheckConstraint(
                name="reward_has_one_price",
                condition=models.Q(points=None) | models.Q(points__gt=0, denominations=[]),
            ),
            models.CheckConstraint(
                name="reward_limit_names_its_period",
                condition=models.Q(limit_times=None, limit_per="")
                | models.Q(limit_times__gt=0, limit_per__in=list(Per)),
            ),
            models.CheckConstraint(
                name="reward_of_a_supplier_names_it",
                condition=models.Q(stock=Stock.SUPPLIER) & ~models.Q(supplier="")
                | ~models.Q(stock=Stock.SUPPLIER) & models.Q(supplier="", sku=""),
            ),
        ]
        triggers: ClassVar = [
            *Translated.Meta.triggers,
            pgtrigger.Trigger(
                name="reward_stays_what_it_is",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("kind", "stock"),
                condition=pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind"))
                | pgtrigger.Q(old__stock__df=pgtrigger.F("new__stock")),
                func="""
                    PERFORM FROM rewards_reward WHERE id = OLD.id FOR UPDATE;  -- whoever redeems it now comes first
                    IF EXISTS (SELECT FROM rewards_redemption WHERE reward_id = OLD.id)
                        OR EXISTS (SELECT FROM rewards_voucher WHERE reward_id = OLD.id AND state <> 'stock') THEN
                        RAISE EXCEPTION 'members have reward % already: its kind and stock stay', OLD.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'reward_stays_what_it_is';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="codes_of_several_values_have_no_one_price",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("denominations"),
                condition=pgtrigger.Q(new__denominations=[]) & ~pgtrigger.Q(old__denominations=[]),
                func="""
                    IF EXISTS (
                        SELECT FROM rewards_voucher
                        WHERE reward_id = OLD.id AND state = 'stock' AND value_minor IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'codes in stock of reward % have values: it keeps denominations', OLD.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'codes_of_several_values_have_no_one_price';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        """Name the reward by its code."""
        return self.code

    @property
    def source(self) -> str | dict[str, str]:
        """Where pieces come from, as a program file says it."""
        if self.stock == Stock.SUPPLIER:
            return {"supplier": self.supplier, "sku": self.sku}
        return self.stock

    @property
    def pays_out(self) -> bool:
        """Whether it is money for the member's cashback wallet, and no code: its denomination, else its cost."""
        return self.kind == Kind.CASHBACK and self.stock in {Stock.UNLIMITED, Stock.GENERATED}

    @property
    def values(self) -> list[Value]:
        """What its denominations are worth; none where it has one price."""
        return [value_of(one) for one in self.denominations]

    def is_named(self, outlet: Outlet) -> bool:
        """Whether an outlet is one of those that the reward names, itself, its dealer or its kind, or it names none."""
        names = {outlet.code, outlet.kind, outlet.dealer.code if outlet.dealer else ""}
        return not self.outlets or not names.isdisjoint(self.outlets)

    def is_taken_at(self, outlet: Outlet) -> bool:
        """Whether an outlet takes its vouchers."""
        return outlet.market.code in self.markets and self.is_named(outlet)

    @property
    def definition(self) -> Mapping[str, Any]:
        """What a program file says of it besides texts, kind, category and brand; keys without a value are left out."""
        limit = {"times": self.limit_times, "per": self.limit_per} if self.limit_times else None
        if limit and limit["per"] == Per.LIFETIME:
            del limit["per"]
        said = {
            "markets": self.markets,
            "points": self.points,
            "denominations": self.denominations,
            "cost": self.cost,
            "tiers": self.tiers,
            "outlets": self.outlets,
            "stock": self.source,
            "valid_days": self.valid_days,
            "per_member": limit,
            "image": self.picture,
        }
        return {key: value for key, value in said.items() if value not in (None, "", [], {})}


class Shelf(models.Model):
    """A reward in one of its markets, narrow enough to search and count ten thousand at once.

    Written by triggers on rewards and markets alone (``rewards/sql/shelves.sql``); what is retired stands on none.
    ``points``: the price there, of several denominations the least; None = not to be bought there. ``first``: of the
    shelves of a reward that of its first market, for those who ask about no market. ``spread``: an order in which
    neighbours have little to do with each other.
    """

    reward = models.ForeignKey(Reward, models.CASCADE, related_name="shelves", db_index=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    market = models.CharField(max_length=40)
    category = models.CharField(max_length=40)
    brand = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    points = models.BigIntegerField(null=True)
    first = models.BooleanField()
    spread = models.IntegerField()
    search = models.TextField()

    class Meta:
        """Once a market; searched by trigrams."""

        constraints: ClassVar = [models.UniqueConstraint("reward", "market", name="shelf_once_a_market")]
        indexes: ClassVar = [
            models.Index(fields=["program", "market", "spread", "reward"], name="shelf_suggested"),
            models.Index(fields=["program", "market", "points", "reward"], name="shelf_by_points"),
            models.Index(fields=["program", "market", "reward"], name="shelf_newest"),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="shelf_search"),
        ]

    def __str__(self) -> str:
        """Name reward and market."""
        return f"{self.reward_id} {self.market}"


class Word(models.Model):
    """A word that rewards of a program say, folded; what a word that is not there is guessed to mean.

    Written by triggers on rewards alone (``rewards/sql/words.sql``).
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    word = models.TextField()

    class Meta:
        """Once a program; guessed by trigrams. It is written seldom, so its index is kept in order at once."""

        constraints: ClassVar = [models.UniqueConstraint("program", "word", name="word_once")]
        indexes: ClassVar = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="word_guessed", fastupdate=False)]

    def __str__(self) -> str:
        """The word."""
        return self.word
