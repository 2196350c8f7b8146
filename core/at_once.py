"""Migrations of many models: their state is rendered once, where Django renders it after every operation."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AtOnce(Operation):
    """Operations on models, one after the other in the database and as one for the state of the models.

    For operations of which none needs to see the state before the next: models that are made, triggers that are added.
    Each of a hundred of them would have half of the other models rendered anew (a tenth of a second of processor time).
    """

    def __init__(self, operations: Sequence[Any]) -> None:
        """Take operations that name a model."""
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As migrations are written down."""
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state unrendered, then render what these models touch, where anything was rendered before."""
        rendered = state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered
            state.reload_models([(app_label, _model_of(operation)) for operation in self.operations], delay=False)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """In order."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """The last one first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """For ``migrate --plan``."""
        return "; ".join(operation.describe() for operation in self.operations)


def _model_of(operation: Any) -> str:  # noqa: ANN401  # of Django, of pgtrigger
    name: str = getattr(operation, "model_name", None) or operation.name
    return name.lower()
