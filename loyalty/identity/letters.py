"""The mails about signing in: short, in the reader's language, in the program's colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from core.models import Program

PRODUCT = "Loyalty"
INK = "#2b3a67"
NOT_YOU = _("If this was not you, sign in and change your password, or write to us.")
IGNORE = _("If you did not ask for it, ignore this mail: nobody gets in without the code.")
HOLDS = _("It holds for ten minutes. Tell it to nobody: we never ask for it.")


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: subject, what comes before the code or link, the link's words, what comes after."""

    subject: Promise
    before: Promise
    after: tuple[Promise, ...] = ()
    link: str = ""
    link_text: Promise | str = ""


def _code(subject: Promise, before: Promise) -> Words:
    return Words(subject, before, (HOLDS, IGNORE))


def _told(subject: Promise, before: Promise) -> Words:
    return Words(subject, before, (NOT_YOU,))


LETTERS: Mapping[str, Words] = {
    "account/email/login_code": _code(
        _("%(code)s is your code for %(name)s"), _("Type this code to sign in to %(name)s:")
    ),
    "account/email/email_confirmation": _code(
        _("%(code)s confirms your e-mail address"), _("Type this code to use this address with %(name)s:")
    ),
    "account/email/password_reset_code": _code(
        _("%(code)s lets you choose a new password"), _("Type this code to choose a new password for %(name)s:")
    ),
    "account/email/unknown_account": Words(
        _("You have no account at %(name)s yet"),
        _("Somebody asked for a new password for this address. There is no account with it. You may join any time:"),
        (_("If it was not you, ignore this mail: nothing has changed."),),
        "signup_url",
        _("Join %(name)s"),
    ),
    "account/email/account_already_exists": Words(
        _("This address signs in already"),
        _("Somebody tried to use this address at %(name)s. It signs in to your own account; nothing has changed."),
        (_("If it was you: sign in with this address, and you are there."),),
    ),
    "account/email/email_changed": _told(
        _("Your e-mail address was changed"),
        _("You now sign in to %(name)s with %(to_email)s, no more with this address."),
    ),
    "account/email/email_deleted": _told(
        _("An e-mail address was removed"), _("%(deleted_email)s does not sign in to %(name)s any more.")
    ),
    "account/email/email_confirm": _told(
        _("Your e-mail address is confirmed"), _("This address now signs in to %(name)s.")
    ),
    "account/email/password_changed": _told(
        _("Your password was changed"), _("The password of your account at %(name)s was changed.")
    ),
    "account/email/password_set": _told(
        _("Your password was set"), _("Your account at %(name)s has a password now.")
    ),
    "account/email/password_reset": _told(
        _("Your password was changed"), _("The password of your account at %(name)s was changed.")
    ),
    "mfa/email/totp_activated": _told(
        _("Your authenticator app is set up"),
        _("Your account at %(name)s now asks for a code of your authenticator app."),
    ),
    "mfa/email/totp_deactivated": _told(
        _("Your authenticator app was removed"),
        _("Your account at %(name)s does not ask for a code of your authenticator app any more."),
    ),
    "mfa/email/recovery_codes_generated": _told(
        _("You have new recovery codes"),
        _("New recovery codes were made for your account at %(name)s. The old ones are void."),
    ),
}  # fmt: skip


def sender(program: Program | None) -> str:
    """Whom letters come from: the program's name, the installation's address."""
    return formataddr((program.name if program else PRODUCT, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def letter(
    kind: str,
    to: Sequence[str],
    values: Mapping[str, Any],
    *,
    program: Program | None,
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """A letter of this kind, as text and as HTML, in the language that is spoken now."""
    words = LETTERS[kind]
    named = {**values, "name": program.name if program else PRODUCT}
    shown = {
        "title": str(words.subject) % named,
        "before": str(words.before) % named,
        "after": [str(line) % named for line in words.after],
        "code": values.get("code", ""),
        "link": values.get(words.link, ""),
        "link_text": str(words.link_text) % named,
        "name": named["name"],
        "ink": program.brand.get("primary", INK) if program else INK,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    text = render_to_string("account/letter.txt", shown)
    found = EmailMultiAlternatives(shown["title"], text, sender(program), list(to), headers=dict(headers or {}))
    found.attach_alternative(render_to_string("account/letter.html", shown), "text/html")
    return found
