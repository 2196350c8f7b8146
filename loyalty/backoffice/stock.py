"""Codes in stock: how many there are, and lists of them taken in after a look."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.models import Program, User
from core.refusals import Refusal
from core.rules.money import to_text
from loyalty.backoffice.budgets import chosen_program, csv_file
from loyalty.display.stock_words import ended_words, fault_words, problem_words
from loyalty.identity import rights
from loyalty.operations.reports.tables import csv_text
from rewards.models import CodeBatch, CodeLine, Reward, StockLevel
from rewards.models.categories import Stock
from rewards.rules.code_lists import FORM
from rewards.rules.folding import words
from rewards.selectors.stock_figures import StockFigures, Worth, stock_figures, value_figures
from rewards.services import code_lists

A_PAGE, LATEST, SHOWN = 50, 20, 100
VIEW, CHANGE = "rewards.view", "rewards.change"
COLUMNS = ("reward", "value", "in_stock", "low_stock", "issued", "open", "used", "void", "expired", "lapsed")


class ValueStock(NamedTuple):
    """The codes of a reward that are worth so much; those that are of no value on sale are given to nobody."""

    minor: int | None
    currency: str
    on_sale: bool
    figures: StockFigures
    level: int


class Stocked(NamedTuple):
    """A reward with the figures of its codes, and what was told of them; each value, where it has values."""

    reward: Reward
    figures: StockFigures
    level: int
    values: Sequence[ValueStock]


class FileForm(forms.Form):
    """A list of codes."""

    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX, columns: code, pin, expires_on, value"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """Not larger than what is read."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > FORM.most_bytes:
            raise forms.ValidationError(fault_words("too-large", str(FORM.most_bytes // 1024 // 1024)))
        return file


def today(program: Program) -> date:
    """The day of a program."""
    return timezone.now().astimezone(ZoneInfo(program.timezone)).date()


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Rewards whose pieces are codes, with their figures; those that run out can be asked for alone."""
    programs, program = chosen_program(request, VIEW)
    rows = _counted(program)
    if request.GET.get("format") == "csv":
        return csv_file(f"stock-{program.code}", csv_text(COLUMNS, _table(list(rows), program)))
    for word in words(request.GET.get("q", "")):
        rows = rows.filter(search__contains=word)
    if request.GET.get("low"):
        rows = rows.filter(Exists(StockLevel.objects.filter(reward=OuterRef("pk"), level__gt=0)))
    found = list(rows.filter(code__gt=request.GET.get("after", ""))[: A_PAGE + 1])
    context = {
        **admin.site.each_context(request),
        "title": _("Codes in stock"),
        "programs": programs,
        "program": program,
        "rows": figured(found[:A_PAGE], program),
        "after": found[A_PAGE - 1].code if len(found) > A_PAGE else "",
        "q": request.GET.get("q", ""),
        "low": request.GET.get("low", ""),
    }
    return TemplateResponse(request, "backoffice/stock.html", context)


def _counted(program: Program) -> QuerySet[Reward]:
    return Reward.objects.filter(program=program, stock=Stock.CODES, retired=False).order_by("code")


def figured(rows: list[Reward], program: Program) -> list[Stocked]:
    """Rewards with their figures and how far their codes have run down; one query, one more where some have values."""
    day = today(program)
    figures = stock_figures(reward_ids=[row.pk for row in rows], day=day)
    by_value = value_figures(reward_ids=[row.pk for row in rows if row.denominations], day=day)
    return [_stocked(row, figures[row.pk], by_value.get(row.pk, {})) for row in rows]


def _stocked(row: Reward, figures: StockFigures, found: Mapping[Worth, StockFigures]) -> Stocked:
    """Values on sale come first, then what codes are worth besides."""
    on_sale: list[Worth] = [*row.values]
    values = [_value(row, worth, found, on_sale=True) for worth in on_sale]
    level = max((one.level for one in values), default=level_of(row, figures))
    if row.denominations:
        rest = sorted((worth for worth in found if worth not in on_sale), key=str)
        values += [_value(row, worth, found, on_sale=False) for worth in rest]
    return Stocked(row, figures, level, values)


def _value(row: Reward, worth: Worth, found: Mapping[Worth, StockFigures], *, on_sale: bool) -> ValueStock:
    figures = found.get(worth, StockFigures())
    return ValueStock(*worth, on_sale, figures, level_of(row, figures) if on_sale else 0)


def level_of(row: Reward, figures: StockFigures) -> int:
    """How far the codes have run down, by what is left now."""
    if not figures.in_stock:
        return int(StockLevel.Level.OUT)
    low = row.low_stock is not None and figures.in_stock <= row.low_stock
    return int(StockLevel.Level.LOW if low else StockLevel.Level.ENOUGH)


def _table(rows: list[Reward], program: Program) -> list[tuple[object, ...]]:
    return [
        (one.reward.code, said, of.in_stock, one.reward.low_stock, of.issued, of.open, of.used, of.void, of.expired,
         of.lapsed)
        for one in figured(rows, program) for said, of in _lines(one)
    ]  # fmt: skip


def _lines(one: Stocked) -> list[tuple[str, StockFigures]]:
    """What stands in a table of one's own: a line a reward, or a line a value."""
    lines = [(to_text(v.minor, v.currency) + f" {v.currency}" if v.minor else "", v.figures) for v in one.values]
    return lines or [("", one.figures)]


@require_http_methods(["GET", "HEAD", "POST"])
def reward(request: HttpRequest, pk: int) -> HttpResponse:
    """One reward's figures and lists; a new list is uploaded here."""
    row = Reward.objects.select_related("program").filter(pk=pk).first()
    if row is None or not rights.may(request.user, VIEW, row.program):
        raise Http404
    loads = rights.may_everywhere(request.user, CHANGE, row.program) and row.stock == Stock.CODES
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not loads:
            raise Http404
        if form.is_valid():
            return redirect("admin:stock_list", _uploaded(request, row, form.cleaned_data["file"]).pk)
    lists = row.code_batches.select_related("uploaded_by").order_by("-pk").defer("raw")
    (stocked,) = figured([row], row.program)
    context = {
        **admin.site.each_context(request),
        "title": row.name,
        "reward": row,
        "program": row.program,
        "figures": stocked.figures,
        "level": stocked.level,
        "values": stocked.values,
        "lists": lists[:LATEST],
        "form": form if loads else None,
    }
    return TemplateResponse(request, "backoffice/stock/reward.html", context)


def _uploaded(request: HttpRequest, row: Reward, file: Any) -> CodeBatch:
    by, raw = request.user, file.read()
    if not isinstance(by, User):
        raise Http404
    return code_lists.upload_codes(reward=row, file_name=file.name or "", raw=raw, by=by, at=timezone.now())


@require_GET
def one_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A list: how far it is, what of it would be taken in, and every refused row."""
    batch = _batch(request, pk, VIEW)
    refused = CodeLine.objects.filter(batch=batch).exclude(problem="").order_by("number")
    if request.GET.get("format") == "csv":
        lines = [(row.number, row.shown, problem_words(row.problem, row.detail)) for row in refused.iterator()]
        return csv_file(f"refused-{batch.pk}", csv_text(("row", "code", "error"), lines))
    context = {
        **admin.site.each_context(request),
        "title": batch.file_name,
        "batch": batch,
        "reward": batch.reward,
        "fault": ended_words(batch),
        "refused": [(row, problem_words(row.problem, row.detail)) for row in refused[:SHOWN]],
        "same": code_lists.same_file(batch),
        "alive": batch.state in {CodeBatch.State.READING, CodeBatch.State.LOADING},
        "decides": batch.state == CodeBatch.State.PREVIEW
        and rights.may_everywhere(request.user, CHANGE, batch.reward.program),
    }
    return TemplateResponse(request, "backoffice/stock/list.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in what was shown, or forget it."""
    batch, by, step = _batch(request, pk, CHANGE), request.user, request.POST.get("step")
    if step not in {"confirm", "discard"} or not isinstance(by, User):
        raise Http404
    try:
        if step == "confirm":
            batch = code_lists.confirm_codes(batch=batch, by=by, at=timezone.now())
        else:
            code_lists.discard_codes(batch=batch)
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
        return redirect("admin:stock_list", pk)
    if batch.state == CodeBatch.State.LOADED:
        messages.success(request, _("The codes are in stock."))
    return redirect("admin:stock_list", pk) if step == "confirm" else redirect("admin:stock_reward", batch.reward_id)


def _batch(request: HttpRequest, pk: int, permission: str) -> CodeBatch:
    rows = CodeBatch.objects.select_related("reward__program", "uploaded_by", "loaded_by", "job").defer("raw")
    batch = rows.filter(pk=pk).first()
    if batch is None or not rights.may(request.user, permission, batch.reward.program, whole=permission == CHANGE):
        raise Http404
    return batch
