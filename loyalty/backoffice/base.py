"""How the back office shows rows: texts of configuration can be edited, records can only be read."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import JSONField, Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from modeltranslation.fields import TranslationField
from unfold.admin import ModelAdmin, TabularInline

from core.models import Program
from loyalty.backoffice.columns import readable
from loyalty.backoffice.cursors import CursorList
from loyalty.backoffice.scope import Scoped
from loyalty.identity import rights

ROWS_A_PAGE = 50


class ReadOnly(Scoped, ModelAdmin):
    """Rows that services and program files write; ``shown_as`` names what shows a column in its place."""

    shown_as: ClassVar[Mapping[str, str]] = {}
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

    def history_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was done, in the reader's language: it is written down in English, marked by ``gettext_noop``."""
        response: HttpResponse = super().history_view(*args, **kwargs)
        if isinstance(response, TemplateResponse):
            for entry in (response.context_data or {}).get("action_list", ()):
                if not entry.change_message.startswith("["):  # else it is Django's own, which translates it
                    entry.change_message = gettext(entry.change_message)
        return response

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[tuple[Any, dict[str, Any]]]:
        """As they are declared, with JSON as people read it."""
        found = super().get_fieldsets(request, obj)
        return [(title, {**options, "fields": self._readable(options["fields"])}) for title, options in found]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """As they are declared, with JSON as people read it."""
        return self._readable(super().get_readonly_fields(request, obj))

    def _readable(self, names: Iterable[Any]) -> tuple[Any, ...]:
        documents = {field.name: readable(field) for field in self.opts.fields if isinstance(field, JSONField)}
        shown = {**documents, **self.shown_as}
        return tuple(shown.get(name, name) for name in names)


class Bounded(ModelAdmin):
    """``bounds``: the least and the most that numbers may be, which the database would refuse by a name of its own."""

    bounds: ClassVar[Mapping[str, Mapping[str, int]]] = {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field, with its bounds."""
        return super().formfield_for_dbfield(db_field, request, **kwargs, **self.bounds.get(db_field.name, {}))


class Records(ReadOnly):
    """Rows of which there are millions: a page costs the same wherever it is, and whatever the number."""

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

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """All columns but the texts."""
        return self._readable(field.name for field in self.opts.fields if self._fixed(field))

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
