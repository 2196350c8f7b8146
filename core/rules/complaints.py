"""What rules complain of. They know no language: they hand on a template, and what stands in it."""

from typing import NewType

Template = NewType("Template", str)  # stands in the catalogues of all languages


def gettext_noop(text: str) -> Template:
    """The text itself, marked: ``scripts/catalogues.py`` finds it here, ``core.refusals.told`` says it."""
    return Template(text)


class Complaint(Exception):
    """What is wrong with a value, in a sentence: English as its text, any language by ``core.refusals.told``."""

    def __init__(self, template: Template, **values: object) -> None:
        """Say what is wrong; ``values`` stand at ``%(name)s``."""
        super().__init__(template % values)
        self.template = template
        self.values = values
