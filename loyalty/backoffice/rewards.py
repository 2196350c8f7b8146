"""The catalogue in the office: looking, correcting, importing and exporting."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from modeltranslation.utils import build_localized_fieldname
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from core.models import Program, User
from core.refusals import Refusal
from core.rules.texts import is_file_name
from loyalty.backoffice.base import Texts
from loyalty.backoffice.budgets import csv_file
from loyalty.backoffice.cursors import CursorList
from loyalty.backoffice.reward_formats import FORMATS
from loyalty.backoffice.reward_imports import LOGGED, ROWS_AT_ONCE, KeptFile, errors_of, programs_of, start_import
from loyalty.backoffice.reward_judging import LANGUAGES, TEXTS, codes_of, entry_of, judged
from loyalty.backoffice.reward_sheets import SHOWN, RewardSheet
from loyalty.backoffice.stock import figured
from loyalty.display import formats
from loyalty.display.rewards import picture
from loyalty.display.stock_words import fault_words
from loyalty.operations.reports.tables import csv_text
from rewards.models import Reward, Voucher
from rewards.models.categories import Per, Stock, category_name
from rewards.rules.folding import words
from rewards.rules.pictures import MOST_BYTES, PictureFault, drawn_anew, name_of
from rewards.selectors.outlets import place_codes
from rewards.services.pictures import keep_picture

MOST_ERRORS = 2000
ERRORS = "reward-import-errors"  # in the session
CORRECTED = ("paused", "low_stock")
OWN = (
    "category",
    "brand",
    "points",
    "valid_days",
    "limit_times",
    "limit_per",
    "shown_picture",
    "upload",
    "picture",
    "outlets",
    "low_stock",
    "paused",
    "retired",
)

PLACES = gettext_lazy("Codes of outlets, dealers or kinds of outlets, with commas between; none: all of its markets.")
FIELD_OF = {
    "image": "picture",
    "denominations": "points",
    "per_member.times": "limit_times",
    "per_member.per": "limit_per",
    "per_member": "limit_times",
    **{f"{text}.{one}": build_localized_fieldname(text, one) for text in TEXTS for one in LANGUAGES},
}

PICTURE_FAULTS = {
    "too-large": gettext_lazy("The picture is larger than 5 MB. Make it smaller and choose it again."),
    "too-wide": gettext_lazy("The picture has more than 25 million pixels. Make it smaller and choose it again."),
    "no-picture": gettext_lazy("This file is no PNG, JPEG or WebP, or it is damaged. Choose another picture."),
}
CODES = Subquery(
    Voucher.objects.filter(reward=OuterRef("pk"), state=Voucher.State.STOCK)
    .order_by()
    .values("reward")
    .annotate(number=Count("pk"))
    .values("number")
)


class CategoryFilter(AllValuesFieldListFilter):
    """Categories by their names."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """All of them, and each in words."""
        everything, *each = super().choices(changelist)
        yield everything
        for one in each:
            yield {**one, "display": category_name(str(one["display"]))}


class RewardForm(forms.ModelForm[Reward]):
    """What is corrected by hand."""

    upload = forms.FileField(
        label=gettext_lazy("New picture"),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 5 MB. It takes the place of the path below."),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean_upload(self) -> bytes:
        """The picture, drawn anew; nothing where none was chosen."""
        file = self.cleaned_data["upload"]
        try:
            return drawn_anew(file.read(MOST_BYTES + 1)) if file else b""
        except PictureFault as fault:
            raise ValidationError(PICTURE_FAULTS[fault.code]) from None

    def clean_picture(self) -> str:
        """The path of a file in the folder of brands, there already or not."""
        name = str(self.cleaned_data["picture"])
        if name and not is_file_name(name):
            raise ValidationError(_("Write the path of a file such as brand/picture.webp, not an address."))
        return name

    def clean_outlets(self) -> list[str]:
        """Codes of outlets, dealers and kinds of outlets that the program has, or had when they were named."""
        found: list[str] = list(dict.fromkeys(filter(None, (code.strip() for code in self.cleaned_data["outlets"]))))
        if unknown := set(found) - place_codes(self.instance.program) - set(self.instance.outlets):  # retired since
            said = {"codes": _(", ").join(sorted(unknown))}
            raise ValidationError(_("No outlet, dealer or kind of outlet has this code: %(codes)s") % said)
        return found

    def clean(self) -> dict[str, Any]:
        """All of it by the grammar of program files; what was wrong before is not this correction's fault."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        program, codes = self.instance.program, codes_of(self.instance.program)
        before = entry_of(self.instance)
        if said.get("upload"):
            said["picture"] = name_of(said["upload"])
        if said.get("limit_times") and not said.get("limit_per", True):
            said["limit_per"] = Per.LIFETIME
        known = judged(program, before, codes)[1]
        for fault in judged(program, corrected(before, said), codes)[1]:
            if fault not in known:
                self._blame(*fault)
        return said

    def save(self, commit: bool = True) -> Reward:  # noqa: FBT001, FBT002 - as Django calls it
        """The row, and the picture that was chosen for it."""
        if self.cleaned_data.get("upload") and "picture" in self.fields:
            keep_picture(self.cleaned_data["upload"])
        return super().save(commit)

    def _blame(self, where: str, message: str) -> None:
        name = FIELD_OF.get(where, where.split("[", maxsplit=1)[0])
        shown = name in self.fields
        if name not in self.errors:
            self.add_error(name if shown else None, message if shown else f"{where}: {message}")


