"""How the back office shows rows: texts of configuration can be edited, records can only be read."""

from typing import ClassVar

from django.db.models import Model
from django.http import HttpRequest
from modeltranslation.admin import TranslationAdmin
from unfold.admin import ModelAdmin

from loyalty.backoffice.paging import EstimatedPaginator

ROWS_A_PAGE = 50


class ReadOnly(ModelAdmin):
    """Rows that services and program files write. Nothing is counted for display, so a page of millions opens fast."""

    list_per_page = ROWS_A_PAGE
    show_full_result_count = False
    list_filter_submit = True
    paginator = EstimatedPaginator
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Rows come from services and program files, which check them as a whole."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Read only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Rows stay: what members earned names them."""
        return False


class Texts(ReadOnly, TranslationAdmin):  # type: ignore[misc,type-arg]
    """Configuration from a program file, whose texts can be corrected here; everything else is shown."""

    ordering: ClassVar[tuple[str, ...]] = ("program", "code")
    texts: tuple[str, ...] = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Staff with the right to change the model."""
        return bool(ModelAdmin.has_change_permission(self, request, obj))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What is fixed first, then the texts in every language."""
        return (*self.get_readonly_fields(request, obj), *self.texts)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """All columns but the texts."""
        return tuple(field.name for field in self.opts.fields if not field.name.startswith(self.texts))
