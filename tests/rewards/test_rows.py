"""A row is what is stored of it: nothing hangs on it for the time of a call."""

from django.apps import apps

ROOMS = {"core", "ledger", "dealers", "members", "rewards", "campaigns", "insights", "loyalty"}


def test_no_model_has_an_attribute_that_is_no_column() -> None:
    rows = [model for model in apps.get_models() if model.__module__.partition(".")[0] in ROOMS]
    loose = {
        f"{model.__name__}.{name}"
        for model in rows
        for name, value in vars(model).items()
        if not name.startswith("_") and isinstance(value, bool | int | str | float | None)
    }
    assert loose == set()