def corrected(entry: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a file with what a form says in place of what was; what is not valid by itself stays as it was."""
    item = {**entry, **{name: said[name] or None for name in ("category", "brand", "outlets") if name in said}}
    item |= {name: said[name] for name in ("points", "valid_days") if name in said}
    if "picture" in said:
        item["image"] = said["picture"] or None
    if {"limit_times", "limit_per"} <= said.keys():
        times, per = said["limit_times"], said["limit_per"] or None
        item["per_member"] = None if times is per is None else {"times": times, "per": per}
    for text in TEXTS:
        columns = {one: build_localized_fieldname(text, one) for one in LANGUAGES}
        given = {one: said[column] for one, column in columns.items() if column in said}
        item[text] = {one: words for one, words in ((item.get(text) or {}) | given).items() if words} or None
    return item


@admin.register(Reward)
class RewardAdmin(ImportExportMixin, Texts):
    """The catalogue. Rewards that a file brought can be corrected and paused; all others are made here."""

    list_display = ("code", "name", "brand", "shown_category", "kind", "shown_points", "stock", "in_stock", "program",
                    "paused", "retired")  # fmt: skip
    list_filter = ("program", "kind", ("category", CategoryFilter), "stock", "paused", "retired")
    shown_as: ClassVar[Mapping[str, str]] = {"cost": "shown_cost", "denominations": "shown_values"}
    search_fields = ("code",)
    list_select_related = ("program",)
    form = RewardForm
    texts: tuple[str, ...] = ("name", "text", "terms")
    hidden = ("search",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    resource_classes: ClassVar = [RewardSheet]
    import_form_class = ImportForm
    tmp_storage_class = KeptFile
    export_form_class = ExportForm
    show_change_form_export = False
    change_form_outer_before_template = "backoffice/reward_head.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rewards; in the list with the number of their codes."""
        rows: QuerySet[Any] = super().get_queryset(request)
        match = request.resolver_match
        return rows.annotate(codes=CODES) if match and (match.url_name or "").endswith("_changelist") else rows

    @admin.display(description=gettext_lazy("category"))
    def shown_category(self, row: Reward) -> str:
        """In words."""
        return category_name(row.category)

    @admin.display(description=gettext_lazy("points"))
    def shown_points(self, row: Reward) -> str:
        """Its price, or those of its values."""
        prices = sorted(one["points"] for one in row.denominations) or [row.points or 0]
        ends = dict.fromkeys((prices[0], prices[-1]))
        return " – ".join(map(formats.number, ends)) if prices[-1] else "–"

    @admin.display(description=gettext_lazy("in stock"))
    def in_stock(self, row: Any) -> str:
        """How many codes wait."""
        return formats.number(row.codes or 0) if row.stock == Stock.CODES else "–"

    @admin.display(description=gettext_lazy("picture now"))
    def shown_picture(self, row: Reward) -> str:
        """As members see it; ``–`` while they see the cover of the category."""
        address = picture(row)
        return format_html('<img src="{}" alt="" width="240" class="rounded-default">', address) if address else "–"

    @admin.display(description=gettext_lazy("cost"))
    def shown_cost(self, row: Reward) -> str:
        """What a piece costs us, by currency."""
        return _(", ").join(formats.amount(value, currency) for currency, value in row.cost.items()) or "–"

    @admin.display(description=gettext_lazy("denominations"))
    def shown_values(self, row: Reward) -> str:
        """The values that can be had, each with its price in points."""
        said = (
            f"{formats.amount(one['value'], one['currency'])}: {formats.number(one['points'])}"
            for one in row.denominations
        )
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in said)) or "–"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Codes of places in one line."""
        if db_field.name == "outlets":
            kwargs |= {"widget": UnfoldAdminTextInputWidget(), "help_text": PLACES}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page; of a reward whose pieces are codes with its figures."""
        row = self.get_object(request, object_id)
        more: dict[str, Any] = {**(extra_context or {})}
        if isinstance(row, Reward) and row.stock == Stock.CODES:
            (stocked,) = figured([row], row.program)
            more |= {"figures": stocked.figures, "level": stocked.level}
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CursorList]:
        """Page by cursor."""
        return CursorList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Words in any language, as members' search compares them."""
        for word in words(search_term):
            queryset = queryset.filter(search__contains=word)
        return queryset, False

    def _editable(self, obj: Model | None) -> Sequence[str]:
        return CORRECTED if getattr(obj, "from_file", True) else OWN

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """All that cannot be changed here."""
        fixed = super().get_readonly_fields(request, obj)
        return (*(name for name in fixed if name not in self._editable(obj)), "shown_picture")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[tuple[Any, dict[str, Any]]]:
        """What can be changed stands first."""
        fixed, *more = super().get_fieldsets(request, obj)
        first = [name for name in self._editable(obj) if name != "upload" or self.has_change_permission(request, obj)]
        rest = tuple(name for name in fixed[1]["fields"] if name not in first)
        return [(None, {"fields": tuple(first)}), (None, {"fields": rest}), *more]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Staff who may change rewards."""
        return bool(self._programs(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever may see rewards."""
        return self.has_view_permission(request)

    def get_import_formats(self) -> list[type[Any]]:
        """What can be read on this installation."""
        return list(FORMATS)

    def get_export_formats(self) -> list[type[Any]]:
        """What can be written."""
        return list(FORMATS)

    def _programs(self, request: HttpRequest) -> list[Program]:
        return programs_of(request.user) if isinstance(request.user, User) else []

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """For the programs in which the reader may change rewards."""
        return {**super().get_import_resource_kwargs(request, **kwargs), "programs": self._programs(request)}

    def get_import_data_kwargs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """All rows or none."""
        return {**super().get_import_data_kwargs(*args, **kwargs), "rollback_on_validation_errors": True}

    def get_urls(self) -> list[URLPattern]:
        """The errors of the last preview, besides."""
        own = path("import/errors/", self.admin_site.admin_view(self.errors), name="rewards_reward_import_errors")
        return [own, *super().get_urls()]

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        """What our formats say of a sheet; of one that they cannot open, that it is none."""
        form.add_error("import_file", str(e) if type(e) is ValueError else fault_words("not-a-table", ""))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The preview; where rows are wrong, all of their errors can be taken home."""
        response: Any = super().import_action(request, **kwargs)
        result = getattr(response, "context_data", {}).get("result")
        if result is not None and not _tell_errors(request, result):
            _tell_changes(request, result)
        return response  # type: ignore[no-any-return]

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was shown: a long sheet as a job, whose page is answered."""
        form = self.create_confirm_form(request)
        if not self.has_import_permission(request):
            raise PermissionDenied
        if not form.is_valid():
            messages.error(request, _("The file is not kept any more. Upload it again."))
            return redirect("admin:rewards_reward_import")
        try:
            return self._confirmed(request, form)
        except Refusal as refusal:
            messages.error(request, str(refusal.detail))
            return redirect("admin:rewards_reward_import")

    def _confirmed(self, request: HttpRequest, form: Any) -> HttpResponse:
        file, by = KeptFile(name=form.cleaned_data["import_file_name"]), request.user
        format_at = int(form.cleaned_data["format"])
        file.take()
        rows = file.dataset(format_at)
        if len(rows) > ROWS_AT_ONCE and isinstance(by, User):
            job = start_import(file=file, format_at=format_at, rows=rows, by=by)
            return redirect("admin:core_job_change", job.pk)
        result = self.process_dataset(rows, form, request)
        file.remove()
        response: HttpResponse = self.process_result(result, request)
        return response

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Say what was imported; or, where a row has become wrong since the preview, that nothing was."""
        if _tell_errors(request, result):
            return redirect("admin:rewards_reward_import")
        response: HttpResponse = super().process_result(result, request)
        return response

    def errors(self, request: HttpRequest) -> HttpResponse:
        """The errors of the last preview as a table."""
        return csv_file("errors", csv_text(("row", "code", "error"), request.session.get(ERRORS, [])))


def _tell_errors(request: HttpRequest, result: Any) -> bool:
    """Offer the errors of all rows, if any is wrong."""
    found = errors_of(result)
    if found:
        request.session[ERRORS] = found[:MOST_ERRORS]
        link = reverse("admin:rewards_reward_import_errors")
        text = _("Nothing was imported. Download the errors of every row")
        messages.error(request, format_html('<a href="{}" download>{}</a>', link, text))
    return bool(found)


def _tell_changes(request: HttpRequest, result: Any) -> None:
    """Say how many rows change, where not all of them are shown."""
    changes = sum(result.totals[name] for name in LOGGED)
    if changes > SHOWN:
        said = {"rows": formats.number(changes), "shown": formats.number(SHOWN)}
        messages.info(request, _("%(rows)s rows are new or change; the first %(shown)s are shown.") % said)
