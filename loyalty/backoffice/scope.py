"""The office shows what its reader's roles give: rows, filters' choices and the choices of forms."""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse

from loyalty.identity import rights


class VisibleFilter(RelatedFieldListFilter):
    """A filter by another model that offers the rows its reader may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        """Rows of the other model within the reader's scope."""
        rows = rights.visible(request.user, field.remote_field.model._default_manager.all())
        return [(row.pk, str(row)) for row in rows.order_by("pk")]


class Scoped:
    """Rights of a model's pages. Mixed into admin classes; ``self`` has their attributes."""

    model: type[Model]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that the reader may see; all others do not exist for it."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rights.visible(request.user, rows)

    def _get_obj_does_not_exist_redirect(self, *_args: Any) -> HttpResponse:
        """What does not exist for the reader is not found, whoever else may see it."""
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the model has a place in the menu."""
        return rights.may_view(request.user, self.model)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may see the model, and this row of it."""
        return rights.may_view(request.user, self.model, obj)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Filters by other models offer what may be seen; one with a single choice says nothing."""
        chosen = super().get_list_filter(request)  # type: ignore[misc]
        return [self._scoped(name) for name in chosen if self._worth(request, name)]

    def _scoped(self, name: Any) -> Any:
        return (name, VisibleFilter) if isinstance(name, str) and _related(self.model, name) else name

    def _worth(self, request: HttpRequest, name: Any) -> bool:
        return name != "program" or len(rights.programs_of(request.user)) > 1

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Forms offer what may be seen."""
        related = db_field.remote_field.model
        kwargs.setdefault("queryset", rights.visible(request.user, related._default_manager.all()))
        field: ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return field


def _related(model: type[Model], name: str) -> bool:
    field: Field[Any, Any] | Any = model._meta.get_field(name.split("__", maxsplit=1)[0])
    return "__" not in name and bool(field.remote_field)
