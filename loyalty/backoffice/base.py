"""How the back office shows rows: texts of configuration can be edited, records can only be read."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from modeltranslation.fields import TranslationField
from unfold.admin import ModelAdmin, TabularInline

from core.models import Program
from loyalty.backoffice.cursors import CursorList, CursorPaginator
from loyalty.backoffice.scope import Scoped
from loyalty.identity import rights

ROWS_A_PAGE = 50


class ReadOnly(Scoped, ModelAdmin):
    """Rows that services and program files write."""

    list_per_page = ROWS_A_PAGE
    list_fullwidth = True
    compressed_fields = True
    show_full_result_count = False
    actions = None
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from services and program files, which check them as a whole."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows stay: what members earned names them."""
        return False


class Records(ReadOnly):
    """Rows of which there are millions: a page costs the same wherever it is, and whatever the number."""

    paginator = CursorPaginator
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CursorList]:
        """Page by cursor."""
        return CursorList


class Texts(ReadOnly):
    """Configuration from a program file, whose texts can be corrected here; everything else is shown."""

    ordering: ClassVar[tuple[str, ...]] = ("program", "code")
    texts: tuple[str, ...] = ("name",)
    hidden: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Staff with the right to change the model."""
        return rights.may_change(request.user, self.model, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[tuple[Any, dict[str, Any]]]:
        """What is fixed first, then a tab a language."""
        fixed = (None, {"fields": self.get_readonly_fields(request, obj)})
        return [fixed, *(self._tab(code, name) for code, name in settings.LANGUAGES if self._spoken(code, obj))]

    def _tab(self, code: str, name: str) -> tuple[str, dict[str, Any]]:
        fields = [field.name for field in self._translations() if field.language == code]
        return name, {"fields": fields, "classes": ["tab"]}

    def _spoken(self, code: str, obj: Model | None) -> bool:
        program = obj if isinstance(obj, Program) else getattr(obj, "program", None)
        return program is None or code in program.languages

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Texts run in the direction of what is written."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(db_field, TranslationField):
            field.widget.attrs["dir"] = "auto"
        return field

    def _translations(self) -> list[TranslationField]:
        columns = [field for field in self.opts.fields if isinstance(field, TranslationField)]
        return [field for text in self.texts for field in columns if field.translated_field.name == text]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """All columns but the texts."""
        return tuple(field.name for field in self.opts.fields if self._fixed(field))

    def _fixed(self, field: Any) -> bool:
        if isinstance(field, TranslationField) or field.primary_key:
            return False
        return field.name not in {*self.texts, *self.hidden}


class Part(Scoped, TabularInline):
    """Rows that belong to another one, read only, in a tab of its page."""

    extra = 0
    max_num = 0
    can_delete = False
    tab = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may see rows of the model; ``obj`` is the row that they belong to, not one of them."""
        return rights.may_view(request.user, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read only."""
        return False
