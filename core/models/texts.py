"""Configuration with texts that operators write in several languages."""

from modeltranslation.manager import MultilingualManager

from core.models.revisions import Revised


class Translated(Revised):
    """Base of configuration rows whose texts have one column a language (each app's ``translation.py`` names them)."""

    objects = MultilingualManager()

    class Meta(Revised.Meta):
        """Abstract; the triggers are inherited."""

        abstract = True
