"""What points are called: one text a language, or the forms in which the language counts."""

from typing import Any

from babel import Locale

from loyalty.operations.program_file.schema import BAD, Reading, meant, shown
from loyalty.operations.program_file.values import LANGUAGES, Text

OTHER = "other"


class Counted(Text):
    """A ``Text`` whose languages may give forms instead: ``{one: point, other: points}`` (CLDR plural categories)."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """A map of languages; a language has a text, or forms of which ``other`` is one."""
        if not isinstance(value, dict):
            return super().read(value, path, to)
        forms = {language: texts for language, texts in value.items() if isinstance(texts, dict)}
        names = super().read({**value, **dict.fromkeys(forms, OTHER)}, path, to)
        read = {language: self._forms(language, texts, f"{path}.{language}", to) for language, texts in forms.items()}
        return BAD if names is BAD else {language: read.get(language, name) for language, name in names.items()}

    def _forms(self, language: str, texts: dict[str, Any], path: str, to: Reading) -> Any:  # noqa: ANN401
        """The forms in their order; the text itself where the only form is ``other``."""
        known = categories(language)
        for category in texts.keys() - set(known):
            to.fault(f"{path}.{category}", f"{shown(category)} is no form of {language}{meant(str(category), known)}")
        if OTHER not in texts:
            return to.fault(path, "other is missing: the form that every language has")
        fine = {name: texts[name] for name in known if name in texts and self._fine(texts[name], f"{path}.{name}", to)}
        return fine.get(OTHER) if fine.keys() == {OTHER} else fine


def categories(language: str) -> list[str]:
    """The plural categories of a language, ``other`` last."""
    return [*sorted(Locale.parse(language).plural_form.tags), OTHER] if language in LANGUAGES else [OTHER]
