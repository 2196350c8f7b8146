"""Reconciliation: statements of suppliers and outlets, what they were matched with, and differences closed by two.

All of it is for roles that see the whole program: a statement names vouchers and orders of every place.
"""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.models import Program, User
from core.refusals import Refusal
from core.rules.money import to_minor, to_text
from loyalty.backoffice.budgets import chosen_program, csv_file
from loyalty.backoffice.simulations import DayInput
from loyalty.display.stock_words import ended_words, fault_words, problem_words
from loyalty.identity import rights
from loyalty.operations.reports.tables import csv_text
from rewards.models import Statement, StatementLine
from rewards.rules.statements import FORM
from rewards.selectors.statements import differences, totals
from rewards.services import differences as closing
from rewards.services import statements as service

LATEST, SHOWN = 50, 200
VIEW, CHANGE, APPROVE = "reconciliation.view", "reconciliation.change", "reconciliation.approve"
COLUMNS = ("line", "reference", "date", "amount", "expected", "difference", "match", "reason", "state", "note",
           "closed_by", "confirmed_by")  # fmt: skip
State = Statement.State


class StatementForm(forms.Form):
    """A statement and what it is about."""

    party = forms.ChoiceField(label=gettext_lazy("Of"), widget=UnfoldAdminSelectWidget)
    since = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    until = forms.DateField(label=gettext_lazy("Through"), widget=DayInput())
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, widget=UnfoldAdminTextInputWidget)
    tolerance = forms.DecimalField(
        label=gettext_lazy("Tolerance of an amount"), min_value=0, max_digits=12, initial=Decimal(0),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX, columns: reference, date, amount"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        """Offer the program's parties."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["party"]
        field.choices = [
            (label, [(f"{kind}:{code}", code) for code in service.parties(program, kind)])
            for kind, label in Statement.Kind.choices
        ]
        self.fields["currency"].initial = program.currency

    def clean_currency(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_file(self) -> Any:
        """Not larger than what is read."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > FORM.most_bytes:
            raise forms.ValidationError(fault_words("too-large", str(FORM.most_bytes // 1024 // 1024)))
        return file

    def heading(self) -> service.Heading:
        """What it is about. Raises: ValueError for more decimals than the currency has."""
        said = self.cleaned_data
        kind, _colon, party = said["party"].partition(":")
        tolerance = to_minor(said["tolerance"], said["currency"])
        return service.Heading(kind, party, said["since"], said["until"], said["currency"], tolerance)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The latest statements; a new one is uploaded here."""
    programs, program = chosen_program(request, VIEW, whole=True)
    imports = rights.may_everywhere(request.user, CHANGE, program)
    form = StatementForm(program, request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not imports:
            raise Http404
        uploaded = _uploaded(request, program, form) if form.is_valid() else None
        if uploaded:
            return redirect("admin:statement", uploaded.pk)
    rows = Statement.objects.filter(program=program).select_related("imported_by").order_by("-pk").defer("raw")
    context = {
        **admin.site.each_context(request),
        "title": _("Reconciliation"),
        "programs": programs,
        "program": program,
        "rows": rows[:LATEST],
        "form": form if imports else None,
        "open": differences(program).count(),
    }
    return TemplateResponse(request, "backoffice/statements.html", context)


def _uploaded(request: HttpRequest, program: Program, form: StatementForm) -> Statement | None:
    by, file = request.user, form.cleaned_data["file"]
    if not isinstance(by, User):
        raise Http404
    try:
        heading = form.heading()
        return service.upload_statement(
            program=program, heading=heading, file_name=file.name, raw=file.read(), by=by, at=timezone.now()
        )
    except ValueError:
        form.add_error("tolerance", _("More decimals than the currency has."))
    except Refusal as refusal:
        form.add_error(None, str(refusal.detail))
    return None


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement: what is in it, or what it was matched with."""
    row = _statement(request, pk, VIEW)
    lines = _lines(request, row)
    if request.GET.get("format") == "csv":
        return csv_file(f"statement-{row.pk}", csv_text(COLUMNS, [_cells(line, row) for line in lines.iterator()]))
    refused = row.lines.exclude(problem="").order_by("number")
    changes = rights.may_everywhere(request.user, CHANGE, row.program)
    context = {
        **admin.site.each_context(request),
        "title": str(row),
        "row": row,
        "program": row.program,
        "totals": totals(row),
        "lines": lines[:SHOWN],
        "refused": [(line, problem_words(line.problem, line.detail)) for line in refused[:SHOWN]],
        "fault": ended_words(row),
        "same": service.same_statement(row),
        "alive": row.state == State.READING,
        "decides": changes and row.state == State.PREVIEW,
        "retries": changes and row.state == State.MATCHED and row.lines.filter(state="open").exists(),
    }
    return TemplateResponse(request, "backoffice/statements/statement.html", context)


def _lines(request: HttpRequest, row: Statement) -> QuerySet[StatementLine]:
    rows = row.lines.filter(problem="").select_related("closed_by", "confirmed_by", "statement")
    match, reason = request.GET.get("match"), request.GET.get("reason")
    rows = rows.filter(match=match) if match else rows
    return (rows.filter(reason=reason) if reason else rows).order_by("number")


def _cells(line: StatementLine, row: Statement) -> tuple[object, ...]:
    amounts = [
        None if value is None else to_text(value, row.currency)
        for value in (line.amount_minor, line.expected_minor, line.difference_minor)
    ]
    people = [who.username if who else "" for who in (line.closed_by, line.confirmed_by)]
    return (line.number if line.number > 0 else None, line.reference, line.on, *amounts, line.match, line.reason,
            line.state, line.note, *people)  # fmt: skip


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Match what was shown, or forget it; or match once more what differs."""
    row, by, step = _statement(request, pk, CHANGE), request.user, request.POST.get("step")
    if step not in {"confirm", "discard", "again"} or not isinstance(by, User):
        raise Http404
    try:
        if step == "confirm":
            service.confirm_statement(statement=row, by=by, at=timezone.now())
            messages.success(request, _("The statement is matched."))
        elif step == "again":
            gone = service.match_again(statement=row)
            done = _("Matched again. Differences that are open no more: %(count)s") % {"count": gone}
            messages.success(request, done)
        else:
            service.discard_statement(statement=row)
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    return redirect("admin:statement", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """Differences that wait: one person says why they can be closed, another confirms."""
    programs, program = chosen_program(request, VIEW, whole=True)
    if request.method == "POST":
        return _settle(request, program)
    rows = differences(program).select_related("statement", "closed_by")
    context = {
        **admin.site.each_context(request),
        "title": _("Differences"),
        "programs": programs,
        "program": program,
        "rows": rows[:SHOWN],
        "all": rows.count(),
        "proposes": rights.may_everywhere(request.user, CHANGE, program),
        "confirms": rights.may_everywhere(request.user, APPROVE, program),
    }
    return TemplateResponse(request, "backoffice/statements/queue.html", context)


STEPS = {"propose": CHANGE, "confirm": APPROVE, "send-back": APPROVE}


def _settle(request: HttpRequest, program: Program) -> HttpResponse:
    step, by = request.POST.get("step", ""), request.user
    if step not in STEPS or not isinstance(by, User) or not rights.may_everywhere(by, STEPS[step], program):
        raise Http404
    asked = [int(pk) for pk in request.POST.getlist("line") if pk.isdecimal() and len(pk) < 19][:SHOWN]  # noqa: PLR2004
    lines = differences(program).filter(pk__in=asked)
    try:
        if step == "propose":
            done = closing.propose_closing(lines=lines, by=by, note=request.POST.get("note", ""), at=timezone.now())
        elif step == "confirm":
            done = closing.confirm_closing(lines=lines, by=by, at=timezone.now())
        else:
            done = closing.send_back(lines=lines)
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    else:
        told = messages.SUCCESS if done and done == len(asked) else messages.WARNING
        said = _("Differences changed: %(count)s of %(asked)s") % {"count": done, "asked": len(asked)}
        messages.add_message(request, told, said)
    return redirect(f"{reverse('admin:differences')}?program={program.code}")


def _statement(request: HttpRequest, pk: int, permission: str) -> Statement:
    rows = Statement.objects.select_related("program", "imported_by", "matched_by", "job").defer("raw")
    row = rows.filter(pk=pk).first()
    if row is None or not rights.may_everywhere(request.user, permission, row.program):
        raise Http404
    return row
