"""Movements of the ledger in a word or two, by their kind."""

from django.utils.translation import gettext_lazy as _

ENTRY_WORDS = {
    "award": _("Earned"),
    "spend": _("Spent"),
    "refund": _("Given back"),
    "reverse": _("Taken back"),
    "repay": _("Debt repaid"),
    "expire": _("Expired"),
    "mature": _("Became available"),
    "adjust": _("Adjusted"),
    "migrate": _("Brought along"),
    "transfer": _("Transferred"),
    "fund": _("Funded"),
}
