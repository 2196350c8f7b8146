"""The program itself, its rates, and how tiers are judged."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, override

from django.db.models import F

from core.models import Program, Rate
from core.services.terms import put_terms
from loyalty.operations.program_file.grammar.points import OTHER
from loyalty.operations.program_file.sections.base import Item, Section, Writing, text_columns, texts_of, upsert
from loyalty.operations.program_file.values import plain


def program_columns(item: Item) -> dict[str, Any]:
    """The columns of a program, besides its code and what other sections write."""
    points = item["points"]
    return {
        **text_columns("name", item["name"]),
        **points_columns(points["name"]),
        "languages": item["languages"],
        "currency": item["currency"],
        "timezone": item["timezone"],
        "points_expire": points.get("expire", "never"),
        "pending_days": points.get("pending_days", 0),
        "liability_value": Decimal(points.get("liability_value", 0)),
        "reversal": item.get("reversal", "debt"),
        "holdout_percent": Decimal(item.get("holdout", 0)),
        "brand": item.get("brand", {}),
        "joining": item.get("joining", {}),
    }


def points_columns(names: Mapping[str, str | Mapping[str, str]]) -> dict[str, Any]:
    """What points are called: the form ``other`` as the text, those for certain numbers beside it."""
    forms = {language: dict(texts) for language, texts in names.items() if not isinstance(texts, str)}
    texts = {language: text if isinstance(text, str) else text[OTHER] for language, text in names.items()}
    few = {language: {name: text for name, text in by.items() if name != OTHER} for language, by in forms.items()}
    return {**text_columns("points_name", texts), "points_forms": few}


def points_names(program: Program) -> dict[str, str | dict[str, str]]:
    """The other way round."""
    forms = program.points_forms
    texts = texts_of(program, "points_name", program.languages)
    return {code: {**forms[code], OTHER: text} if code in forms else text for code, text in texts.items()}


class ProgramSection(Section):
    """``program``."""

    name: ClassVar = "program"

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """One, by its code."""
        return {document["program"]["code"]: document["program"]} if "program" in document else {}

    def read(self, program: Program) -> Item:
        """The program's own columns."""
        return {
            "code": program.code,
            "name": texts_of(program, "name", program.languages),
            "languages": program.languages,
            "currency": program.currency,
            "timezone": program.timezone,
            "points": {
                "name": points_names(program),
                "expire": program.points_expire,
                "pending_days": program.pending_days,
                "liability_value": plain(program.liability_value),
            },
            "reversal": program.reversal,
            "holdout": plain(program.holdout_percent),
            "brand": program.brand,
            "joining": program.joining,
            "terms": texts_of(program.terms, "text", program.languages) if program.terms else None,
        }

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """The row exists; it was locked or made before anything else."""
        for item in items.values():
            columns = program_columns(item)
            Program.objects.filter(pk=to.program.pk).update(revision=F("revision") + 1, **columns)
            to.program.refresh_from_db()
            put_terms(program=to.program, text=text_columns("text", item.get("terms")), at=to.at)

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """A program is never retired by its own file."""


class TierReviewSection(Section):
    """``tiers.review`` and ``tiers.downgrade``."""

    name: ClassVar = "tier_review"

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """One, without a code."""
        tiers = document.get("tiers", {})
        return {"": {key: tiers[key] for key in ("review", "downgrade")}} if tiers else {}

    def read(self, program: Program) -> Item:
        """The window in ``review``, as a file has it."""
        stored = program.tier_review
        return {"review": {"window": stored["window"]}, "downgrade": stored["downgrade"]} if stored else {}

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """Kept with the program: ``{"window", "downgrade": {"style", "grace_days"?}}``."""
        review = {**items[""]["review"], "downgrade": items[""]["downgrade"]}
        self._store(to, review)

    def _store(self, to: Writing, review: Item) -> None:
        Program.objects.filter(pk=to.program.pk).update(revision=F("revision") + 1, tier_review=review)

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """No tiers, no review."""
        self._store(to, {})


class RatesSection(Section):
    """``rates``, by currency and first day."""

    name: ClassVar = "rates"

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Each has a currency and a day for a code."""
        return {f"{rate['currency']}@{rate['from']}": rate for rate in document.get("rates", [])}

    def read(self, program: Program) -> list[Item]:
        """Every rate."""
        return [
            {"currency": rate.currency, "from": rate.valid_from.isoformat(), "rate": plain(rate.rate)}
            for rate in program.rates.all()
        ]

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """One statement."""
        columns = [
            {"currency": i["currency"], "valid_from": date.fromisoformat(i["from"]), "rate": Decimal(i["rate"])}
            for i in items.values()
        ]
        rows = [Rate(program=to.program, **row) for row in columns]
        upsert(Rate, rows, columns, ("program", "currency", "valid_from"))

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """A rate that is taken back is deleted; amounts that were computed with it keep it, and history knows it."""
        for code in codes:
            currency, _, day = code.partition("@")
            to.program.rates.filter(currency=currency, valid_from=day).delete()
