"""The question why, which staff answer before a step that is kept with its reason."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.reasons import LONGEST_REASON


class ReasonForm(forms.Form):
    """Why a step is taken; templates/backoffice/reason.html draws it."""

    because = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, widget=UnfoldAdminTextInputWidget)
